// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>

#include "group_log.h"
#include "internal/rules.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// The records as the requests of a call that were decided so far leave them.
class Staged {
 public:
  explicit Staged(const RecordMap& records) : records_(records) {}

  [[nodiscard]] const Record& At(const TopicPartition& at) const {
    const auto found = changed_.find(at);
    return found == changed_.end() ? Lookup(records_, at) : found->second;
  }

  void Put(const TopicPartition& at, const std::optional<Record>& next) {
    if (!next) return;
    changes_.emplace_back(at, *next);
    changed_[at] = *next;
  }

  [[nodiscard]] GroupLog::Changes Take() && { return std::move(changes_); }

 private:
  const RecordMap& records_;
  RecordMap changed_;
  GroupLog::Changes changes_;
};

}  // namespace internal
}  // namespace offsetstore
