// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "client.h"
#include "names.h"
#include "offsetstore/store.h"
#include "partition_state.h"

namespace offsetstore::zookeeper {

/// Reads the nodes of groups, pipelined. Every read goes after a `sync`, so that a server that lags
/// behind its ensemble shows nothing older than what was acknowledged.
class Reader {
 public:
  explicit Reader(const Session& session) : session_(session) {}

  /// The state of each partition, in order; one that could not be read is `unreadable`.
  [[nodiscard]] std::vector<PartitionState> States(const GroupPaths& paths,
                                                   std::span<const TopicPartition> partitions,
                                                   Deadline deadline) const;

  /// Answers a fetch.
  [[nodiscard]] Answers<Read> Fetch(const GroupPaths& paths,
                                    const Selection& selection,
                                    Deadline deadline) const;

 private:
  /// As `States`. `own`: the partitions that had a node of ours a moment ago.
  [[nodiscard]] std::vector<PartitionState> StatesBeside(const std::set<TopicPartition>& own,
                                                         const GroupPaths& paths,
                                                         std::span<const TopicPartition> partitions,
                                                         Deadline deadline) const;
  [[nodiscard]] std::vector<PartitionState> StatesByName(const GroupPaths& paths,
                                                         std::span<const TopicPartition> partitions,
                                                         Deadline deadline) const;
  void NameForeign(const GroupPaths& paths, std::vector<Read>& reads, Deadline deadline) const;

  const Session& session_;
};

}  // namespace offsetstore::zookeeper
