// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>

#include "command.h"
#include "console.h"
#include "internal/macros.h"
#include "migrate/move.h"
#include "migrate/plan_run.h"
#include "offsetstore/migration/rename.h"
#include "store_uri.h"

namespace offsetstore::cli {
namespace {

struct RenameArguments {
  std::string uri;
  std::string old_name;
  std::string new_name;
  RunArguments run;
};

Status CheckNames(const RenameArguments& arguments) {
  if (arguments.old_name != arguments.new_name) return {};
  return MakeError(ErrorCode::kInvalidArgument,
                   "the old and the new name are the same: there is nothing to rename");
}

migration::PlanOptions CopyOptions(const RenameArguments& arguments) {
  migration::PlanOptions options;
  options.scope.group = [&arguments](std::string_view name) { return name == arguments.old_name; };
  options.scope.group_names[arguments.old_name] = arguments.new_name;
  options.rules.allow_live = arguments.run.allow_live;
  // The positions stay on the cluster they were on, whatever became of its logs.
  options.rules.allow_missing = true;
  options.rules.out_of_range = migration::OutOfRange::kKeep;
  options.pace = PaceOf(arguments.run);
  return options;
}

/// The options that settle such a conflict elsewhere are none of this command's.
void AdviseOnTaken(migration::Step& step) {
  using migration::Action;
  if (step.action != Action::kRefuse || step.reason != migration::Reason::kTargetHasOne) return;
  step.why =
      "the new name has another position already; 'offsetctl delete' that first, or take another "
      "name";
}

Status CheckThere(OffsetStore& store, const RenameArguments& arguments) {
  OS_ASSIGN_OR_RETURN(const std::vector<Read> reads,
                      store.Fetch(arguments.old_name, {}, Deadline::After(arguments.run.timeout)));
  if (!reads.empty()) return {};
  return MakeError(ErrorCode::kInvalidArgument,
                   "there is no group '" + Printable(arguments.old_name) + "' in " +
                       store.Info().scheme + " " + Printable(store.Info().endpoint));
}

// First the copy, then the removal of what was copied: interrupted between, both groups have the
// positions, and the same command goes on.
ExitCode Work(OpenedSide& store, const RenameArguments& arguments) {
  const RunArguments& run = arguments.run;
  if (const Status there = CheckThere(*store.stores.front(), arguments); !there) {
    return Fail(there.error());
  }
  const migration::Sides sides = Borrow(store, store);
  const migration::PlanOptions options = CopyOptions(arguments);
  Planning copy;
  copy.header = migration::NewPlan(store.Info(), store.Info());
  copy.make = [&](const migration::EmitGroup& emit) {
    return migration::MakePlan(sides, options, [&emit](migration::GroupPlan group) {
      for (migration::Step& step : group.steps) AdviseOnTaken(step);
      return emit(std::move(group));
    });
  };
  Planning removal;
  removal.header = migration::NewPlan(store.Info(), store.Info());
  removal.make = [&](const migration::EmitGroup& emit) {
    return migration::PlanRemovalOfCopied(
        sides, arguments.old_name, arguments.new_name, options.rules, options.pace, emit);
  };
  const NextPlan next = [&]() -> Result<std::string> {
    OS_RETURN_IF_ERROR(Keep(removal, run));
    return run.files.Plan(removal.header.id);
  };
  const ExitCode code = PlanAndRun(copy, sides, run, next);
  if (code == ExitCode::kDone && !run.execute) {
    Tell(run,
         "note: once all of it is copied, the positions of '" + Printable(arguments.old_name) +
             "' are removed");
  }
  return code;
}

ExitCode RunRename(const BackendRegistry& registry, RenameArguments& arguments) {
  RunArguments& run = arguments.run;
  if (const Status names = CheckNames(arguments); !names) return Fail(names.error());
  if (run.execute) {
    if (const Status ready = run.files.Prepare(); !ready) return Fail(ready.error());
  }
  auto store = OpenTarget(registry, arguments.uri, run);
  if (!store) return Fail(store.error());
  return CloseSides(nullptr, *store, run.timeout, Work(*store, arguments));
}

}  // namespace

void AddRename(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand("rename", "Give the positions of a group to another name");
  const auto arguments = std::make_shared<RenameArguments>();  // shared with the job
  AddStoreUri(*command, "STORE-URI", arguments->uri, "Where the positions are")->required();
  AddText(*command, "OLD", arguments->old_name, "The group that has them")
      ->required()
      ->type_name("");
  AddText(*command, "NEW", arguments->new_name, "The group that is to have them")
      ->required()
      ->type_name("");
  AddExecuteArguments(*command, arguments->run);
  AddRunArguments(*command, arguments->run);
  command->footer(
      "Example:\n"
      "  offsetctl rename kafka://b1:9092 payments payments-v1 --execute");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunRename(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
