// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "offsetstore/deadline.h"
#include "offsetstore/position.h"
#include "offsetstore/result.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// Parses a whole decimal integer: an optional `-`, digits, nothing else. `InvalidArgument` for an
/// empty text, a `+`, blanks, `1e3`, and what does not fit 64 bits, each named.
[[nodiscard]] Result<std::int64_t> ParseInteger(std::string_view text);

/// Parses a position: digits only, 0 to 2^63-1. `InvalidArgument` says which rule was broken.
[[nodiscard]] Result<Position> ParsePosition(std::string_view text);

/// Parses `250ms`, `10s`, `5m`, `2h`, `7d`, `0` (zero needs no unit). `InvalidArgument` for a
/// missing or unknown unit, a negative number, an overflow.
[[nodiscard]] Result<Duration> ParseDuration(std::string_view text);

/// Parses `512B`, `64KiB`, `1MiB`, `2GiB` (also `KB`, `MB`, `GB` as powers of 1000) to bytes.
[[nodiscard]] Result<std::size_t> ParseSize(std::string_view text);

/// `250ms`, `10s`, `5m`: the shortest exact form, which `ParseDuration` reads back.
[[nodiscard]] std::string ToString(Duration duration);

/// Returns the element of `known` nearest to `word` by edit distance, or an empty view where none
/// is near enough to be worth a hint.
[[nodiscard]] std::string_view Nearest(std::string_view word, std::span<const std::string> known);

}  // namespace offsetstore
