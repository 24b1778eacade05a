// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/position.h"
#include "offsetstore/result.h"
#include "offsetstore/types.h"

namespace [[gnu::visibility("default")]] offsetstore {

using Partitions = std::vector<TopicPartition>;

/// Where a group begins to read a topic of which nothing is stored. Resolved once, to numbers, for
/// every partition of the topic; a partition that appears later starts at its earliest record.
enum class StartPolicy : std::uint8_t {
  kEarliest,
  kLatest,
  kTimestamp,  ///< The first record at or after `Start::timestamp`; the end where there is none.
  kCommitted,  ///< What the group has committed in Kafka, earliest where that is nothing.
  kFail,       ///< Do not start.
};

struct Start {
  StartPolicy policy = StartPolicy::kEarliest;
  Time timestamp{};
};

/// The records a partition has: `start` is its first record, `end` the position after its last.
struct LogRange {
  Position start;
  Position end;
  std::optional<std::int32_t> leader_epoch;  ///< The newest one; none = the client cannot tell.
  std::string topic_id;                      ///< Empty = the client cannot tell.
};

enum class Isolation : std::uint8_t {
  kAsReader,     ///< As the consumer reads: under read_committed `end` is the last stable offset.
  kUncommitted,  ///< The high watermark, whatever the consumer reads.
};

/// What a session asks of the Kafka client around it. Implemented by `Consumer`, or by you over
/// your own client. Called on the session's own thread only, one call at a time, never while the
/// session holds a lock; must not call back into the session. `Wake` may come from any thread.
class Client {
 public:
  Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  virtual ~Client() = default;

  /// Kafka's cluster id; empty where the client cannot tell.
  [[nodiscard]] virtual Result<std::string> ClusterId(Deadline deadline) = 0;

  // `InvalidArgument`: no such topic or partition, as far as the client sees. A static assignment
  // ends by it; in a group it is asked again, since the broker that was asked may lag behind.

  /// All partitions of `topic`, sorted. A topic that does not exist is an error, never an empty
  /// list.
  [[nodiscard]] virtual Result<std::vector<std::int32_t>> PartitionsOf(std::string_view topic,
                                                                       Deadline deadline) = 0;

  /// The log range of each partition, in the order of the request.
  [[nodiscard]] virtual Answers<Result<LogRange>> Ranges(std::span<const TopicPartition> partitions,
                                                         Isolation isolation,
                                                         Deadline deadline) = 0;

  /// Turns a start policy (never `kFail`) into a position for each partition.
  [[nodiscard]] virtual Answers<Result<Position>> Resolve(
      std::span<const TopicPartition> partitions, const Start& start, Deadline deadline) = 0;

  /// Actions are waiting: let the poll thread call `Session::TakeActions` soon. Must not block.
  virtual void Wake() noexcept = 0;
};

}  // namespace offsetstore
