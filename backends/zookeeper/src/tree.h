// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "names.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "reads.h"

namespace offsetstore::zookeeper {

/// What is below the nodes of one group, before any partition is read.
struct GroupTree {
  std::set<TopicPartition> partitions;  ///< With a leaf or a node of ours, or both.
  std::set<TopicPartition> own;         ///< Of them, those with a node of ours.
  /// What cannot be read at all: a 0.7 node, under the partition it speaks of where that has no
  /// leaf; under the partition -1 of a topic other children that are no partitions.
  std::map<TopicPartition, Error> foreign;
  /// Topics of which no partition can be known: all offsets in the topic's own node, children that
  /// may not be listed.
  std::map<std::string, Error> topics;
};

inline constexpr std::int32_t kNoPartition = -1;

/// The children of each path, in order; a node that is missing has none.
[[nodiscard]] std::vector<Result<std::vector<std::string>>> Children(
    Reads& reads, std::span<const std::string> paths);

/// Lists the partitions of `topics`, or of every topic where that is empty, of each group. An error
/// is one of the group's own nodes.
[[nodiscard]] std::vector<Result<GroupTree>> ListTrees(Reads& reads,
                                                       std::span<const GroupPaths> groups,
                                                       std::span<const std::string> topics);

/// One request of that kind for each path.
[[nodiscard]] std::vector<Request> Requests(Request::Kind kind, std::span<const std::string> paths);

}  // namespace offsetstore::zookeeper
