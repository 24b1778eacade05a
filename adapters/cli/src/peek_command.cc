// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <string>

#include "cluster_options.h"
#include "command.h"
#include "console.h"
#include "internal/macros.h"
#include "offsetstore/migration/peek.h"
#include "targets.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

// What a terminal can show and a person read.
constexpr std::int64_t kMostRecords = 10000;

struct PeekArguments {
  StoreArguments store;
  std::string group;
  std::string target;
  std::uint64_t before = 3;
  std::uint64_t after = 3;
  ClusterArguments cluster;
};

Result<TopicPartition> ReadPartition(const std::string& text) {
  OS_ASSIGN_OR_RETURN(const Target target, ParseTarget(text));
  if (target.partitions.size() == 1) return TopicPartition{target.topic, target.partitions[0]};
  return MakeError(ErrorCode::kInvalidArgument,
                   "'" + Printable(text) + "': write one partition, such as orders:3");
}

Result<Position> ReadPosition(OffsetStore& store,
                              const std::string& group,
                              const TopicPartition& at,
                              Deadline deadline) {
  const Selection selection{.partitions = {at}, .topics = {}};
  OS_ASSIGN_OR_RETURN(const std::vector<Read> reads, store.Fetch(group, selection, deadline));
  if (const auto* error = std::get_if<Error>(&reads[0].slot)) return *error;
  if (const auto* entry = std::get_if<Entry>(&reads[0].slot)) return entry->position;
  return MakeError(ErrorCode::kInvalidArgument,
                   "group '" + Printable(group) + "' has no position of " + ToString(at));
}

void PutBytes(Json& row,
              const std::string& name,
              const std::optional<std::string>& bytes,
              std::size_t size) {
  if (!bytes) return;
  row[name] = Printable(*bytes) + (bytes->size() < size ? "..." : "");
}

Json RowOf(const migration::PeekedRecord& record, bool is_next) {
  Json row = {{"offset", record.at.value()}};
  if (is_next) row["next"] = "<- position";
  if (record.time) row["time"] = ToString(*record.time);
  PutBytes(row, "key", record.key, record.key_size);
  PutBytes(row, "value", record.value, record.value_size);
  if (record.value) row["size"] = record.value_size;
  return row;
}

Report ReportOf(const migration::Peek& peek, Position position) {
  Report report;
  report.head = {{"position", position.value()},
                 {"log_start", peek.log.start.value()},
                 {"log_end", peek.log.end.value()}};
  report.rows_name = "records";
  report.columns = {"offset", "time", "key", "value", "size", "next"};
  bool passed = false;
  for (const migration::PeekedRecord& record : peek.records) {
    const bool is_next = !passed && record.at >= position;
    passed = passed || is_next;
    report.rows.push_back(RowOf(record, is_next));
  }
  return report;
}

/// Where the position is no record's.
void ExplainPlace(const migration::Peek& peek, Position position) {
  const std::string at = "the position " + std::to_string(position.value());
  if (position < peek.log.start) {
    Complain("note: " + at + " is before the log's start, " +
             std::to_string(peek.log.start.value()));
  } else if (position > peek.log.end) {
    Complain("note: " + at + " is beyond the log's end, " + std::to_string(peek.log.end.value()));
  } else if (position == peek.log.end) {
    Complain("note: " + at + " is the log's end: nothing is left to read");
  }
}

ExitCode RunPeek(const BackendRegistry& registry, const PeekArguments& arguments) {
  const Result<TopicPartition> at = ReadPartition(arguments.target);
  if (!at) return Fail(at.error());
  const Result<KafkaOptions> cluster = ClusterOf(arguments.cluster, arguments.store.uri);
  if (!cluster) return Fail(cluster.error());
  const Deadline deadline = Deadline::After(arguments.store.timeout);
  const auto store = Open(registry, arguments.store, Purpose::kLook, deadline);
  if (!store) return Fail(store.error());
  const Result<Position> position = ReadPosition(**store, arguments.group, *at, deadline);
  if (!position) return Fail(position.error());
  const migration::PeekOptions how{.before = arguments.before, .after = arguments.after};
  const auto peek = migration::PeekAt(*cluster, *at, *position, how, deadline);
  if (!peek) return Fail(peek.error());
  ExplainPlace(*peek, *position);
  Report report = ReportOf(*peek, *position);
  report.head["store"] = StoreJson((*store)->Info());
  return Finish(report, arguments.store, **store, ExitCode::kDone);
}

CLI::Option* AddRecords(CLI::App& command,
                        const std::string& name,
                        std::uint64_t& count,
                        const std::string& help) {
  const auto few = [](const std::string& text) {
    return text.size() > 4 && text != std::to_string(kMostRecords)
               ? "at most " + std::to_string(kMostRecords) + " records"
               : std::string();
  };
  return AddCount(command, name, count, 0, help)->check(few)->type_name("N")->default_str("3");
}

}  // namespace

void AddPeek(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand("peek", "Show the records around a position");
  const auto arguments = std::make_shared<PeekArguments>();  // shared with the job
  AddStoreArguments(*command, arguments->store);
  command->add_option("GROUP", arguments->group, "The group")->required()->type_name("");
  command->add_option("TOPIC:P", arguments->target, "The partition")->required()->type_name("");
  AddRecords(*command, "--before", arguments->before, "So many before the position");
  AddRecords(*command, "--after", arguments->after, "So many from the position on");
  AddClusterArguments(*command, arguments->cluster);
  command->footer("Example:\n  offsetctl peek kafka://b1:9092 payments orders:0 --before 5");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunPeek(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
