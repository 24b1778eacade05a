// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "write_command.h"

#include <CLI/CLI.hpp>

#include "console.h"
#include "offsetstore/layers/dual.h"
#include "signals.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

Report ReportOf(const Plan& plan,
                const std::vector<Outcome>& outcomes,
                const WriteArguments& arguments,
                const OffsetStore& store) {
  Report report = PlanReport(plan, outcomes);
  report.head = {{"store", StoreJson(store.Info())}, {"executed", arguments.execute}};
  return report;
}

ExitCode Execute(const Plan& plan,
                 const WriteArguments& arguments,
                 OffsetStore& store,
                 Deadline deadline) {
  FinishOnFirstSignal();
  const Answers<Outcome> outcomes = Apply(store, plan, deadline);
  if (!outcomes) return Fail(outcomes.error());
  if (const std::string text = Shortfall(*outcomes); !text.empty()) Complain(text);
  if (const std::string text = BelowDurability(*outcomes); !text.empty()) {
    Complain("warning: " + text);
  }
  return FinishWrite(
      ReportOf(plan, *outcomes, arguments, store), arguments.store, store, ExitCodeOf(*outcomes));
}

}  // namespace

ExitCode FinishWrite(const Report& report,
                     const StoreArguments& arguments,
                     OffsetStore& store,
                     ExitCode written) {
  const std::string_view lost = written == ExitCode::kDone
                                    ? "the change is applied, only the report of it is lost"
                                    : "what was changed stays changed: read (get) what is stored";
  const ExitCode printed = Print(Render(report, arguments.form), lost);
  const Status closed = store.Close(Deadline::After(arguments.timeout));
  if (!closed) {
    Complain("what was changed stays changed, but the store could not be closed: " +
             ToString(closed.error()));
  }
  if (written != ExitCode::kDone) return written;
  if (printed != ExitCode::kDone) return printed;
  return SignalledOr(closed ? ExitCode::kDone : ExitCode::kFailed);
}

Status CheckKeeps(const StoreInfo& info) {
  if (!info.ends_with_process) return {};
  if (info.scheme == kDualScheme) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "one of the two stores keeps nothing beyond this process (" + info.endpoint +
                         "); name the two that the consumers use");
  }
  return MakeError(ErrorCode::kInvalidArgument,
                   info.scheme +
                       ": keeps nothing beyond this process, so there is nothing to change; name "
                       "the store that the consumers use");
}

void AddWriteArguments(CLI::App& command, WriteArguments& arguments) {
  AddStoreArguments(command, arguments.store);
  command.add_option("GROUP", arguments.group, "The group")->required()->type_name("");
  command.add_flag("--execute",
                   arguments.execute,
                   "Do it; without this the plan is shown and nothing is changed");
}

ExitCode RunWrite(const BackendRegistry& registry,
                  const WriteArguments& arguments,
                  const Planner& planner) {
  const Deadline deadline = Deadline::After(arguments.store.timeout);
  const Purpose purpose = arguments.execute ? Purpose::kChange : Purpose::kLook;
  const auto store = Open(registry, arguments.store, purpose, deadline);
  if (!store) return Fail(store.error());
  if (const Status keeps = CheckKeeps((*store)->Info()); !keeps) return Fail(keeps.error());
  const Result<Plan> plan = planner(**store, deadline);
  if (!plan) return Fail(plan.error());
  if (arguments.execute && !plan->seen.empty()) return Execute(*plan, arguments, **store, deadline);
  if (!arguments.execute && !plan->seen.empty()) {
    Complain("note: nothing was changed; add --execute to do this");
  }
  return Finish(ReportOf(*plan, {}, arguments, **store), arguments.store, **store, ExitCode::kDone);
}

}  // namespace offsetstore::cli
