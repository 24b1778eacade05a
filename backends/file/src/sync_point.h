// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// Where the threads of a process wait until their lines are on the disk. One of them syncs for
/// all whose lines were written before it began; a thread of its own for that would cost each
/// commit two switches. Threads: any.
class SyncPoint {
 public:
  /// Makes everything written so far durable and returns its last number.
  using Sync = std::function<Result<std::uint64_t>(Deadline)>;

  /// Returns when every number up to `target` is durable. An error means that this is not known;
  /// `DeadlineExceeded` where another thread's sync took too long.
  [[nodiscard]] Status Wait(std::uint64_t target, Deadline deadline, const Sync& sync);

  /// Notes that every number up to `number` is durable.
  void Raise(std::uint64_t number);

  [[nodiscard]] std::uint64_t durable() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t durable_ = 0;  // guarded by mutex_
  bool leading_ = false;       // guarded by mutex_
};

}  // namespace internal
}  // namespace offsetstore
