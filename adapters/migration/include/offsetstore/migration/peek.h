// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "offsetstore/backends/kafka.h"
#include "offsetstore/migration/log_view.h"
#include "offsetstore/types.h"

namespace offsetstore::migration {

struct PeekedRecord {
  Position at;  ///< Its offset.
  std::optional<Time> time;
  std::optional<std::string> key;  ///< The first bytes; none: null.
  std::optional<std::string> value;
  std::size_t key_size = 0;  ///< Of all of it.
  std::size_t value_size = 0;
};

struct PeekOptions {
  std::size_t before = 3;
  std::size_t after = 3;
  std::size_t bytes = 100;  ///< Of a key or value, the first so many are kept.
};

/// The records around a position, in the log's order. Those from `position` on are the ones that a
/// consumer would read next.
struct Peek {
  LogRange log;
  std::vector<PeekedRecord> records;
};

/// Reads them, on a handle of its own that joins no group and commits nothing. Records of
/// transactions that are open or aborted are shown too. Gaps (compaction, control records) are
/// passed: it looks further back until it has so many, or is at the log's start.
/// `OutOfRange`: no such topic or partition.
[[nodiscard]] Result<Peek> PeekAt(const KafkaOptions& options,
                                  const TopicPartition& at,
                                  Position position,
                                  const PeekOptions& how,
                                  Deadline deadline);

}  // namespace offsetstore::migration
