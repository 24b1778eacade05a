// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "config_values.h"

#include <regex.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>

#include "internal/macros.h"
#include "offsetstore/units.h"

namespace offsetstore {
namespace {

constexpr std::size_t kTopicBytes = 249;
/// More than any broker holds; keeps `orders:0-2147483647` from eating the memory.
constexpr std::size_t kMostPartitions = 200'000;

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<std::string_view> SplitAtCommas(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.push_back(Trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

bool IsTopicName(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !name.empty() && name.size() <= kTopicBytes && name != "." && name != ".." &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

Error NotATopic(std::string_view name) {
  return MakeError(
      ErrorCode::kConfigInvalid,
      "'" + Printable(name) +
          "' is no topic name: Kafka allows 1 to 249 of [A-Za-z0-9._-], not '.' or '..'");
}

/// librdkafka compiles it in the same way, and says only that something is wrong.
Status CheckRegex(std::string_view pattern) {
  regex_t compiled{};
  const std::string text(pattern);
  const int failure = ::regcomp(&compiled, text.c_str(), REG_EXTENDED | REG_NOSUB);
  if (failure == 0) {
    ::regfree(&compiled);
    return {};
  }
  std::array<char, 128> why{};
  ::regerror(failure, &compiled, why.data(), why.size());
  return MakeError(
      ErrorCode::kConfigInvalid,
      "'" + Printable(pattern) + "' begins with ^ and is no regular expression: " + why.data());
}

std::optional<std::int32_t> ToPartition(std::string_view digits) {
  const Result<std::int64_t> number = ParseInteger(digits);
  if (!number || digits.starts_with('-') || *number > std::numeric_limits<std::int32_t>::max())
    return {};
  return static_cast<std::int32_t>(*number);
}

Status AppendRange(std::string_view item, Partitions& partitions) {
  const std::size_t colon = item.rfind(':');
  if (colon == std::string_view::npos)
    return BadValue(item, "TOPIC:P or TOPIC:P-P, e.g. orders:0-3,orders:7");
  const std::string_view topic = item.substr(0, colon);
  if (!IsTopicName(topic)) return NotATopic(topic);
  const std::string_view range = item.substr(colon + 1);
  const std::size_t dash = range.find('-');
  const auto first = ToPartition(range.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : ToPartition(range.substr(dash + 1));
  if (!first || !last || *last < *first) {
    return BadValue(item, "a partition number or an ascending range, e.g. orders:0-3");
  }
  if (static_cast<std::size_t>(*last - *first) + partitions.size() >= kMostPartitions) {
    return BadValue(item, "at most 200000 partitions");
  }
  for (std::int32_t partition = *first;; ++partition) {
    partitions.push_back({std::string(topic), partition});
    if (partition == *last) return {};
  }
}

template <class T>
bool TakeNumber(std::string_view& text, std::size_t digits, char after, T& number) {
  if (text.size() < digits + 1 || text[digits] != after) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
  if (error != std::errc{} || end != text.data() + digits) return false;
  text.remove_prefix(digits + 1);
  return true;
}

/// `2026-01-02T03:04:05Z`, also with milliseconds.
std::optional<Time> ParseTime(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millis = 0;
  const bool has_millis = text.find('.') != std::string_view::npos;
  const bool shaped = TakeNumber(text, 4, '-', year) && TakeNumber(text, 2, '-', month) &&
                      TakeNumber(text, 2, 'T', day) && TakeNumber(text, 2, ':', hour) &&
                      TakeNumber(text, 2, ':', minute) &&
                      TakeNumber(text, 2, has_millis ? '.' : 'Z', second) &&
                      (!has_millis || TakeNumber(text, 3, 'Z', millis)) && text.empty();
  const std::chrono::year_month_day date{
      std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!shaped || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::milliseconds(millis);
}

}  // namespace

Error BadValue(std::string_view value, std::string_view allowed) {
  return MakeError(ErrorCode::kConfigInvalid,
                   "'" + Printable(value) + "' is not allowed: expected " + std::string(allowed));
}

Result<bool> ParseBool(std::string_view value) {
  constexpr std::array<std::string_view, 3> kTrue = {"true", "t", "1"};
  constexpr std::array<std::string_view, 3> kFalse = {"false", "f", "0"};
  if (std::ranges::find(kTrue, value) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, value) != kFalse.end()) return false;
  return BadValue(value, "true or false");
}

Result<std::vector<std::string>> ParseTopics(std::string_view value) {
  std::vector<std::string> topics;
  for (const std::string_view name : SplitAtCommas(value)) {
    if (name.starts_with('^')) {
      OS_RETURN_IF_ERROR(CheckRegex(name));
    } else if (!IsTopicName(name)) {
      return NotATopic(name);
    }
    if (std::ranges::find(topics, name) != topics.end()) {
      return MakeError(ErrorCode::kConfigInvalid, "'" + Printable(name) + "' stands there twice");
    }
    topics.emplace_back(name);
  }
  return topics;
}

Result<Partitions> ParseAssignment(std::string_view value) {
  Partitions partitions;
  for (const std::string_view item : SplitAtCommas(value)) {
    OS_RETURN_IF_ERROR(AppendRange(item, partitions));
  }
  std::ranges::sort(partitions);
  const auto twice = std::ranges::adjacent_find(partitions);
  if (twice != partitions.end()) {
    return MakeError(ErrorCode::kConfigInvalid, ToString(*twice) + " stands there twice");
  }
  return partitions;
}

Result<Start> ParseStart(std::string_view value) {
  constexpr std::string_view kAllowed =
      "earliest, latest, committed, fail, timestamp:2026-01-02T03:04:05Z or timestamp:MILLISECONDS";
  constexpr std::string_view kTimestamp = "timestamp:";
  if (value == "earliest") return Start{StartPolicy::kEarliest, {}};
  if (value == "latest") return Start{StartPolicy::kLatest, {}};
  if (value == "committed") return Start{StartPolicy::kCommitted, {}};
  if (value == "fail") return Start{StartPolicy::kFail, {}};
  if (!value.starts_with(kTimestamp)) return BadValue(value, kAllowed);
  const std::string_view when = value.substr(kTimestamp.size());
  if (const auto time = ParseTime(when)) return Start{StartPolicy::kTimestamp, *time};
  const Result<std::int64_t> millis = ParseInteger(when);
  if (!millis || *millis < 0) return BadValue(value, kAllowed);
  return Start{StartPolicy::kTimestamp, Time(std::chrono::milliseconds(*millis))};
}

Result<Start> ParseOffsetReset(std::string_view value) {
  constexpr std::array<std::string_view, 3> kEarliest = {"earliest", "smallest", "beginning"};
  constexpr std::array<std::string_view, 3> kLatest = {"latest", "largest", "end"};
  constexpr std::array<std::string_view, 2> kFail = {"error", "none"};
  if (std::ranges::find(kEarliest, value) != kEarliest.end()) return ParseStart("earliest");
  if (std::ranges::find(kLatest, value) != kLatest.end()) return ParseStart("latest");
  if (std::ranges::find(kFail, value) != kFail.end()) return ParseStart("fail");
  return BadValue(value, "earliest, latest or error; better offsetstore.start");
}

}  // namespace offsetstore
