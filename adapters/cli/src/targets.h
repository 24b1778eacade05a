// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/position.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "offsetstore/types.h"

namespace offsetstore::cli {

/// A topic, and which of its partitions.
struct Target {
  std::string topic;
  std::vector<std::int32_t> partitions;  ///< Sorted, no doubles; empty = all that are stored.

  /// What a fetch of it asks for.
  [[nodiscard]] Selection ToSelection() const;
};

/// One `TOPIC:P=OFFSET`.
struct Setting {
  TopicPartition at;
  Position to;
};

/// Parses `TOPIC` or `TOPIC:P,P-P`. The last `:` with nothing but digits, commas and dashes after
/// it ends the topic, so a topic may contain `:` itself. `InvalidArgument` for a malformed list.
[[nodiscard]] Result<Target> ParseTarget(std::string_view text);

/// Parses `0,2-4`: at most 100,000 partitions.
[[nodiscard]] Result<std::vector<std::int32_t>> ParsePartitions(std::string_view text);

/// Parses `TOPIC:P=OFFSET`: the last `=` and the last `:` before it separate, so a topic may
/// contain both.
[[nodiscard]] Result<Setting> ParseSetting(std::string_view text);

/// Parses them all; `InvalidArgument` also where one partition is named twice.
[[nodiscard]] Result<std::vector<Setting>> ParseSettings(const std::vector<std::string>& texts);

}  // namespace offsetstore::cli
