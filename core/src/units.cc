// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numeric>
#include <vector>

#include "internal/characters.h"

namespace offsetstore {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array<Unit, 5> kTimeUnits = {
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 7> kSizeUnits = {{{"B", 1},
                                             {"KB", 1000},
                                             {"MB", 1'000'000},
                                             {"GB", 1'000'000'000},
                                             {"KiB", 1024},
                                             {"MiB", 1'048'576},
                                             {"GiB", 1'073'741'824}}};

Error Refuse(std::string_view text, std::string_view why) {
  constexpr std::size_t kMostShown = 64;
  std::string shown = Printable(text.substr(0, kMostShown));
  if (text.size() > kMostShown) shown += "...";
  return MakeError(ErrorCode::kInvalidArgument, '\'' + shown + "' " + std::string(why));
}

// `text` is digits with at most one `-` before them.
Result<std::int64_t> FromDigits(std::string_view text, std::string_view shown) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{}) return Refuse(shown, "is too large: it does not fit 64 bits");
  return value;
}

// Multiplies a whole number by the factor of the unit that follows it.
Result<std::int64_t> ParseWithUnit(std::string_view text,
                                   std::span<const Unit> units,
                                   std::string_view example) {
  const auto first_other = std::find_if_not(text.begin(), text.end(), internal::IsDigit);
  const auto digits = static_cast<std::size_t>(first_other - text.begin());
  const std::string how = "(write a whole number and a unit, as in " + std::string(example) + ')';
  if (text.starts_with('-')) return Refuse(text, "is negative " + how);
  if (digits == 0) return Refuse(text, "does not start with a number " + how);
  const std::string_view name = text.substr(digits);
  if (name.empty()) return Refuse(text, "has no unit " + how);
  const auto unit = std::find_if(
      units.begin(), units.end(), [name](const Unit& known) { return known.name == name; });
  if (unit == units.end()) return Refuse(text, "has an unknown unit " + how);
  auto number = FromDigits(text.substr(0, digits), text);
  if (!number) return number;
  if (*number > std::numeric_limits<std::int64_t>::max() / unit->factor) {
    return Refuse(text, "is too large: it does not fit 64 bits");
  }
  return *number * unit->factor;
}

// Edits (insert, drop, replace, swap two neighbours) that turn `a` into `b`.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

Result<std::int64_t> ParseInteger(std::string_view text) {
  if (text.empty()) return Refuse(text, "is empty: a whole number is needed");
  if (text.find_first_of(" \t\r\n") != std::string_view::npos) {
    return Refuse(text, "has blanks: a whole number is digits only");
  }
  if (text.front() == '+') return Refuse(text, "starts with '+': write the digits alone");
  const std::string_view digits = text.front() == '-' ? text.substr(1) : text;
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), internal::IsDigit)) {
    return Refuse(text, "is not a whole number: write digits only (no 1e3, no point, no 0x)");
  }
  return FromDigits(text, text);
}

Result<Position> ParsePosition(std::string_view text) {
  auto value = ParseInteger(text);
  if (!value) return std::move(value).error();
  if (text.front() == '-') {
    return Refuse(text, "is negative: a position is 0 to 9223372036854775807");
  }
  return Position(*value);
}

Result<Duration> ParseDuration(std::string_view text) {
  if (text == "0") return Duration::zero();
  auto value = ParseWithUnit(text, kTimeUnits, "250ms, 10s, 5m, 2h or 7d");
  if (!value) return std::move(value).error();
  return Duration(*value);
}

Result<std::size_t> ParseSize(std::string_view text) {
  auto value = ParseWithUnit(text, kSizeUnits, "512B, 64KiB, 1MiB or 2GiB");
  if (!value) return std::move(value).error();
  return static_cast<std::size_t>(*value);
}

std::string ToString(Duration duration) {
  if (duration == Duration::zero()) return "0";
  const std::int64_t count = duration.count();
  const auto largest = std::find_if(kTimeUnits.rbegin(),
                                    kTimeUnits.rend(),
                                    [count](const Unit& unit) { return count % unit.factor == 0; });
  return std::to_string(count / largest->factor) + std::string(largest->name);
}

std::string_view Nearest(std::string_view word, std::span<const std::string> known) {
  constexpr std::size_t kLongestWord = 128;  // Edit distance costs the product of the lengths.
  if (word.empty() || word.size() > kLongestWord) return {};
  std::size_t best = std::clamp<std::size_t>(word.size() / 3, 1, 4) + 1;
  std::string_view nearest;
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongestWord) continue;
    const std::size_t distance = EditDistance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace offsetstore
