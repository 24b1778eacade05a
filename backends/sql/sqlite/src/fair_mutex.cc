// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "fair_mutex.h"

namespace offsetstore::sql {

bool FairMutex::Lock(Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (!held_) {
    held_ = true;
    return true;
  }
  Waiter self;
  queue_.push_back(&self);
  if (self.turn.wait_until(lock, deadline.time(), [&self] { return self.granted; })) return true;
  queue_.remove(&self);
  return false;
}

void FairMutex::Unlock() noexcept {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) {
    held_ = false;
    return;
  }
  Waiter* next = queue_.front();
  queue_.pop_front();
  next->granted = true;
  next->turn.notify_one();
}

}  // namespace offsetstore::sql
