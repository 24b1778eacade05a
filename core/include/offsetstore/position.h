// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <compare>
#include <cstdint>
#include <limits>

namespace [[gnu::visibility("default")]] offsetstore {

/// The offset of the **next record to read** of one partition: after the record at offset 2 was
/// processed the position is 3. Never "last processed". Unit: offsets, 0 to 2^63-1.
///
/// Gaps are legal (compaction, aborted transactions, control records), so the difference of two
/// positions is a distance in the log and never a count of records.
class Position {
 public:
  static constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

  constexpr Position() noexcept = default;

  /// Requires `next >= 0`. Data from outside is checked before: see `IsValid`.
  constexpr explicit Position(std::int64_t next) noexcept : next_(next) { assert(IsValid(next)); }

  /// Returns whether `next` can be a position. Kafka's logical offsets (-1, -2, -1001) cannot.
  [[nodiscard]] static constexpr bool IsValid(std::int64_t next) noexcept { return next >= 0; }

  [[nodiscard]] constexpr std::int64_t value() const noexcept { return next_; }

  friend constexpr auto operator<=>(Position, Position) noexcept = default;

 private:
  std::int64_t next_ = 0;
};

}  // namespace offsetstore
