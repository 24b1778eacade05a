// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/moment.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <limits>
#include <optional>
#include <set>
#include <string>

#include "internal/macros.h"
#include "offsetstore/units.h"
#include "text_cursor.h"

namespace offsetstore::migration {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

Error Bad(std::string_view text, const std::string& why) {
  return MakeError(ErrorCode::kInvalidArgument, "'" + Printable(text) + "' is no time: " + why);
}

Error NoForm(std::string_view text) {
  return Bad(text,
             "write 2026-11-27T10:00:00Z, '2026-11-27 10:00' (local time), -1h, 'yesterday 10:00' "
             "or @1700000000 (seconds since 1970)");
}

/// `10:00`, `10:00:30`, `10:00:30.123`.
std::optional<milliseconds> TakeClock(TextCursor& cursor) {
  const auto hour = cursor.TakeDigits(2, 2);
  if (!hour || *hour > 23 || !cursor.Take(':')) return std::nullopt;
  const auto minute = cursor.TakeDigits(2, 2);
  if (!minute || *minute > 59) return std::nullopt;
  milliseconds clock = hours(*hour) + minutes(*minute);
  if (!cursor.Take(':')) return clock;
  const auto second = cursor.TakeDigits(2, 2);
  if (!second || *second > 59) return std::nullopt;
  clock += seconds(*second);
  if (!cursor.Take('.')) return clock;
  const auto fraction = cursor.TakeFraction();
  if (!fraction) return std::nullopt;
  return clock + milliseconds(*fraction);
}

/// `01:00`, `0100`, `01`: hours and minutes.
std::optional<minutes> TakeOffset(TextCursor& cursor) {
  if (const auto both = cursor.TakeDigits(4, 4)) {
    if (*both % 100 > 59) return std::nullopt;
    return hours(*both / 100) + minutes(*both % 100);
  }
  const auto hour = cursor.TakeDigits(2, 2);
  if (!hour || cursor.AtEnd()) return hour ? std::optional<minutes>(hours(*hour)) : std::nullopt;
  const auto minute = cursor.Take(':') ? cursor.TakeDigits(2, 2) : std::nullopt;
  if (!minute || *minute > 59) return std::nullopt;
  return hours(*hour) + minutes(*minute);
}

/// `Z`, `+01:00`, `-0530`, `+01`: how far local time is ahead.
std::optional<minutes> TakeZone(TextCursor& cursor) {
  if (cursor.Take('Z') || cursor.Take('z')) return minutes(0);
  const bool east = cursor.Take('+');
  if (!east && !cursor.Take('-')) return std::nullopt;
  const auto ahead = TakeOffset(cursor);
  if (!ahead || *ahead >= days(1)) return std::nullopt;
  return east ? *ahead : -*ahead;
}

std::tm LocalOf(Time time) {
  const std::time_t since_epoch = std::chrono::floor<seconds>(time).time_since_epoch() / seconds(1);
  std::tm local{};
  // localtime_r alone need not look at TZ.
  ::tzset();
  ::localtime_r(&since_epoch, &local);
  return local;
}

/// Local time, taken for UTC.
Time Wall(Time time) {
  const std::tm local = LocalOf(time);
  return time + seconds(local.tm_gmtoff);
}

/// The moments at which clocks here show `wall`: none where they are put forward over it, two where
/// they are put back.
std::set<Time> MomentsOf(Time wall) {
  std::set<Time> moments;
  // Clocks never change twice within two days, so one of these offsets is the right one.
  for (const Time near : {wall - days(1), wall + days(1)}) {
    const Time moment = wall - seconds(LocalOf(near).tm_gmtoff);
    if (Wall(moment) == wall) moments.insert(moment);
  }
  return moments;
}

Result<Time> FromLocal(std::string_view text, Time wall) {
  const std::set<Time> moments = MomentsOf(wall);
  if (moments.empty()) {
    return Bad(text, "the clocks here were put forward over it; write another, or one with a zone");
  }
  if (moments.size() > 1) {
    return Bad(text,
               "the clocks here showed it twice; write which one, as " +
                   ToString(*moments.begin()) + " or " + ToString(*moments.rbegin()));
  }
  return *moments.begin();
}

Result<Time> ParseDated(std::string_view text) {
  TextCursor cursor(text);
  const auto year = cursor.TakeDigits(4, 4);
  if (!year || !cursor.Take('-')) return NoForm(text);
  const auto month = cursor.TakeDigits(2, 2);
  if (!month || !cursor.Take('-')) return NoForm(text);
  const auto day = cursor.TakeDigits(2, 2);
  if (!day) return NoForm(text);
  const year_month_day date(std::chrono::year(static_cast<int>(*year)),
                            std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return Bad(text, "there is no such day");
  const Time midnight = sys_days(date);
  if (cursor.AtEnd()) return FromLocal(text, midnight);
  if (!cursor.Take('T') && !cursor.Take('t') && !cursor.Take(' ')) return NoForm(text);
  const auto clock = TakeClock(cursor);
  if (!clock) return Bad(text, "the time of day is 00:00 to 23:59:59.999");
  if (cursor.AtEnd()) return FromLocal(text, midnight + *clock);
  const auto ahead = TakeZone(cursor);
  if (!ahead || !cursor.AtEnd()) return Bad(text, "a zone is Z, +01:00 or -05:00");
  return midnight + *clock - *ahead;
}

/// What follows `today` or `yesterday`.
Result<Time> ParseOnDay(std::string_view text, std::string_view rest, Time day) {
  const Time midnight = std::chrono::floor<days>(day);
  if (rest.empty()) return FromLocal(text, midnight);
  TextCursor cursor(rest);
  if (!cursor.Take(' ')) return NoForm(text);
  const auto clock = TakeClock(cursor);
  if (!clock || !cursor.AtEnd()) return Bad(text, "the time of day is 00:00 to 23:59:59.999");
  return FromLocal(text, midnight + *clock);
}

Result<Time> ParseSinceEpoch(std::string_view text) {
  constexpr std::size_t kMostSeconds = 11;
  constexpr std::size_t kMostMilliseconds = 14;
  TextCursor cursor(text.substr(1));
  const auto number = cursor.TakeDigits(1, kMostMilliseconds);
  if (!number || !cursor.AtEnd()) return Bad(text, "behind @ stand 1 to 14 digits");
  if (text.size() - 1 <= kMostSeconds) return Time(seconds(*number));
  return Time(milliseconds(*number));
}

}  // namespace

Result<Time> ParseMoment(std::string_view text, Time now) {
  constexpr std::string_view kToday = "today";
  constexpr std::string_view kYesterday = "yesterday";
  if (text == "now") return now;
  if (text.starts_with(kToday)) return ParseOnDay(text, text.substr(kToday.size()), Wall(now));
  if (text.starts_with(kYesterday)) {
    return ParseOnDay(text, text.substr(kYesterday.size()), Wall(now) - days(1));
  }
  if (text.starts_with('@')) return ParseSinceEpoch(text);
  if (!text.starts_with('-')) return ParseDated(text);
  const Result<Duration> span = ParseSpan(text.substr(1));
  if (!span) return Bad(text, span.error().message);
  return now - *span;
}

}  // namespace offsetstore::migration
