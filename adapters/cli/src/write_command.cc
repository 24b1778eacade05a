// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "write_command.h"

#include <CLI/CLI.hpp>

#include "console.h"
#include "signals.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

ExitCode Show(Report report, const WriteArguments& arguments, OffsetStore& store, ExitCode code) {
  report.head = {{"store", StoreJson(store.Info())}, {"executed", arguments.execute}};
  return Finish(report, arguments.store, store, code);
}

ExitCode Execute(const Plan& plan,
                 const WriteArguments& arguments,
                 OffsetStore& store,
                 Deadline deadline) {
  FinishOnFirstSignal();
  const Answers<Outcome> outcomes = Apply(store, plan, deadline);
  if (!outcomes) return Fail(outcomes.error());
  if (const std::string text = Shortfall(*outcomes); !text.empty()) Complain(text);
  const ExitCode shown = Show(PlanReport(plan, *outcomes), arguments, store, ExitCodeOf(*outcomes));
  return shown == ExitCode::kDone ? SignalledOr(ExitCode::kDone) : shown;
}

}  // namespace

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
  const Result<Plan> plan = planner(**store, deadline);
  if (!plan) return Fail(plan.error());
  if (plan->seen.empty()) {
    Complain("note: nothing is stored for group '" + arguments.group + "' there");
  }
  if (arguments.execute && !plan->seen.empty()) return Execute(*plan, arguments, **store, deadline);
  if (!arguments.execute && !plan->seen.empty()) {
    Complain("note: nothing was changed; add --execute to do this");
  }
  return Show(PlanReport(*plan, {}), arguments, **store, ExitCode::kDone);
}

}  // namespace offsetstore::cli
