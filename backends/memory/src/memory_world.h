// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "internal/rules.h"
#include "offsetstore/backends/memory.h"

namespace offsetstore {

/// All that the stores of a process keep in memory. One call at a time works on it.
class MemoryWorld {
 public:
  using Key = std::pair<std::string, std::string>;  ///< Space, group.

  MemoryWorld() : store_id(Nonce::Random().Hex()) {}

  /// Waits for the turn to work on `groups`; false: the deadline came first. (`std::timed_mutex`
  /// waits by a call that the thread sanitizer of GCC 12 does not know.)
  [[nodiscard]] bool Enter(Deadline deadline);
  void Leave();

  const std::string store_id;
  std::map<Key, internal::RecordMap> groups;  ///< Only between `Enter` and `Leave`.

 private:
  std::mutex mutex_;  ///< Guards `busy_`.
  std::condition_variable freed_;
  bool busy_ = false;
};

/// A turn that was entered, for a scope.
class MemoryTurn {
 public:
  explicit MemoryTurn(MemoryWorld& world) noexcept : world_(&world) {}
  MemoryTurn(MemoryTurn&& other) noexcept : world_(std::exchange(other.world_, nullptr)) {}
  MemoryTurn& operator=(MemoryTurn&&) = delete;
  ~MemoryTurn() {
    if (world_ != nullptr) world_->Leave();
  }

 private:
  MemoryWorld* world_;
};

}  // namespace offsetstore
