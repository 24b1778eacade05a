// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "offsetstore/deadline.h"
#include "offsetstore/migration/group_watch.h"
#include "offsetstore/migration/kafka_cluster.h"
#include "offsetstore/result.h"

namespace CLI {
class App;
}

namespace offsetstore::cli {

/// `--brokers B` and `--config FILE`: the cluster that holds the topics.
struct ClusterArguments {
  std::string brokers;
  std::string config;

  [[nodiscard]] bool Given() const noexcept { return !brokers.empty() || !config.empty(); }
};
void AddClusterArguments(CLI::App& command, ClusterArguments& arguments);

/// The cluster that is named, else the store's own where it is `kafka://`. `InvalidArgument`:
/// neither.
[[nodiscard]] Result<KafkaOptions> ClusterOf(const ClusterArguments& arguments,
                                             const std::string& store_uri);

/// The same, opened; null where none is named and the store has none of its own.
[[nodiscard]] Result<std::unique_ptr<migration::KafkaCluster>> OpenClusterIfAny(
    const ClusterArguments& arguments, const std::string& store_uri, Deadline deadline);

/// Who tells whether the store's groups have consumers at work, for stores that do not fence them:
/// `kafka://` and `zookeeper://`. Null for any other.
[[nodiscard]] Result<std::unique_ptr<migration::GroupWatch>> OpenWatch(const std::string& store_uri,
                                                                       Deadline deadline);

}  // namespace offsetstore::cli
