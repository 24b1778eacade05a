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
#include "migrate/file_side.h"
#include "migrate/open_sides.h"
#include "migrate/run_report.h"
#include "offsetstore/migration/plan_file.h"
#include "offsetstore/migration/run.h"
#include "store_uri.h"

namespace offsetstore::cli {
namespace {

struct ApplyArguments {
  std::string plan;
  std::string from;
  FileSource file;
  std::string to;
  RunArguments run;
};

/// What the plan says, as it was made.
ExitCode ShowPlanFile(const ApplyArguments& arguments) {
  const auto plan = migration::PlanReader::Open(arguments.plan);
  if (!plan) return Fail(plan.error());
  RunReport report((*plan)->header(), arguments.run.form, arguments.run.details, false);
  while (true) {
    const auto group = (*plan)->Next();
    if (!group) return Fail(group.error());
    if (!*group) break;
    if (const Status shown = report.Show(**group); !shown) return Fail(shown.error());
  }
  const ExitCode printed = report.End();
  Tell(arguments.run, report.Summary());
  Tell(arguments.run, "note: nothing was changed; add --execute to do this");
  return report.Code() != ExitCode::kDone ? report.Code() : printed;
}

std::string IfThere(const std::string& path) {
  std::error_code failed;
  return std::filesystem::exists(path, failed) ? path : std::string();
}

Status CheckSides(const migration::PlanHeader& header, const ApplyArguments& arguments) {
  if (!header.undoes.empty() || !arguments.from.empty() || !arguments.file.path.empty()) return {};
  return MakeError(ErrorCode::kInvalidArgument,
                   "--from (or --from-file) is missing: the plan was made from " +
                       ToString(header.from) + ", and what moved there since must be noticed");
}

ExitCode RunApply(const BackendRegistry& registry, ApplyArguments& arguments) {
  if (!arguments.run.execute) return ShowPlanFile(arguments);
  RunArguments& run = arguments.run;
  const auto plan = migration::PlanReader::Open(arguments.plan);
  if (!plan) return Fail(plan.error());
  const migration::PlanHeader header = (*plan)->header();
  if (const Status given = CheckSides(header, arguments); !given) return Fail(given.error());
  if (const Status ready = run.files.Prepare(); !ready) return Fail(ready.error());
  auto target = OpenSide(registry, arguments.to, Purpose::kChange, run.parallel, run.timeout);
  if (!target) return Fail(target.error());
  if (!header.undoes.empty()) {
    run.taken_back = IfThere(run.files.Journal(header.undoes));
    const ExitCode code = ExecutePlan(arguments.plan, Borrow(*target, *target), run);
    return CloseSides(nullptr, *target, run.timeout, code);
  }
  auto source = arguments.file.path.empty()
                    ? OpenSide(registry, arguments.from, Purpose::kLook, run.parallel, run.timeout)
                    : OpenFileSide(arguments.file);
  if (!source) return Fail(source.error());
  const ExitCode code = ExecutePlan(arguments.plan, Borrow(*source, *target), run);
  return CloseSides(&*source, *target, run.timeout, code);
}

ExitCode RunVerify(const BackendRegistry& registry, ApplyArguments& arguments) {
  RunArguments& run = arguments.run;
  const auto plan = migration::PlanReader::Open(arguments.plan);
  if (!plan) return Fail(plan.error());
  auto target = OpenSide(registry, arguments.to, Purpose::kLook, run.parallel, run.timeout);
  if (!target) return Fail(target.error());
  RunReport report((*plan)->header(), run.form, run.details, true);
  migration::RunOptions options;
  options.pace = PaceOf(run);
  const auto totals = migration::Verify(
      **plan, Borrow(*target, *target), options, [&](const migration::GroupRun& group) {
        return report.Show(group);
      });
  if (!totals) return Fail(totals.error());
  const ExitCode printed = report.End();
  Tell(run, report.Summary());
  // What the plan itself refused is no finding of this look.
  ExitCode code = printed;
  if (totals->failed != 0) code = report.Code();
  if (totals->mismatched != 0) code = ExitCode::kVerification;
  return CloseSides(nullptr, *target, run.timeout, code);
}

void AddPlan(CLI::App& command, ApplyArguments& arguments) {
  command.add_option("PLAN", arguments.plan, "A file that --plan-out made")
      ->required()
      ->type_name("");
}

}  // namespace

void AddApply(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand(
      "apply", "Do what a plan says, and nothing else; go on with it after an interruption");
  const auto arguments = std::make_shared<ApplyArguments>();  // shared with the job
  AddPlan(*command, *arguments);
  CLI::Option* from = AddStoreUri(*command, "--from", arguments->from, "The plan's source");
  AddText(*command, "--from-file", arguments->file.path, "The file, where 'import' made the plan")
      ->type_name("FILE")
      ->excludes(from);
  AddFileFormat(*command, "--file-format", arguments->file);
  AddStoreUri(*command, "--to", arguments->to, "The plan's target")->required();
  AddExecuteArguments(*command, arguments->run);
  AddRunArguments(*command, arguments->run);
  command->footer(
      "Example:\n  offsetctl apply payments.plan --from zookeeper://zk1:2181/kafka --to "
      "kafka://b1:9092 --execute");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunApply(registry, *arguments); };
  });
}

void AddVerify(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command =
      app.add_subcommand("verify", "Compare what a store holds with what a plan wants there");
  const auto arguments = std::make_shared<ApplyArguments>();  // shared with the job
  AddPlan(*command, *arguments);
  AddStoreUri(*command, "--to", arguments->to, "The plan's target")->required();
  AddRunArguments(*command, arguments->run);
  command->footer("Example:\n  offsetctl verify payments.plan --to kafka://b1:9092");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunVerify(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
