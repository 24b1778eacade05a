// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Times as people write them.
#pragma once

#include <string_view>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "offsetstore/types.h"

namespace offsetstore::migration {

/// Reads one of
///   `2026-11-27T10:00:00Z`, `2026-11-27 10:00+01:00`   a time with its zone (RFC 3339);
///   `2026-11-27T10:00:00.123`, `2026-11-27 10:00`, `2026-11-27`   local time (`TZ`);
///   `now`, `today`, `today 10:00`, `yesterday 10:00`   local days;
///   `-1h`, `-90m`, `-2d`, `-PT1H30M`   before `now`;
///   `@1700000000`, `@1700000000000`   since 1970: seconds up to 11 digits, else milliseconds.
/// Seconds and milliseconds may be left out, a day without a time begins at 00:00.
/// `InvalidArgument`: anything else; a day or time that the calendar or the clock change left out;
/// a local time that the clock change brings twice.
[[nodiscard]] Result<Time> ParseMoment(std::string_view text, Time now);

/// Reads `90m`, `2d` (as `ParseDuration`) or ISO 8601's `PnDTnHnMnS`: `P1DT12H`, `PT0.5S`.
/// `InvalidArgument`: anything else; months and years, which have no fixed length.
[[nodiscard]] Result<Duration> ParseSpan(std::string_view text);

}  // namespace offsetstore::migration
