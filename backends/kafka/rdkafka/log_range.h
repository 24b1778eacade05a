// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/position.h"
#include "offsetstore/result.h"
#include "offsetstore/types.h"

namespace offsetstore::rdkafka {

/// The positions that a partition's log holds: `start` is the first that can be read, `end` the
/// next that will be written. A `read_committed` handle sees the last stable offset as the end.
struct LogEnds {
  Position start;
  Position end;
  std::optional<std::int32_t> leader_epoch;  ///< Where the library can tell.
};

/// The partitions of a topic and their leaders' broker ids (-1: no leader now).
/// `InvalidArgument`: no such topic.
[[nodiscard]] Result<std::map<std::int32_t, std::int32_t>> Leaders(rd_kafka_t* handle,
                                                                   const std::string& topic,
                                                                   Deadline deadline);

/// Start and end of each partition's log, in the order of the request. One call per leader, side
/// by side: a broker that is down costs only its own partitions.
/// (`rd_kafka_query_watermark_offsets` of 2.0.2 ignores its timeout when a leader is down.)
[[nodiscard]] std::vector<Result<LogEnds>> LogRange(rd_kafka_t* handle,
                                                    std::span<const TopicPartition> partitions,
                                                    Deadline deadline);

/// The position of the first record at or after `time` (milliseconds since the epoch) of each
/// partition, in the order of the request; the log's end where there is none.
[[nodiscard]] std::vector<Result<Position>> PositionsAt(rd_kafka_t* handle,
                                                        std::span<const TopicPartition> partitions,
                                                        std::int64_t time,
                                                        Deadline deadline);

}  // namespace offsetstore::rdkafka
