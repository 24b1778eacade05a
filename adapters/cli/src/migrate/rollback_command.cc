// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "command.h"
#include "console.h"
#include "migrate/execution.h"
#include "migrate/open_sides.h"
#include "migrate/plan_run.h"
#include "offsetstore/migration/audit.h"
#include "offsetstore/migration/rollback.h"
#include "store_uri.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

struct RollbackArguments {
  std::string snapshot;
  std::string to;
  bool allow_moved = false;
  RunArguments run;
};

struct HistoryArguments {
  std::string plan;
  RunFiles files;
  OutputForm form = OutputForm::kTable;
};

ExitCode Work(migration::SnapshotReader& snapshot,
              const migration::Sides& sides,
              const RollbackArguments& arguments) {
  const RunArguments& run = arguments.run;
  migration::Rules rules;
  rules.allow_live = run.allow_live;
  rules.allow_moved = arguments.allow_moved;
  const auto make = [&](const migration::EmitGroup& emit) {
    return migration::PlanRollback(snapshot, sides, rules, PaceOf(run), emit);
  };
  return PlanAndRun({migration::NewRollback(snapshot), make, {}}, sides, run);
}

ExitCode RunRollback(const BackendRegistry& registry, RollbackArguments& arguments) {
  RunArguments& run = arguments.run;
  const Status ready = run.execute ? run.files.Prepare() : run.files.Find();
  if (!ready) return Fail(ready.error());
  std::error_code failed;
  const std::string by_id = run.files.Journal(arguments.snapshot);
  const bool is_id =
      arguments.snapshot.find('/') == std::string::npos && std::filesystem::exists(by_id, failed);
  run.taken_back = is_id ? by_id : arguments.snapshot;
  const auto snapshot = migration::SnapshotReader::Open(run.taken_back);
  if (!snapshot) return Fail(snapshot.error());
  const Purpose purpose = run.execute ? Purpose::kChange : Purpose::kLook;
  auto target = OpenSide(registry, arguments.to, purpose, run.parallel, run.timeout);
  if (!target) return Fail(target.error());
  const ExitCode code = Work(**snapshot, Borrow(*target, *target), arguments);
  return CloseSides(nullptr, *target, run.timeout, code);
}

Json HistoryRow(const migration::Change& change) {
  Json row = {{"time", ToString(change.time)},
              {"plan", change.plan},
              {"group", change.group},
              {"topic", change.at.topic},
              {"partition", change.at.partition},
              {"outcome", change.outcome},
              {"store", change.store},
              {"user", change.user},
              {"host", change.host}};
  if (change.before) row["before"] = *change.before;
  if (change.after) row["after"] = *change.after;
  if (!change.undoes.empty()) row["undoes"] = change.undoes;
  return row;
}

Report HistoryShape() {
  Report shape;
  shape.rows_name = "changes";
  shape.columns = {"time",
                   "plan",
                   "group",
                   "topic",
                   "partition",
                   "before",
                   "after",
                   "outcome",
                   "store",
                   "user",
                   "host",
                   "undoes"};
  return shape;
}

ExitCode RunHistory(HistoryArguments& arguments) {
  if (const Status found = arguments.files.Find(); !found) return Fail(found.error());
  RowStream rows(HistoryShape(), arguments.form);
  ExitCode code = ExitCode::kDone;
  bool any = false;
  const auto show = [&](const migration::Change& change) {
    if (!arguments.plan.empty() && change.plan != arguments.plan) return;
    any = true;
    if (code == ExitCode::kDone) code = Print(rows.Add(HistoryRow(change)));
  };
  bool damaged = false;
  const auto tell = [&](const Error& error) {
    damaged = true;
    Complain(ToString(error));
  };
  const Status read = migration::ReadAudit(arguments.files.Audit(), show, tell);
  if (!read) return Fail(read.error());
  if (code == ExitCode::kDone) code = Print(rows.End(Json::object()));
  if (code == ExitCode::kDone && !any && !arguments.plan.empty()) {
    Complain("no run with the id '" + arguments.plan + "' has changed anything from here");
    return ExitCode::kUsage;
  }
  return code == ExitCode::kDone && damaged ? ExitCode::kPartly : code;
}

}  // namespace

void AddRollback(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command =
      app.add_subcommand("rollback", "Put back what a run of 'migrate' or 'apply' has overwritten");
  const auto arguments = std::make_shared<RollbackArguments>();  // shared with the job
  command->add_option("SNAPSHOT", arguments->snapshot, "The run's journal, or the id of its plan")
      ->required()
      ->type_name("");
  AddStoreUri(*command, "--to", arguments->to, "The store that was written to")->required();
  command->add_flag(
      "--allow-moved", arguments->allow_moved, "Also what was written again since, by whomever");
  AddExecuteArguments(*command, arguments->run);
  AddRunArguments(*command, arguments->run);
  command->footer(
      "Example (the id stands in the report and in 'offsetctl history'):\n"
      "  offsetctl rollback 0f7d6a1c2b3e4d5f60718293a4b5c6d7 --to kafka://b1:9092 --execute");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunRollback(registry, *arguments); };
  });
}

void AddHistory(CLI::App& app, const BackendRegistry& /*registry*/, Job& job) {
  CLI::App* command =
      app.add_subcommand("history", "Show every position that was changed from this machine");
  const auto arguments = std::make_shared<HistoryArguments>();  // shared with the job
  command->add_option("PLAN-ID", arguments->plan, "Only of this run")->type_name("");
  AddRunFiles(*command, arguments->files);
  AddOutput(*command, arguments->form);
  command->footer("Example:\n  offsetctl history --output csv");
  command->callback([&job, arguments] { job = [arguments] { return RunHistory(*arguments); }; });
}

}  // namespace offsetstore::cli
