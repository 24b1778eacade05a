// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>

#include "offsetstore/deadline.h"

namespace offsetstore::internal {

/// A lock with a deadline. Not `std::timed_mutex`: GCC 12's thread sanitizer does not see its timed
/// wait and reports every access behind it.
class Turn {
 public:
  /// Returns false where the deadline passed first.
  [[nodiscard]] bool Enter(Deadline deadline) {
    std::unique_lock lock(mutex_);
    if (!free_.wait_until(lock, deadline.time(), [this] { return !taken_; })) return false;
    taken_ = true;
    return true;
  }
  void Leave() noexcept {
    {
      const std::lock_guard lock(mutex_);
      taken_ = false;
    }
    free_.notify_one();
  }

 private:
  std::mutex mutex_;  // guards `taken_`; never held while waiting
  std::condition_variable free_;
  bool taken_ = false;
};

/// Leaves at the end of a scope what was entered before it.
class TurnEnd {
 public:
  explicit TurnEnd(Turn& turn) noexcept : turn_(turn) {}
  TurnEnd(const TurnEnd&) = delete;
  TurnEnd& operator=(const TurnEnd&) = delete;
  ~TurnEnd() { turn_.Leave(); }

 private:
  Turn& turn_;
};

}  // namespace offsetstore::internal
