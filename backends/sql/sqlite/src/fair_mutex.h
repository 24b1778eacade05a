// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <list>
#include <mutex>

#include "offsetstore/deadline.h"

namespace offsetstore::sql {

/// A mutex that serves threads in the order of their arrival, with a deadline. (`std::timed_mutex`
/// promises no order, so a busy thread could keep the others out.)
class FairMutex {
 public:
  FairMutex() = default;
  FairMutex(const FairMutex&) = delete;
  FairMutex& operator=(const FairMutex&) = delete;
  ~FairMutex() = default;

  /// Returns false where the deadline passed first.
  [[nodiscard]] bool Lock(Deadline deadline);
  void Unlock() noexcept;

 private:
  struct Waiter {
    std::condition_variable turn;
    bool granted = false;
  };

  std::mutex mutex_;   // guards the two below; never held while waiting for a turn
  bool held_ = false;  // stays true while the lock is handed to the next waiter
  std::list<Waiter*> queue_;
};

/// Unlocks at the end of a scope what was locked before it.
class FairUnlock {
 public:
  explicit FairUnlock(FairMutex& locked) noexcept : mutex_(locked) {}
  FairUnlock(const FairUnlock&) = delete;
  FairUnlock& operator=(const FairUnlock&) = delete;
  ~FairUnlock() { mutex_.Unlock(); }

 private:
  FairMutex& mutex_;
};

}  // namespace offsetstore::sql
