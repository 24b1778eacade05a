// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "offsetstore/clock.h"

namespace offsetstore::internal {

/// How long a store that does not answer is left alone, so that it does not slow every call down.
/// Threads: any.
class DualPause {
 public:
  static constexpr Duration kFirst{250};
  static constexpr Duration kLongest{5000};

  explicit DualPause(Clock& clock) : clock_(clock) {}

  /// Why the store is left alone now; none: it is not.
  [[nodiscard]] std::optional<std::string> Lasts() const {
    const std::lock_guard lock(mutex_);
    if (clock_.Now() >= until_) return std::nullopt;
    return why_;
  }
  void Begin(std::string why) {
    const std::lock_guard lock(mutex_);
    until_ = clock_.Now() + next_;
    next_ = std::min(next_ * 2, kLongest);
    why_ = std::move(why);
  }
  void End() {
    const std::lock_guard lock(mutex_);
    next_ = kFirst;
  }

 private:
  Clock& clock_;
  mutable std::mutex mutex_;  // Guards all below.
  Deadline::Clock::time_point until_{};
  Duration next_ = kFirst;
  std::string why_;
};

}  // namespace offsetstore::internal
