// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "offsetstore/position.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

using offsetstore::ToString;

/// What is to be done with one partition.
enum class Action : std::uint8_t {
  kWrite,   ///< Move the target's position to `Step::position`.
  kRemove,  ///< Remove the target's position: the way back to none.
  kKeep,    ///< Nothing is to be done; `Step::reason` says why.
  kRefuse,  ///< A guard forbids it; `Step::reason` says which, `Step::why` what to do about it.
};
[[nodiscard]] std::string_view ToString(Action action) noexcept;

/// Why. Stable names, for reports and programs.
enum class Reason : std::uint8_t {
  kNew,                 ///< The target has no position.
  kAhead,               ///< The source is ahead of the target.
  kBehind,              ///< The source is behind the target.
  kEqual,               ///< Both hold the same position.
  kSourceAbsent,        ///< The source has no position (a claim alone, or asked for by name).
  kSourceUnreadable,    ///< The source's position cannot be read or understood.
  kTargetUnreadable,    ///< The target's position cannot be read or understood.
  kTargetHasOne,        ///< The target has another position already.
  kLiveSource,          ///< Consumers of the source group are at work.
  kLiveTarget,          ///< Consumers of the target group are at work.
  kHeld,                ///< A consumer holds the target's partition.
  kTooOld,              ///< Committed before `--newer-than`.
  kTooNew,              ///< Committed after `--older-than`.
  kNoSuchTopic,         ///< The target cluster has no such topic.
  kNoSuchPartition,     ///< The topic has fewer partitions in the target cluster.
  kLogUnknown,          ///< The log's range could not be asked.
  kBelowLog,            ///< The position is before the log's start.
  kAboveLog,            ///< The position is beyond the log's end.
  kTargetCannotHoldIt,  ///< Its metadata is beyond the target's limit.
  kMoved,               ///< Source or target moved since the plan was made.
};
[[nodiscard]] std::string_view ToString(Reason reason) noexcept;

/// One partition: what was read on both sides, and what is to be done.
struct Step {
  [[nodiscard]] bool Changes() const noexcept {
    return action == Action::kWrite || action == Action::kRemove;
  }

  /// Settles it, without a position to write.
  void Become(Action now, Reason because, std::string text = {}) {
    action = now;
    reason = because;
    why = std::move(text);
    position.reset();
  }

  TopicPartition from;  ///< In the source.
  TopicPartition to;    ///< In the target; differs where topics are renamed.
  Read source;          ///< What the source holds.
  Read target;          ///< What the target holds.
  Action action = Action::kKeep;
  Reason reason = Reason::kEqual;
  std::string why;                   ///< One sentence for people; empty where the reason says it.
  std::optional<Position> position;  ///< `kWrite`: what the target is to hold.
  bool clamped = false;              ///< `position` was moved to the log's start or end.
};

/// One group.
struct GroupPlan {
  std::string from;            ///< Its name in the source.
  std::string to;              ///< Its name in the target.
  std::vector<Step> steps;     ///< Sorted by `from`.
  std::optional<Error> error;  ///< The group could not be read; then `steps` is empty.
};

}  // namespace offsetstore::migration
