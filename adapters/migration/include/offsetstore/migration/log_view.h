// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "offsetstore/deadline.h"
#include "offsetstore/position.h"
#include "offsetstore/result.h"

namespace offsetstore::migration {

/// What a partition's log holds: `start` is the first position that can be read, `end` the next
/// that will be written.
struct LogRange {
  Position start;
  Position end;

  friend bool operator==(const LogRange&, const LogRange&) = default;
};

/// The logs that positions point into: a Kafka cluster.
class LogView {
 public:
  /// By partition. A partition whose leader does not answer has an error of its own.
  using Ranges = std::map<std::int32_t, Result<LogRange>>;

  LogView() = default;
  LogView(const LogView&) = delete;
  LogView& operator=(const LogView&) = delete;
  virtual ~LogView() = default;

  /// Every partition that the topic has now; nullopt: there is no such topic. Any thread. An error
  /// is never taken for a missing topic.
  [[nodiscard]] virtual Result<std::optional<Ranges>> Topic(const std::string& topic,
                                                            Deadline deadline) = 0;
};

}  // namespace offsetstore::migration
