// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/migration/group_watch.h"
#include "offsetstore/migration/log_view.h"
#include "offsetstore/migration/time_view.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

/// Where positions are to go; as `kafka-consumer-groups --reset-offsets` has them.
enum class ResetTo : std::uint8_t {
  kEarliest,  ///< The log's start.
  kLatest,    ///< The log's end.
  kOffset,    ///< `number`.
  kShift,     ///< `number` further than the position; an error where there is none.
  kTime,      ///< The first record at or after `time`; the log's end where there is none.
  kCurrent,   ///< The position, moved into the log; the log's end where there is none.
  kFile,      ///< What `file` holds for the group.
};

struct ResetTarget {
  ResetTo to = ResetTo::kCurrent;
  std::int64_t number = 0;
  Time time{};
  OffsetStore* file = nullptr;  ///< Borrowed.
};

/// A topic, and which of its partitions; none: all that the cluster has, or, without a cluster to
/// ask, all that are stored.
struct TopicScope {
  std::string topic;
  std::vector<std::int32_t> partitions;
};

/// What is looked at. All borrowed.
struct ResetView {
  OffsetStore& store;
  LogView* logs = nullptr;      ///< Null: positions are not checked against the log.
  TimeView* times = nullptr;    ///< Needed for `kTime`.
  GroupWatch* watch = nullptr;  ///< Null: the store itself refuses or fences who is at work.
};

struct ResetStep {
  /// The partition of a step that stands for a whole topic which is not there.
  static constexpr std::int32_t kWholeTopic = -1;

  TopicPartition at;
  Slot current;  ///< What the group holds, from which it is reckoned.
  Read saw;      ///< What the group that is written holds.
  std::optional<LogRange> log;
  std::optional<Position> to;  ///< None: `error` says why.
  std::optional<Error> error;
  std::string note;  ///< What is to be known of `to`: clamped, not checked, ...

  /// Whether there is anything to write.
  [[nodiscard]] bool Changes() const;
};

struct ResetPlan {
  std::string from;              ///< Whose positions were read.
  std::string group;             ///< Whose positions are written.
  std::vector<ResetStep> steps;  ///< By topic and partition; in the scope's order.
  std::optional<Error> error;    ///< Nothing of the group can be done; then `steps` is empty.
};

/// Says what resetting `from` and writing it to `group` would do. Positions that are not within the
/// log are moved to its nearer end, which `note` says. Nothing is written.
[[nodiscard]] ResetPlan PlanReset(const ResetView& view,
                                  const std::string& from,
                                  const std::string& group,
                                  std::span<const TopicScope> scope,
                                  const ResetTarget& target,
                                  Deadline deadline);

/// Whether the target cannot be found without a cluster to ask.
[[nodiscard]] bool NeedsLogs(ResetTo to) noexcept;

}  // namespace offsetstore::migration
