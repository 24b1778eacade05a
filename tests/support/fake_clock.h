// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "offsetstore/clock.h"

namespace offsetstore::testing {

/// A clock that a test moves. It starts at the real steady time, so that `Deadline::After` stays
/// meaningful beside it. Threads: all calls may overlap.
class FakeClock final : public Clock {
 public:
  enum class Sleep {
    kJumps,  ///< A sleeper moves the clock to its end and goes on at once.
    kWaits,  ///< A sleeper blocks until `Advance` reaches its end or `WakeAll` ends it.
  };

  explicit FakeClock(Sleep mode = Sleep::kJumps) : mode_(mode) {}

  [[nodiscard]] Deadline::Clock::time_point Now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }

  void SleepUntil(Deadline::Clock::time_point when) override {
    std::unique_lock lock(mutex_);
    sleeps_.push_back(std::chrono::ceil<Duration>(std::max(when, now_) - now_));
    if (mode_ == Sleep::kJumps) {
      now_ = std::max(now_, when);
      changed_.notify_all();
      return;
    }
    ++sleepers_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return now_ >= when || awake_; });
    --sleepers_;
  }

  void Advance(Duration by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
    changed_.notify_all();
  }

  /// Ends every sleep, also later ones: for the end of a test.
  void WakeAll() {
    const std::lock_guard lock(mutex_);
    awake_ = true;
    changed_.notify_all();
  }

  /// `wait` from this clock's now.
  [[nodiscard]] Deadline In(Duration wait) const { return Deadline::At(Now() + wait); }

  /// Every sleep so far, in the order they began, as it was asked for.
  [[nodiscard]] std::vector<Duration> Sleeps() const {
    const std::lock_guard lock(mutex_);
    return sleeps_;
  }

  /// Waits (in real time, at most `bound`) until `count` threads sleep; returns whether they do.
  [[nodiscard]] bool WaitForSleepers(std::size_t count,
                                     Duration bound = std::chrono::seconds(10)) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, bound, [&] { return sleepers_ >= count; });
  }

 private:
  const Sleep mode_;
  mutable std::mutex mutex_;  // Guards all below.
  mutable std::condition_variable changed_;
  Deadline::Clock::time_point now_ = Deadline::Clock::now();
  std::vector<Duration> sleeps_;
  std::size_t sleepers_ = 0;
  bool awake_ = false;
};

}  // namespace offsetstore::testing
