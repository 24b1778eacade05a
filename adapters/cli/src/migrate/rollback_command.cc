// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "command.h"
#include "console.h"
#include "internal/macros.h"
#include "migrate/execution.h"
#include "migrate/open_sides.h"
#include "migrate/run_report.h"
#include "offsetstore/migration/audit.h"
#include "offsetstore/migration/rollback.h"
#include "store_uri.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

struct RollbackArguments {
  std::string snapshot;
  std::string to;
  RunArguments run;
};

struct HistoryArguments {
  std::string plan;
  RunFiles files;
  OutputForm form = OutputForm::kTable;
};

/// Plans the way back into `path` (empty: into nothing), showing it where `report` is given.
Status PlanBackInto(migration::SnapshotReader& snapshot,
                    const migration::Sides& sides,
                    const RunArguments& arguments,
                    const migration::PlanHeader& header,
                    const std::string& path,
                    RunReport* report) {
  std::unique_ptr<migration::PlanWriter> writer;
  if (!path.empty()) {
    OS_ASSIGN_OR_RETURN(writer, migration::PlanWriter::Create(path, header));
  }
  migration::Rules rules;
  rules.allow_live = arguments.allow_live;
  const auto emit = [&](const migration::GroupPlan& group) -> Status {
    if (writer != nullptr) {
      if (Status added = writer->Add(group); !added) return added;
    }
    return report == nullptr ? Status() : report->Show(group);
  };
  OS_RETURN_IF_ERROR(migration::PlanRollback(snapshot, sides, rules, PaceOf(arguments), emit));
  return writer == nullptr ? Status() : writer->Finish();
}

ExitCode Work(migration::SnapshotReader& snapshot,
              const migration::Sides& sides,
              RollbackArguments& arguments) {
  RunArguments& run = arguments.run;
  const migration::PlanHeader header = migration::NewRollback(snapshot.header());
  if (run.execute) {
    const std::string path = run.files.Plan(header.id);
    const Status planned = PlanBackInto(snapshot, sides, run, header, path, nullptr);
    return planned ? ExecutePlan(path, sides, run) : Fail(planned.error());
  }
  RunReport report(header, run.form, run.details, false);
  const Status planned = PlanBackInto(snapshot, sides, run, header, {}, &report);
  if (!planned) return Fail(planned.error());
  const ExitCode printed = report.End();
  Tell(run, report.Summary());
  Tell(run, "note: nothing was changed; add --execute to do this");
  return report.Code() != ExitCode::kDone ? report.Code() : printed;
}

ExitCode RunRollback(const BackendRegistry& registry, RollbackArguments& arguments) {
  RunArguments& run = arguments.run;
  if (const Status ready = run.files.Prepare(); !ready) return Fail(ready.error());
  std::error_code failed;
  const std::string by_id = run.files.Journal(arguments.snapshot);
  const bool is_id =
      arguments.snapshot.find('/') == std::string::npos && std::filesystem::exists(by_id, failed);
  const auto snapshot = migration::SnapshotReader::Open(is_id ? by_id : arguments.snapshot);
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
  if (const Status ready = arguments.files.Prepare(); !ready) return Fail(ready.error());
  RowStream rows(HistoryShape(), arguments.form);
  ExitCode code = ExitCode::kDone;
  const auto show = [&](const migration::Change& change) {
    if (!arguments.plan.empty() && change.plan != arguments.plan) return;
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
