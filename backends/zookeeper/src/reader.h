// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "names.h"
#include "offsetstore/store.h"
#include "partition_state.h"
#include "reads.h"
#include "state_cache.h"

namespace offsetstore::zookeeper {

/// Reads the nodes of one group, for one call of the store.
class Reader {
 public:
  Reader(const Session& session, StateCache& cache, const GroupPaths& paths, Deadline deadline)
      : reads_(session, deadline), cache_(cache), paths_(paths) {}

  /// The state of each partition, in order; one that could not be read is `unreadable`.
  [[nodiscard]] std::vector<PartitionState> States(std::span<const TopicPartition> partitions);

  /// Answers a fetch.
  [[nodiscard]] Answers<Read> Fetch(const Selection& selection);

 private:
  /// As `States`. `own`: the partitions that had a node of ours a moment ago.
  [[nodiscard]] std::vector<PartitionState> StatesBeside(
      const std::set<TopicPartition>& own, std::span<const TopicPartition> partitions);
  [[nodiscard]] std::vector<PartitionState> StatesByName(
      std::span<const TopicPartition> partitions);
  void NameForeign(std::vector<Read>& reads);

  Reads reads_;
  StateCache& cache_;
  const GroupPaths& paths_;
};

}  // namespace offsetstore::zookeeper
