// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "offsetstore/deadline.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// Calls `sync` on a thread of its own, `interval` after the call before it ended.
class IntervalSyncer {
 public:
  IntervalSyncer(Duration interval, std::function<void()> sync);
  IntervalSyncer(const IntervalSyncer&) = delete;
  IntervalSyncer& operator=(const IntervalSyncer&) = delete;
  ~IntervalSyncer();

 private:
  void Run();

  const Duration interval_;
  const std::function<void()> sync_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace internal
}  // namespace offsetstore
