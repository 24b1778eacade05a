// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offsetstore/deadline.h"
#include "offsetstore/position.h"
#include "offsetstore/types.h"

namespace [[gnu::visibility("default")]] offsetstore {

enum class EventKind : std::uint8_t {
  kAssigned,    ///< A partition was assigned; its claim is being taken.
  kStarted,     ///< Nothing was stored for a topic: the start policy was resolved (`position`).
  kRestored,    ///< A partition goes on at `position`.
  kParked,      ///< A partition could not be claimed or checked in time; it joins later.
  kCommitted,   ///< `position` is stored, durable at the store's level unless `text` says less.
  kReleased,    ///< The claim was given back after the last commit.
  kLost,        ///< The partition was lost: nothing was committed.
  kMoved,       ///< An operator set the position: going on at `position`.
  kFenced,      ///< Somebody else holds the claim; the partition's work was dropped.
  kConflict,    ///< What is stored is not what was expected.
  kInDoubt,     ///< A commit's answer was lost; a conditional claim settles it.
  kRolledBack,  ///< The caller's transaction was rolled back: its records come again.
  kWentBack,    ///< The store shows less than it acknowledged (failover, restored backup).
  kOutOfRange,  ///< The stored position is not in the log; `position` is where it goes on, if it
                ///< does.
  kStalled,     ///< A record is not done for longer than the stall time (`position`, `age`).
  kFull,        ///< Too many records are delivered and not committed: the partition is paused.
  kStoreDown,   ///< The store does not answer; partitions are paused.
  kStoreUp,     ///< It does again.
  kRejoin,      ///< The group is asked to decide who owns what.
  kSkipped,     ///< A record was given up after its handler failed.
  kRetried,     ///< A handler failed and the record is tried again.
  kClient,      ///< Something the Kafka client reported.
  kDrift,       ///< A dual's secondary does not hold what its primary holds (`position`), or does
                ///< again.
  kGuarantee,   ///< What store and configuration promise; told once, at the start.
};

[[nodiscard]] std::string_view ToString(EventKind kind) noexcept;

/// Something worth knowing. One shape for all kinds; what does not apply is empty.
struct Event {
  EventKind kind = EventKind::kAssigned;
  std::optional<TopicPartition> at;
  std::optional<Position> position;
  std::optional<Position> previous;  ///< The position before.
  std::optional<Duration> age;
  std::string text;  ///< One line for people.
};

/// `committed orders[3] 42`: one line, escaped.
[[nodiscard]] std::string ToString(const Event& event);

/// Receives events; silent by default. Called on any thread of the session or adapter, one call at
/// a time, with no lock held that a call into the session would need; must be quick.
class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;
  virtual void On(const Event& event) noexcept = 0;
};

}  // namespace offsetstore
