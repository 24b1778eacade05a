// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "command.h"
#include "console.h"
#include "internal/macros.h"
#include "migrate/execution.h"
#include "migrate/open_sides.h"
#include "migrate/run_report.h"
#include "migrate/scope_options.h"
#include "offsetstore/migration/planner.h"
#include "store_uri.h"

namespace offsetstore::cli {
namespace {

struct MigrateArguments {
  std::string from;
  std::string to;
  std::string plan_out;
  ScopeOptions scope;
  RunArguments run;
};

Status CheckDifferent(const StoreInfo& from, const StoreInfo& to, const ScopeOptions& scope) {
  const bool same =
      from.scheme == to.scheme && from.store_id == to.store_id && from.space == to.space;
  if (!same || !scope.rename_groups.empty() || !scope.rename_topics.empty()) return {};
  return MakeError(ErrorCode::kInvalidArgument,
                   "--from and --to are the same store (" + from.endpoint + ", id " +
                       from.store_id + "): there is nothing to move");
}

/// Until when the consumers of the migrated groups must have started.
void TellRetention(const OpenedSide& target, const RunArguments& arguments) {
  if (target.cluster == nullptr) return;
  const Result<Duration> kept =
      target.cluster->OffsetsRetention(Deadline::After(arguments.timeout));
  if (!kept) {
    Tell(arguments,
         "note: how long the cluster keeps positions of a group without members could not be "
         "asked: " +
             ToString(kept.error()));
    return;
  }
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(*kept).count();
  Tell(arguments,
       "note: the cluster forgets positions of a group without members after " +
           std::to_string(minutes) +
           " minutes (offsets.retention.minutes); written now, its consumers must have "
           "started by " +
           ToString(Now() + *kept));
}

/// Plans into `path` (empty: into nothing), showing each group where `report` is given.
Result<std::uint64_t> PlanInto(const migration::Sides& sides,
                               const MigrateArguments& arguments,
                               const migration::PlanHeader& header,
                               const std::string& path,
                               RunReport* report) {
  OS_ASSIGN_OR_RETURN(const migration::PlanOptions options,
                      arguments.scope.ToPlan(PaceOf(arguments.run)));
  std::unique_ptr<migration::PlanWriter> writer;
  if (!path.empty()) {
    OS_ASSIGN_OR_RETURN(writer, migration::PlanWriter::Create(path, header));
  }
  std::uint64_t groups = 0;
  const auto emit = [&](const migration::GroupPlan& group) -> Status {
    ++groups;
    if (writer != nullptr) {
      if (Status added = writer->Add(group); !added) return added;
    }
    return report == nullptr ? Status() : report->Show(group);
  };
  OS_RETURN_IF_ERROR(migration::MakePlan(sides, options, emit));
  if (writer != nullptr) OS_RETURN_IF_ERROR(writer->Finish());
  return groups;
}

ExitCode ShowPlan(const migration::Sides& sides,
                  const MigrateArguments& arguments,
                  const migration::PlanHeader& header) {
  RunReport report(header, arguments.run.form, arguments.run.details, false);
  const auto groups = PlanInto(sides, arguments, header, arguments.plan_out, &report);
  if (!groups) return Fail(groups.error());
  const ExitCode printed = report.End();
  Tell(arguments.run,
       *groups == 0 ? std::string("note: no group of the source is meant; nothing is to be done")
                    : report.Summary());
  Tell(arguments.run,
       arguments.plan_out.empty()
           ? std::string("note: nothing was changed; add --execute to do this, or --plan-out FILE "
                         "to keep it for review")
           : "note: nothing was changed; the plan is in " + arguments.plan_out +
                 ": review it, then: offsetctl apply " + arguments.plan_out +
                 " --from ... --to ... --execute");
  return report.Code() != ExitCode::kDone ? report.Code() : printed;
}

ExitCode PlanAndExecute(const migration::Sides& sides,
                        MigrateArguments& arguments,
                        const migration::PlanHeader& header) {
  const std::string path =
      arguments.plan_out.empty() ? arguments.run.files.Plan(header.id) : arguments.plan_out;
  const auto groups = PlanInto(sides, arguments, header, path, nullptr);
  if (!groups) return Fail(groups.error());
  if (*groups == 0)
    Tell(arguments.run, "note: no group of the source is meant; nothing is to be done");
  return ExecutePlan(path, sides, arguments.run);
}

ExitCode RunMigrate(const BackendRegistry& registry, MigrateArguments& arguments) {
  RunArguments& run = arguments.run;
  arguments.scope.rules.allow_live = run.allow_live;
  const auto options = arguments.scope.ToPlan(PaceOf(run));
  if (!options) return Fail(options.error());
  if (run.execute) {
    if (const Status ready = run.files.Prepare(); !ready) return Fail(ready.error());
  }
  auto source = OpenSide(registry, arguments.from, Purpose::kLook, run.parallel, run.timeout);
  if (!source) return Fail(source.error());
  const Purpose purpose = run.execute ? Purpose::kChange : Purpose::kLook;
  auto target = OpenSide(registry, arguments.to, purpose, run.parallel, run.timeout);
  if (!target) return Fail(target.error());
  if (const Status two = CheckDifferent(source->Info(), target->Info(), arguments.scope); !two) {
    return Fail(two.error());
  }
  TellRetention(*target, run);
  const migration::Sides sides = Borrow(*source, *target);
  const migration::PlanHeader header = migration::NewPlan(source->Info(), target->Info());
  const ExitCode code =
      run.execute ? PlanAndExecute(sides, arguments, header) : ShowPlan(sides, arguments, header);
  return CloseSides(&*source, *target, run.timeout, code);
}

}  // namespace

void AddMigrate(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command =
      app.add_subcommand("migrate", "Move the positions of many groups from one store to another");
  const auto arguments = std::make_shared<MigrateArguments>();  // shared with the job
  AddStoreUri(*command, "--from", arguments->from, "The store that has them")->required();
  AddStoreUri(*command, "--to", arguments->to, "The store that is to have them")->required();
  AddText(*command, "--plan-out", arguments->plan_out, "Save the plan, for review and 'apply'")
      ->type_name("FILE");
  AddScopeOptions(*command, arguments->scope);
  AddExecuteArguments(*command, arguments->run);
  AddRunArguments(*command, arguments->run);
  command->footer(
      "Example (shows what it would do, and keeps it for review):\n"
      "  offsetctl migrate --from zookeeper://zk1:2181/kafka --to kafka://b1:9092 --group "
      "'payments-.*' --plan-out payments.plan");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunMigrate(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
