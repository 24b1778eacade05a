// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "sync_point.h"

#include <algorithm>
#include <utility>

namespace offsetstore::internal {

Status SyncPoint::Wait(std::uint64_t target, Deadline deadline, const Sync& sync) {
  std::unique_lock lock(mutex_);
  while (durable_ < target) {
    if (leading_) {
      const bool in_time = changed_.wait_until(
          lock, deadline.time(), [&] { return durable_ >= target || !leading_; });
      if (!in_time) {
        return MakeError(ErrorCode::kDeadlineExceeded, "another thread's sync has not ended yet");
      }
      continue;
    }
    leading_ = true;
    lock.unlock();
    auto synced = sync(deadline);
    lock.lock();
    leading_ = false;
    if (synced) durable_ = std::max(durable_, *synced);
    changed_.notify_all();
    if (!synced && durable_ < target) return std::move(synced).error();
  }
  return {};
}

void SyncPoint::Raise(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  durable_ = std::max(durable_, number);
  changed_.notify_all();
}

std::uint64_t SyncPoint::durable() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

}  // namespace offsetstore::internal
