// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "command.h"
#include "console.h"
#include "internal/macros.h"
#include "offsetstore/migration/compare.h"
#include "selection_options.h"
#include "store_uri.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

struct DiffArguments {
  StoreArguments a;
  std::string other_uri;
  SelectionOptions selection;
  std::vector<std::string> group_names;
  std::vector<std::string> topic_names;
  bool all = false;
};

Result<migration::CompareOptions> OptionsOf(const DiffArguments& arguments) {
  migration::CompareOptions options;
  options.timeout = arguments.a.timeout;
  OS_ASSIGN_OR_RETURN(options.groups, arguments.selection.Groups());
  OS_ASSIGN_OR_RETURN(options.topics, arguments.selection.Topics());
  OS_ASSIGN_OR_RETURN(options.group_names, ParseRenames("--rename-group", arguments.group_names));
  OS_ASSIGN_OR_RETURN(options.topic_names, ParseRenames("--rename-topic", arguments.topic_names));
  return options;
}

std::string ErrorOf(const migration::ComparedPartition& compared) {
  std::string text;
  if (const auto* error = std::get_if<Error>(&compared.a)) text = "a: " + ToString(*error);
  if (const auto* error = std::get_if<Error>(&compared.b)) {
    text += (text.empty() ? "b: " : "; b: ") + ToString(*error);
  }
  return text;
}

Json RowOf(const migration::ComparedPartition& compared) {
  Json row = {{"group", compared.group}};
  const bool whole = compared.at.partition < 0;  // a group, or one topic of it
  row["topic"] = whole && compared.at.topic.empty() ? Json() : Json(compared.at.topic);
  row["partition"] = whole ? Json() : Json(compared.at.partition);
  row["difference"] = migration::ToString(compared.standing);
  row["a"] = PositionJson(compared.a);
  row["b"] = PositionJson(compared.b);
  row["by"] = compared.by > 0 ? Json(compared.by) : Json();
  const bool other_group = compared.other_group != compared.group;
  const bool other_topic = compared.other_at.topic != compared.at.topic;
  row["group_b"] = other_group ? Json(compared.other_group) : Json();
  row["topic_b"] = other_topic ? Json(compared.other_at.topic) : Json();
  const std::string error = ErrorOf(compared);
  row["error"] = error.empty() ? Json() : Json(error);
  return row;
}

std::string InWords(const migration::Differences& found) {
  return std::to_string(found.equal) + " equal, " + std::to_string(found.a_ahead) + " a ahead, " +
         std::to_string(found.b_ahead) + " b ahead, " + std::to_string(found.only_a) +
         " only in a, " + std::to_string(found.only_b) + " only in b, " +
         std::to_string(found.unreadable) + " unreadable";
}

Json TotalsJson(const migration::Differences& found) {
  return {{"equal", found.equal},
          {"a_ahead", found.a_ahead},
          {"b_ahead", found.b_ahead},
          {"only_a", found.only_a},
          {"only_b", found.only_b},
          {"unreadable", found.unreadable}};
}

/// A difference is known for sure, whatever else could not be read.
ExitCode CodeOf(const migration::Differences& found) {
  if (found.Differing() > 0) return ExitCode::kDiffers;
  return found.unreadable > 0 ? ExitCode::kPartly : ExitCode::kDone;
}

Status CheckNotTheSame(const StoreInfo& a,
                       const StoreInfo& b,
                       const migration::CompareOptions& options) {
  const bool renamed = !options.group_names.empty() || !options.topic_names.empty();
  if (renamed || !migration::IsSameStore(a, b)) return {};
  return MakeError(ErrorCode::kInvalidArgument,
                   "both are the same store, " + a.scheme + " " + Printable(a.endpoint) +
                       ": name another one, or say --rename-group OLD=NEW");
}

ExitCode Compare(OffsetStore& a,
                 OffsetStore& b,
                 const DiffArguments& arguments,
                 const migration::CompareOptions& options) {
  if (const Status other = CheckNotTheSame(a.Info(), b.Info(), options); !other) {
    return Fail(other.error());
  }
  Report report;
  report.head["a"] = StoreJson(a.Info());
  report.head["b"] = StoreJson(b.Info());
  report.rows_name = "partitions";
  report.below = "error";
  report.columns = {
      "group", "topic", "partition", "difference", "a", "b", "by", "group_b", "topic_b", "error"};
  const auto take = [&](const migration::ComparedPartition& compared) -> Status {
    if (arguments.all || compared.standing != migration::Standing::kEqual) {
      report.rows.push_back(RowOf(compared));
    }
    return {};
  };
  const auto found = migration::Compare(a, b, options, take);
  if (!found) return Fail(found.error());
  if (found->a_groups.matched == 0 && report.rows.empty()) {
    Complain("a: " + migration::NothingMeant(found->a_groups));
    return ExitCode::kUsage;
  }
  report.head["totals"] = TotalsJson(*found);
  Complain(InWords(*found));
  const ExitCode ended = Finish(report, arguments.a, a, CodeOf(*found));
  const Status closed = b.Close(Deadline::After(options.timeout));
  return closed ? ended : Fail(closed.error());
}

ExitCode RunDiff(const BackendRegistry& registry, const DiffArguments& arguments) {
  const Result<migration::CompareOptions> options = OptionsOf(arguments);
  if (!options) return Fail(options.error());
  StoreArguments other = arguments.a;
  other.uri = arguments.other_uri;
  const auto a = Open(registry, arguments.a, Purpose::kLook, Deadline::After(options->timeout));
  if (!a) return Fail(a.error());
  const auto b = Open(registry, other, Purpose::kLook, Deadline::After(options->timeout));
  if (!b) return Fail(b.error());
  return Compare(**a, **b, arguments, *options);
}

}  // namespace

void AddDiff(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand(
      "diff", "Compare the positions of two stores: which is ahead, by how much");
  const auto arguments = std::make_shared<DiffArguments>();  // shared with the job
  AddStoreUri(*command, "A-URI", arguments->a.uri, "One store")->required();
  AddStoreUri(*command, "B-URI", arguments->other_uri, "The other one")->required();
  AddTimeout(*command, arguments->a.timeout);
  AddOutput(*command, arguments->a.form);
  AddSelectionOptions(*command, arguments->selection);
  AddNewNames(*command,
              "--rename-group",
              arguments->group_names,
              "What a group of A is called in B; may be given several times");
  AddNewNames(
      *command, "--rename-topic", arguments->topic_names, "What a topic of A is called in B");
  command->add_flag("--all", arguments->all, "Show equal partitions too");
  command->footer(
      "Example:\n"
      "  offsetctl diff zookeeper://zk1:2181/kafka kafka://broker1:9092 --group 'payments-.*'");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunDiff(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
