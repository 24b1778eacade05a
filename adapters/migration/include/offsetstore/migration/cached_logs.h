// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "offsetstore/migration/log_view.h"
#include "offsetstore/types.h"

namespace offsetstore::migration {

/// Asks for each topic once, however many groups stand in it: for one look at many groups. What
/// could not be asked is asked again.
class CachedLogs final : public LogView {
 public:
  /// `below` is borrowed.
  explicit CachedLogs(LogView& below) : below_(below) {}

  [[nodiscard]] Result<std::optional<Ranges>> Topic(const std::string& topic,
                                                    Deadline deadline) override;

 private:
  LogView& below_;
  std::mutex mutex_;  // Guards the topics.
  std::map<std::string, std::optional<Ranges>> topics_;
};

/// One partition of what `logs` tell of its topic. `OutOfRange`: there is no such topic or
/// partition; else why its log could not be asked.
[[nodiscard]] Result<LogRange> RangeOf(LogView& logs, const TopicPartition& at, Deadline deadline);

}  // namespace offsetstore::migration
