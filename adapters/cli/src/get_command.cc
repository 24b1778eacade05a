// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>

#include "command.h"
#include "console.h"
#include "internal/macros.h"
#include "lag_options.h"
#include "offsetstore/migration/fetch_groups.h"
#include "target_options.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

struct GetArguments {
  StoreArguments store;
  std::string group;
  bool group_given = false;
  std::vector<std::string> patterns;
  TargetOptions target;
  ClusterArguments cluster;
  LagOrder order = LagOrder::kTopic;
};

/// What is known of the positions: as the store has them, and beside the logs where those are
/// looked at.
struct Found {
  std::vector<std::pair<std::string, Read>> reads;
  std::vector<std::pair<std::string, Error>> failed;
};

Result<GroupChoice> ReadChoice(const GetArguments& arguments) {
  GroupChoice choice;
  if (arguments.group_given == !arguments.patterns.empty()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     arguments.group_given
                         ? "either GROUP or --groups RE; with --groups a topic is --topic TOPIC"
                         : "GROUP is required, or --groups RE ('.*' is all)");
  }
  if (arguments.group_given) {
    choice.names = {arguments.group};
    return choice;
  }
  choice.by_pattern = true;
  OS_ASSIGN_OR_RETURN(choice.filter, migration::Filter::Make(arguments.patterns, {}));
  return choice;
}

/// Unreadable partitions hide no other: they are shown, and the exit code tells.
ExitCode CodeOf(const Found& found) {
  std::vector<const Error*> errors;
  for (const auto& [group, read] : found.reads) {
    if (const auto* error = std::get_if<Error>(&read.slot)) errors.push_back(error);
  }
  const std::size_t unreadable = errors.size();
  for (const auto& [group, error] : found.failed) {
    Complain("group '" + Printable(group) + "' could not be read: " + ToString(error));
    errors.push_back(&error);
  }
  if (errors.empty()) return ExitCode::kDone;
  if (unreadable > 0) {
    Complain(std::to_string(unreadable) + " of " + std::to_string(found.reads.size()) +
             " partitions could not be read; the column 'error' says why");
  }
  const bool all = errors.size() == found.reads.size() + found.failed.size();
  return all ? ExitCodeOf(*errors.front()) : ExitCode::kPartly;
}

Found Fetch(OffsetStore& store,
            const std::vector<std::string>& groups,
            const Selection& selection,
            Duration timeout) {
  Found found;
  auto answers = migration::FetchGroups(store, groups, selection, kGroupsAtATime, timeout);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!answers[i]) {
      found.failed.emplace_back(groups[i], answers[i].error());
      continue;
    }
    for (Read& read : *answers[i]) found.reads.emplace_back(groups[i], std::move(read));
  }
  return found;
}

/// Takes the logs' columns into the rows of the store, which stand in the same order.
Report WithLogs(Report report, const LagLook& look) {
  const Report logs = LagReport(look);
  const auto at = std::find(report.columns.begin(), report.columns.end(), "state");
  report.columns.insert(at + 1, {"log_start", "log_end", "lag", "note"});
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    for (const char* name : {"log_start", "log_end", "lag", "note"}) {
      if (logs.rows[i].contains(name)) report.rows[i][name] = logs.rows[i][name];
    }
    if (logs.rows[i].contains("error")) report.rows[i]["error"] = logs.rows[i]["error"];
  }
  // Groups that could not be read.
  for (std::size_t i = report.rows.size(); i < logs.rows.size(); ++i) {
    report.rows.push_back(logs.rows[i]);
  }
  return report;
}

Report ReportOf(const Found& found) {
  Report report;
  report.rows_name = "partitions";
  report.columns = ReadColumns();
  for (const auto& [group, read] : found.reads) report.rows.push_back(ReadRow(group, read));
  return report;
}

/// The positions beside the logs.
ExitCode GetWithLogs(const GetArguments& arguments,
                     OffsetStore& store,
                     const std::vector<std::string>& groups,
                     const Selection& selection) {
  const Duration timeout = arguments.store.timeout;
  const auto options = ClusterOf(arguments.cluster, arguments.store.uri);
  if (!options) return Fail(options.error());
  const auto cluster = migration::KafkaCluster::Open(*options, Deadline::After(timeout));
  if (!cluster) return Fail(cluster.error());
  const LagLook look = LookAtLag(store, **cluster, groups, selection, arguments.order, timeout);
  Found found;
  for (const auto& [group, row] : look.rows) found.reads.emplace_back(group, row.read);
  Report report = WithLogs(ReportOf(found), look);
  report.head["store"] = StoreJson(store.Info());
  return Finish(report, arguments.store, store, LagCode(look));
}

ExitCode RunGet(const BackendRegistry& registry, const GetArguments& arguments) {
  const Result<Selection> selection = arguments.target.ToSelection();
  if (!selection) return Fail(selection.error());
  const Result<GroupChoice> choice = ReadChoice(arguments);
  if (!choice) return Fail(choice.error());
  const Duration timeout = arguments.store.timeout;
  const auto store = Open(registry, arguments.store, Purpose::kLook, Deadline::After(timeout));
  if (!store) return Fail(store.error());
  const auto groups = FindGroups(**store, *choice, timeout);
  if (!groups) return Fail(groups.error());
  if (arguments.cluster.Given() || arguments.order == LagOrder::kLag) {
    return GetWithLogs(arguments, **store, *groups, *selection);
  }
  const Found found = Fetch(**store, *groups, *selection, timeout);
  if (found.reads.empty() && found.failed.size() == 1) return Fail(found.failed.front().second);
  Report report = ReportOf(found);
  report.head["store"] = StoreJson((*store)->Info());
  if (found.reads.empty()) {
    Complain("note: nothing is stored for " + arguments.target.Of(groups->front()) + " there");
  }
  return Finish(report, arguments.store, **store, CodeOf(found));
}

}  // namespace

void AddGet(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand("get", "Show the positions of a group");
  const auto arguments = std::make_shared<GetArguments>();  // shared with the job
  AddStoreArguments(*command, arguments->store);
  command
      ->add_option_function<std::string>(
          "GROUP",
          [given = arguments.get()](const std::string& group) {
            given->group = group;
            given->group_given = true;
          },
          "The group")
      ->type_name("");
  AddTargetOptions(*command, arguments->target);
  AddGroupPatterns(*command, arguments->patterns);
  AddClusterArguments(*command, arguments->cluster);
  AddLagOrder(*command, arguments->order);
  command->footer(
      "Examples:\n"
      "  offsetctl get file:///var/lib/app/offsets payments\n"
      "  offsetctl get file:///var/lib/app/offsets payments orders:0,4-7 --output csv\n"
      "  offsetctl get file:///var/lib/app/offsets --groups 'pay.*' --brokers b1:9092 --sort lag");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunGet(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
