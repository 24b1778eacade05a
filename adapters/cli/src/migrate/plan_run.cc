// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate/plan_run.h"

#include <memory>

#include "console.h"
#include "internal/macros.h"
#include "migrate/run_report.h"

namespace offsetstore::cli {
namespace {

std::string KeptAt(const Planning& planning, const RunArguments& arguments) {
  if (!planning.plan_out.empty() || !arguments.execute) return planning.plan_out;
  return arguments.files.Plan(planning.header.id);
}

/// Plans into `path` (empty: into nothing), showing each group where `report` is given.
Status PlanInto(const Planning& planning, const std::string& path, RunReport* report) {
  std::unique_ptr<migration::PlanWriter> writer;
  if (!path.empty()) {
    OS_ASSIGN_OR_RETURN(writer, migration::PlanWriter::Create(path, planning.header));
  }
  const auto emit = [&](const migration::GroupPlan& group) -> Status {
    if (writer != nullptr) {
      if (Status added = writer->Add(group); !added) return added;
    }
    return report == nullptr ? Status() : report->Show(group);
  };
  OS_RETURN_IF_ERROR(planning.make(emit));
  return writer == nullptr ? Status() : writer->Finish();
}

ExitCode ShowPlan(const Planning& planning, const RunArguments& arguments) {
  RunReport report(planning.header, arguments.form, arguments.details, false);
  const Status made = PlanInto(planning, planning.plan_out, &report);
  if (!made) return FailRun(made.error());
  const ExitCode printed = report.End();
  Tell(arguments, report.Summary());
  Tell(arguments,
       planning.plan_out.empty()
           ? std::string("note: nothing was changed; add --execute to do this")
           : "note: nothing was changed; the plan is in " + planning.plan_out +
                 ": review it, then: offsetctl apply " + planning.plan_out + " ... --execute");
  return report.Code() != ExitCode::kDone ? report.Code() : printed;
}

}  // namespace

Status Keep(const Planning& planning, const RunArguments& arguments) {
  return PlanInto(planning, KeptAt(planning, arguments), nullptr);
}

ExitCode PlanAndRun(const Planning& planning,
                    const migration::Sides& sides,
                    const RunArguments& arguments,
                    const NextPlan& next) {
  if (!arguments.execute) return ShowPlan(planning, arguments);
  if (const Status kept = Keep(planning, arguments); !kept) return FailRun(kept.error());
  return ExecutePlan(KeptAt(planning, arguments), sides, arguments, next);
}

}  // namespace offsetstore::cli
