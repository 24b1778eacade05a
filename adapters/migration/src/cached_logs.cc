// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/cached_logs.h"

#include <algorithm>

#include "internal/macros.h"
#include "reset_target.h"

namespace offsetstore::migration {
namespace {

bool IsWhole(const std::optional<LogView::Ranges>& ranges) {
  return !ranges || std::all_of(ranges->begin(), ranges->end(), [](const auto& range) {
    return range.second.has_value();
  });
}

}  // namespace

Result<std::optional<LogView::Ranges>> CachedLogs::Topic(const std::string& topic,
                                                         Deadline deadline) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = topics_.find(topic); known != topics_.end()) return known->second;
  }
  OS_ASSIGN_OR_RETURN(std::optional<Ranges> ranges, below_.Topic(topic, deadline));
  if (!IsWhole(ranges)) return ranges;
  const std::lock_guard lock(mutex_);
  return topics_.emplace(topic, std::move(ranges)).first->second;
}

Result<LogRange> RangeOf(LogView& logs, const TopicPartition& at, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::optional<LogView::Ranges> topic, logs.Topic(at.topic, deadline));
  if (!topic) return NoSuchTopic(at.topic);
  const auto found = topic->find(at.partition);
  if (found != topic->end()) return found->second;
  return MakeError(ErrorCode::kOutOfRange,
                   "topic '" + Printable(at.topic) + "' has no partition " +
                       std::to_string(at.partition) + ", but " + std::to_string(topic->size()) +
                       " partitions");
}

}  // namespace offsetstore::migration
