// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>

#include "offsetstore/session.h"

namespace offsetstore {

/// Whether to pause a partition in librdkafka when its window is full, or to leave everything in
/// librdkafka's queue for a moment instead.
///
/// A paused partition loses what librdkafka fetched ahead, and comes back only with the fetch after
/// the one under way: up to `fetch.wait.max.ms`, half a second. A commit that makes room takes a
/// few milliseconds. So the loop first waits, at most as long as a pause would cost, and remembers
/// for each partition whether that was worth it: where the handler is slow it never is.
///
/// Threads: the poll thread.
class Hold {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kLongest{500};

  /// The session wants a pause. True: nothing may be taken from librdkafka until `Any()` is false.
  /// False: pause at once.
  [[nodiscard]] bool Begin(const TopicPartition& at, Clock::time_point now) {
    Known& known = known_.try_emplace(at, Known{.patient = patient_}).first->second;
    known.since = now;
    if (known.patient && !known.holding) {
      known.holding = true;
      ++holding_;
    }
    return known.holding;
  }

  /// There is room again.
  void End(const TopicPartition& at, Clock::time_point now) {
    const auto found = known_.find(at);
    if (found == known_.end()) return;
    Stop(found->second);
    found->second.patient = now - found->second.since < kLongest;
    patient_ = patient_ || found->second.patient;
  }

  /// The partition is not read any more, or from elsewhere.
  void Forget(const TopicPartition& at) {
    const auto found = known_.find(at);
    if (found == known_.end()) return;
    Stop(found->second);
    known_.erase(found);
  }

  /// What was held for too long and must be paused.
  [[nodiscard]] Partitions GiveUp(Clock::time_point now) {
    Partitions given_up;
    if (holding_ == 0) return given_up;
    for (auto& [at, known] : known_) {
      if (!known.holding || now - known.since < kLongest) continue;
      Stop(known);
      known.patient = false;
      // Another partition's first time need not cost as much.
      patient_ = false;
      given_up.push_back(at);
    }
    return given_up;
  }

  [[nodiscard]] bool Any() const noexcept { return holding_ != 0; }

 private:
  struct Known {
    bool patient = true;
    bool holding = false;
    Clock::time_point since{};
  };
  void Stop(Known& known) noexcept {
    if (known.holding) --holding_;
    known.holding = false;
  }

  std::map<TopicPartition, Known> known_;
  int holding_ = 0;
  bool patient_ = true;
};

}  // namespace offsetstore
