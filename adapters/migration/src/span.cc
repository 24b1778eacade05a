// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "offsetstore/migration/moment.h"
#include "offsetstore/units.h"
#include "text_cursor.h"

namespace offsetstore::migration {
namespace {

struct Unit {
  char letter;
  Duration length;
};
constexpr std::array kTimeUnits = {Unit{'H', std::chrono::hours(1)},
                                   Unit{'M', std::chrono::minutes(1)},
                                   Unit{'S', std::chrono::seconds(1)}};
constexpr std::size_t kMostDigits = 9;  // In the largest unit far from any overflow.

Error BadSpan(std::string_view text) {
  return MakeError(ErrorCode::kInvalidArgument,
                   "'" + Printable(text) +
                       "' is no duration: write 90m, 2d, or ISO 8601's PnDTnHnMnS, such as "
                       "P1DT12H (months and years have no fixed length)");
}

/// `nH`, `nM` and `nS` behind the `T`, in this order, at least one.
bool TakeTimes(TextCursor& cursor, Duration& span) {
  std::size_t unit = 0;
  while (!cursor.AtEnd()) {
    const auto number = cursor.TakeDigits(1, kMostDigits);
    if (!number) return false;
    if (cursor.Take('.')) {
      const auto fraction = cursor.TakeFraction();
      if (!fraction || cursor.rest() != "S") return false;
      span += Duration(*fraction);
    }
    while (unit < kTimeUnits.size() && !cursor.Take(kTimeUnits.at(unit).letter)) ++unit;
    if (unit == kTimeUnits.size()) return false;
    span += *number * kTimeUnits.at(unit++).length;
  }
  return true;
}

bool TakeIso(TextCursor& cursor, Duration& span) {
  if (cursor.AtEnd()) return false;
  if (cursor.rest().front() != 'T') {
    const auto count = cursor.TakeDigits(1, kMostDigits);
    if (!count || !cursor.Take('D')) return false;
    span += std::chrono::hours(24) * *count;
    if (cursor.AtEnd()) return true;
  }
  return cursor.Take('T') && !cursor.AtEnd() && TakeTimes(cursor, span);
}

}  // namespace

Result<Duration> ParseSpan(std::string_view text) {
  TextCursor cursor(text);
  if (!cursor.Take('P')) {
    const Result<Duration> span = ParseDuration(text);
    return span ? span : BadSpan(text);
  }
  Duration span = Duration::zero();
  if (!TakeIso(cursor, span)) return BadSpan(text);
  return span;
}

}  // namespace offsetstore::migration
