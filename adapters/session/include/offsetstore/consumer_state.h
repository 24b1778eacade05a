// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "offsetstore/session.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// How a consumer is, for health checks and metrics: the session's state, and what only the client
/// knows. From `Consumer::State`.
struct ConsumerState {
  struct Partition {
    PartitionState state;
    std::optional<std::int64_t>
        lag;              ///< Records' worth of offsets from `committed` to the log's end.
    bool at_end = false;  ///< Read to its end and every record of it committed.
  };
  std::vector<Partition> partitions;
  bool store_up = true;
  std::optional<Time> last_commit;  ///< As `Snapshot::last_commit`.
  std::uint64_t late_done = 0;
  bool all_at_end =
      false;  ///< There is an assignment, nothing is parked, and every partition is `at_end`.
};

}  // namespace offsetstore
