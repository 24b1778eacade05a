// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "targets.h"

#include <algorithm>
#include <limits>
#include <set>

#include "internal/macros.h"
#include "offsetstore/units.h"

namespace offsetstore::cli {
namespace {

constexpr std::size_t kMostPartitions = 100000;

Error BadText(std::string_view text, const std::string& why) {
  return MakeError(ErrorCode::kInvalidArgument, "'" + Printable(text) + "': " + why);
}

Result<std::int32_t> ParsePartition(std::string_view text) {
  const Result<std::int64_t> number = ParseInteger(text);
  // `-0` too: what begins with a dash was meant as something else.
  if (!number || text.starts_with('-') || *number > std::numeric_limits<std::int32_t>::max()) {
    return BadText(text, "a partition is a number from 0 to 2147483647");
  }
  return static_cast<std::int32_t>(*number);
}

/// Adds `3` or `3-7`.
Status AddRange(std::string_view text, std::set<std::int32_t>& partitions) {
  const std::size_t dash = text.find('-');
  OS_ASSIGN_OR_RETURN(const std::int32_t first, ParsePartition(text.substr(0, dash)));
  std::int32_t last = first;
  if (dash != std::string_view::npos) {
    OS_ASSIGN_OR_RETURN(last, ParsePartition(text.substr(dash + 1)));
  }
  if (last < first) return BadText(text, "the range ends before it begins");
  const auto count = static_cast<std::size_t>(last - first);
  if (count >= kMostPartitions || partitions.size() + count >= kMostPartitions) {
    return BadText(text, "more than 100000 partitions; name the topic alone for all of them");
  }
  for (std::int64_t partition = first; partition <= last; ++partition) {
    partitions.insert(static_cast<std::int32_t>(partition));
  }
  return {};
}

}  // namespace

Selection Target::ToSelection() const {
  Selection selection;
  if (partitions.empty()) selection.topics.push_back(topic);
  for (const std::int32_t partition : partitions) {
    selection.partitions.push_back({topic, partition});
  }
  return selection;
}

Result<std::vector<std::int32_t>> ParsePartitions(std::string_view text) {
  std::set<std::int32_t> partitions;
  while (true) {
    const std::size_t comma = text.find(',');
    OS_RETURN_IF_ERROR(AddRange(text.substr(0, comma), partitions));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return std::vector<std::int32_t>(partitions.begin(), partitions.end());
}

Result<Target> ParseTarget(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos ||
      text.find_first_not_of("0123456789,-", colon + 1) != std::string_view::npos) {
    return Target{std::string(text), {}};
  }
  Result<std::vector<std::int32_t>> partitions = ParsePartitions(text.substr(colon + 1));
  if (!partitions) {
    return BadText(text,
                   "what follows the last ':' is no list of partitions such as 0,2-4: " +
                       partitions.error().message +
                       " (for a topic of exactly this name use --topic)");
  }
  return Target{std::string(text.substr(0, colon)), *std::move(partitions)};
}

Result<Setting> ParseSetting(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  const std::size_t colon = text.substr(0, equals).rfind(':');
  if (equals == std::string_view::npos || colon == std::string_view::npos) {
    return BadText(text, "expected TOPIC:PARTITION=OFFSET, such as orders:0=1500");
  }
  const Result<std::int32_t> partition = ParsePartition(text.substr(colon + 1, equals - colon - 1));
  if (!partition) return BadText(text, partition.error().message);
  const Result<Position> to = ParsePosition(text.substr(equals + 1));
  if (!to) return BadText(text, to.error().message);
  return Setting{{std::string(text.substr(0, colon)), *partition}, *to};
}

Result<std::vector<Setting>> ParseSettings(const std::vector<std::string>& texts) {
  std::vector<Setting> settings;
  std::set<TopicPartition> seen;
  for (const std::string& text : texts) {
    OS_ASSIGN_OR_RETURN(Setting setting, ParseSetting(text));
    if (!seen.insert(setting.at).second) return BadText(text, "this partition is named twice");
    settings.push_back(std::move(setting));
  }
  return settings;
}

}  // namespace offsetstore::cli
