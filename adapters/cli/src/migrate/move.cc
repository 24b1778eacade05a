// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate/move.h"

#include <CLI/CLI.hpp>
#include <optional>

#include "console.h"
#include "internal/macros.h"
#include "migrate/plan_run.h"
#include "offsetstore/migration/compare.h"
#include "offsetstore/migration/planner.h"
#include "write_command.h"

namespace offsetstore::cli {
namespace {

Status CheckDifferent(const StoreInfo& from, const StoreInfo& to, const ScopeOptions& scope) {
  const bool renamed = !scope.rename_groups.empty() || !scope.rename_topics.empty();
  if (renamed || !migration::IsSameStore(from, to)) return {};
  return MakeError(ErrorCode::kInvalidArgument,
                   "source and target are the same store (" + from.endpoint + ", id " +
                       from.store_id +
                       "): there is nothing to move, unless --rename-group or "
                       "--rename-topic gives it another name");
}

/// How long the target's cluster keeps positions of a group without members, if it is one that
/// does and says so. Tells until when the consumers of the migrated groups must have started.
std::optional<Duration> TellRetention(const OpenedSide& target, const RunArguments& arguments) {
  if (target.cluster == nullptr) return std::nullopt;
  const Result<Duration> kept =
      target.cluster->OffsetsRetention(Deadline::After(arguments.timeout));
  if (!kept) {
    Tell(arguments,
         "note: how long the cluster keeps positions of a group without members could not be "
         "asked: " +
             ToString(kept.error()));
    return std::nullopt;
  }
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(*kept).count();
  Tell(arguments,
       "note: the cluster forgets positions of a group without members after " +
           std::to_string(minutes) +
           " minutes (offsets.retention.minutes); written now, its consumers must have "
           "started by " +
           ToString(Now() + *kept));
  return *kept;
}

Status CheckFollowing(const MoveArguments& arguments) {
  if (!arguments.following.follow || arguments.plan_out.empty()) return {};
  return MakeError(ErrorCode::kInvalidArgument,
                   "--plan-out and --follow: a plan that is made again and again cannot be "
                   "reviewed; leave one out");
}

}  // namespace

void AddMoveArguments(CLI::App& command, MoveArguments& arguments) {
  AddText(command, "--plan-out", arguments.plan_out, "Save the plan, for review and 'apply'")
      ->type_name("FILE");
  AddScopeOptions(command, arguments.scope);
  AddExecuteArguments(command, arguments.run);
  AddRunArguments(command, arguments.run);
}

Result<migration::PlanOptions> PrepareMove(MoveArguments& arguments) {
  RunArguments& run = arguments.run;
  arguments.scope.rules.allow_live = run.allow_live;
  // What is shown is what the first pass would do.
  arguments.scope.rules.allow_live_source = arguments.following.follow && !run.execute;
  OS_RETURN_IF_ERROR(CheckFollowing(arguments));
  OS_ASSIGN_OR_RETURN(migration::PlanOptions options, arguments.scope.ToPlan(PaceOf(run)));
  // A follower waits for what is not there yet.
  options.must_match = !arguments.following.follow;
  if (run.execute) OS_RETURN_IF_ERROR(run.files.Prepare());
  return options;
}

Result<OpenedSide> OpenTarget(const BackendRegistry& registry,
                              const std::string& uri,
                              const RunArguments& arguments) {
  const Purpose purpose = arguments.execute ? Purpose::kChange : Purpose::kLook;
  OS_ASSIGN_OR_RETURN(OpenedSide target,
                      OpenSide(registry, uri, purpose, arguments.parallel, arguments.timeout));
  OS_RETURN_IF_ERROR(CheckKeeps(target.Info()));
  return target;
}

ExitCode MovePositions(OpenedSide& source,
                       OpenedSide& target,
                       const migration::PlanOptions& options,
                       const MoveArguments& arguments) {
  const RunArguments& run = arguments.run;
  if (const Status two = CheckDifferent(source.Info(), target.Info(), arguments.scope); !two) {
    return Fail(two.error());
  }
  const std::optional<Duration> retention = TellRetention(target, run);
  const migration::Sides sides = Borrow(source, target);
  const migration::PlanHeader header = migration::NewPlan(source.Info(), target.Info());
  if (arguments.following.follow && run.execute) {
    const ExitCode code =
        FollowUntilStopped(sides, header, options, run, arguments.following.interval, retention);
    return CloseSides(&source, target, run.timeout, code);
  }
  const auto make = [&](const migration::EmitGroup& emit) {
    return migration::MakePlan(sides, options, emit);
  };
  const ExitCode code = PlanAndRun({header, make, arguments.plan_out}, sides, run);
  return CloseSides(&source, target, run.timeout, code);
}

}  // namespace offsetstore::cli
