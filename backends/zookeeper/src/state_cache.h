// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>

#include "names.h"
#include "partition_state.h"

namespace offsetstore::zookeeper {

/// What this store wrote last, so that a commit needs no read before it. Only a guess: the server
/// compares both versions, and a refusal is never decided from here. Threads: any.
class StateCache {
 public:
  [[nodiscard]] std::optional<PartitionState> Find(const GroupPaths& paths,
                                                   const TopicPartition& at) const;
  void Put(const GroupPaths& paths, const TopicPartition& at, PartitionState state);
  void Drop(const GroupPaths& paths, const TopicPartition& at);

  /// Groups that were seen without any node of ours, as only old consumers leave them.
  [[nodiscard]] bool IsBare(const GroupPaths& paths) const;
  void SetBare(const GroupPaths& paths, bool bare);

  /// Nodes above partitions that were seen to be there.
  [[nodiscard]] bool Knows(const std::string& path) const;
  void Know(const std::string& path);
  void Forget(const std::string& path);

 private:
  mutable std::mutex mutex_;                                // guards all
  std::unordered_map<std::string, PartitionState> states_;  // by the path of our node
  std::set<std::string> parents_;
  std::set<std::string> bare_;  // by the path of the group
};

}  // namespace offsetstore::zookeeper
