// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/position.h"
#include "offsetstore/result.h"
#include "offsetstore/types.h"

namespace offsetstore::migration {

/// Finds positions by the time of the records: a Kafka cluster.
class TimeView {
 public:
  TimeView() = default;
  TimeView(const TimeView&) = delete;
  TimeView& operator=(const TimeView&) = delete;
  virtual ~TimeView() = default;

  /// The position of the first record at or after `time` of each partition, in the order of the
  /// request; the log's end where there is none. Any thread.
  [[nodiscard]] virtual std::vector<Result<Position>> PositionsAt(
      std::span<const TopicPartition> partitions, Time time, Deadline deadline) = 0;
};

}  // namespace offsetstore::migration
