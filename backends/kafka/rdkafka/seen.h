// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "offsetstore/store.h"

namespace offsetstore::rdkafka {

/// What is stored, as far as this handle saw it in the present assignment. Threads: any.
class Seen {
 public:
  [[nodiscard]] std::optional<Slot> Find(std::uint64_t assignment, const TopicPartition& at) {
    const std::lock_guard lock(mutex_);
    Enter(assignment);
    const auto found = slots_.find(at);
    if (found == slots_.end()) return std::nullopt;
    return found->second;
  }
  void Put(std::uint64_t assignment, const TopicPartition& at, Slot slot) {
    const std::lock_guard lock(mutex_);
    Enter(assignment);
    slots_.insert_or_assign(at, std::move(slot));
  }
  void Forget(const TopicPartition& at) {
    const std::lock_guard lock(mutex_);
    slots_.erase(at);
  }

 private:
  void Enter(std::uint64_t assignment) {
    if (std::exchange(assignment_, assignment) != assignment) slots_.clear();
  }
  std::mutex mutex_;  // Guards both below.
  std::uint64_t assignment_ = 0;
  std::map<TopicPartition, Slot> slots_;
};

}  // namespace offsetstore::rdkafka
