// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "lag_options.h"

#include <CLI/CLI.hpp>

#include "internal/macros.h"
#include "targets.h"

namespace offsetstore::cli {
namespace {

Result<Selection> ReadTopics(const std::vector<std::string>& topics) {
  Selection selection;
  for (const std::string& text : topics) {
    OS_ASSIGN_OR_RETURN(const Target target, ParseTarget(text));
    const Selection one = target.ToSelection();
    selection.topics.insert(selection.topics.end(), one.topics.begin(), one.topics.end());
    selection.partitions.insert(
        selection.partitions.end(), one.partitions.begin(), one.partitions.end());
  }
  if (selection.topics.empty() || selection.partitions.empty()) return selection;
  return MakeError(ErrorCode::kInvalidArgument,
                   "--topic: either whole topics or partitions, not both in one run");
}

}  // namespace

void AddLagOrder(CLI::App& command, LagOrder& order) {
  command
      .add_option_function<std::string>(
          "--sort",
          [&order](const std::string& by) {
            order = by == "lag" ? LagOrder::kLag : LagOrder::kTopic;
          },
          "topic, or lag: the largest first")
      ->check(CLI::IsMember({"topic", "lag"}))
      ->type_name("BY")
      ->default_str("topic");
}

void AddLagArguments(CLI::App& command, LagArguments& arguments) {
  AddStoreArguments(command, arguments.store);
  AddGroupArguments(command, arguments.groups);
  command
      .add_option("--topic",
                  arguments.topics,
                  "Only this topic, or only these partitions of it; again for more")
      ->type_name("TOPIC[:P,P-P]")
      ->allow_extra_args(false);
  AddClusterArguments(command, arguments.cluster);
  AddLagOrder(command, arguments.order);
}

Result<LagLook> LagSource::Look() const {
  OS_ASSIGN_OR_RETURN(const std::vector<std::string> names, FindGroups(*store, groups, timeout));
  return LookAtLag(*store, *cluster, names, selection, order, timeout);
}

Result<LagSource> OpenLag(const BackendRegistry& registry, const LagArguments& arguments) {
  LagSource source;
  OS_ASSIGN_OR_RETURN(source.groups, ReadGroups(arguments.groups));
  OS_ASSIGN_OR_RETURN(source.selection, ReadTopics(arguments.topics));
  OS_ASSIGN_OR_RETURN(const KafkaOptions cluster,
                      ClusterOf(arguments.cluster, arguments.store.uri));
  source.order = arguments.order;
  source.timeout = arguments.store.timeout;
  const Deadline deadline = Deadline::After(source.timeout);
  OS_ASSIGN_OR_RETURN(source.store, Open(registry, arguments.store, Purpose::kLook, deadline));
  OS_ASSIGN_OR_RETURN(source.cluster, migration::KafkaCluster::Open(cluster, deadline));
  return source;
}

}  // namespace offsetstore::cli
