// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <semaphore>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/position.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// How trackers reach the session's thread. Shared by both, since a ticket may outlive the session.
class Signals {
 public:
  /// Lets `WaitUntil` return. Wait-free; any thread.
  void Kick() noexcept {
    // At most one token: the semaphore is binary, and the waiter takes the flag back before it
    // looks.
    if (!kicked_.exchange(true)) semaphore_.release();
  }
  void WaitUntil(Deadline::Clock::time_point due) {
    if (semaphore_.try_acquire_until(due)) kicked_ = false;
  }
  /// `Done` calls that came after their partition was gone.
  std::atomic<std::uint64_t> late_done{0};

 private:
  std::atomic<bool> kicked_{false};
  std::binary_semaphore semaphore_{0};
};

/// Which records of one assignment of one partition are done: a ring of bits indexed by delivery
/// ordinal (0, 1, 2, ... in the order of delivery), so that gaps in the offsets cost nothing.
///
/// Threads: `Push`, `ReachedEnd`, `Full` on one thread (poll); `Done` and `Abandon` on any,
/// wait-free; `Scan`, `Acknowledge`, `IsNext` and `MarkAfter` one at a time (under the session's
/// lock); the rest on any.
///
/// A slot is used again only after its record was acknowledged by the store, so that `capacity`
/// bounds what is delivered and not acknowledged: that is the bound of repeats after a kill.
class Tracker {
 public:
  /// `capacity` is rounded up to a power of two, at least 64. `Done` and `Abandon` kick `signals`
  /// when there is reason to look: see `SetThreshold` and `StartDrain`.
  Tracker(std::size_t capacity, Position start, std::shared_ptr<Signals> signals);

  /// The next record, after which the position is `next`; returns its ordinal. Requires `!Full()`.
  std::uint64_t Push(Position next, std::optional<std::int32_t> epoch);
  [[nodiscard]] bool Full() const noexcept { return Free() == 0; }
  [[nodiscard]] std::size_t Free() const noexcept;

  /// Everything up to `position` was read: after the last record done, the position is this.
  void ReachedEnd(Position position) noexcept;

  void Done(std::uint64_t ordinal) noexcept;
  void Abandon() noexcept;

  /// What may be committed now.
  struct Watermark {
    std::uint64_t ordinal = 0;  ///< Records before this one are done.
    Position position;
    std::optional<std::int32_t> epoch;
  };
  [[nodiscard]] Watermark Scan() noexcept;
  /// Whether the `count` records up to the one at `last` are all that lies between it and what is
  /// acknowledged.
  [[nodiscard]] bool IsNext(std::uint64_t last, std::size_t count) const noexcept;
  /// The watermark once all records up to the one at `last` are done. Requires that it was pushed
  /// and not acknowledged.
  [[nodiscard]] Watermark MarkAfter(std::uint64_t last) const noexcept;
  /// The store holds that watermark: its slots may be used again.
  void Acknowledge(const Watermark& watermark) noexcept;

  /// Kicks whenever at least `records` are done and not acknowledged.
  void SetThreshold(std::uint64_t records) noexcept { threshold_ = records; }
  [[nodiscard]] bool ThresholdReached() const noexcept;

  /// From now on kicks when nothing is in flight any more.
  void StartDrain() noexcept { draining_ = true; }
  /// Records delivered and neither done nor abandoned.
  [[nodiscard]] std::uint64_t InFlight() const noexcept;

  /// The partition is gone: tickets do nothing from now on.
  void Close() noexcept { open_ = false; }
  [[nodiscard]] bool Open() const noexcept { return open_; }

  [[nodiscard]] Position Delivered() const noexcept { return Position(delivered_position_); }
  [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }

 private:
  struct Slot {
    std::int64_t next = 0;
    std::int32_t epoch = -1;
  };

  const std::size_t mask_;
  std::vector<std::atomic<std::uint64_t>> bits_;
  std::vector<Slot> slots_;
  const std::shared_ptr<Signals> signals_;  // shared with the session

  std::atomic<std::uint64_t> pushed_{0};
  std::atomic<std::int64_t> delivered_position_;
  std::atomic<std::int64_t> end_{
      -1};  ///< Position of the last `ReachedEnd`; -1 once more was delivered.
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> abandoned_{0};
  std::atomic<std::uint64_t> acknowledged_{0};
  std::atomic<std::uint64_t> threshold_{UINT64_MAX};
  std::atomic<bool> draining_{false};
  std::atomic<bool> open_{true};
  std::uint64_t scanned_ = 0;  ///< Under the session's lock, as is `last_`.
  Watermark last_;
};

}  // namespace internal
}  // namespace offsetstore
