// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "interval_syncer.h"

#include <utility>

namespace offsetstore::internal {

IntervalSyncer::IntervalSyncer(Duration interval, std::function<void()> sync)
    : interval_(interval), sync_(std::move(sync)), thread_([this] { Run(); }) {}

IntervalSyncer::~IntervalSyncer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void IntervalSyncer::Run() {
  std::unique_lock lock(mutex_);
  while (
      !changed_.wait_until(lock, Deadline::After(interval_).time(), [this] { return stopping_; })) {
    lock.unlock();
    sync_();
    lock.lock();
  }
}

}  // namespace offsetstore::internal
