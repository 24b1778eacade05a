// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "offsetstore/migration/log_view.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

/// One stored position beside the log that it points into.
struct LagRow {
  Read read;
  std::optional<LogRange> log;
  /// What is left in the log from the position on, in offsets; a distance, not a count of records.
  /// None where there is no position or no log to compare it with.
  std::optional<std::int64_t> lag;
  std::string note;            ///< Where it is not within the log; for people.
  std::optional<Error> error;  ///< The position or the log could not be read.
};

/// What was read of a group, beside its logs, which are asked for. What cannot be read of one
/// partition hides no other.
[[nodiscard]] std::vector<LagRow> LagOf(std::vector<Read> reads, LogView& logs, Deadline deadline);

/// Whether `a` stands before `b` where the largest lag comes first; what has none comes last.
[[nodiscard]] bool LagsMore(const LagRow& a, const LagRow& b) noexcept;

}  // namespace offsetstore::migration
