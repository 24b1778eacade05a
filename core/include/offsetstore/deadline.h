// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace [[gnu::visibility("default")]] offsetstore {

using Duration = std::chrono::milliseconds;

/// The moment by which a call answers, on the steady clock. It bounds the wait for servers, for
/// locks and for a group commit led by another thread. It cannot bound a disk that hangs in a
/// sync: that holds the thread which called it.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] static Deadline After(Duration wait) {
    const auto now = Clock::now();
    // A wait too long for the clock (`Duration::max()`) is no wait at all, not an overflow.
    if (wait > std::chrono::duration_cast<Duration>(Clock::time_point::max() - now)) {
      return Deadline(Clock::time_point::max());
    }
    return Deadline(now + wait);
  }
  [[nodiscard]] static Deadline At(Clock::time_point when) { return Deadline(when); }

  [[nodiscard]] Clock::time_point time() const noexcept { return when_; }
  [[nodiscard]] bool Passed() const { return Clock::now() >= when_; }

  /// Milliseconds left, rounded up; 0 when passed. At most 1 hour at a time, so that it always
  /// fits the 32-bit milliseconds of the client libraries.
  [[nodiscard]] Duration Remaining() const {
    const auto left = std::chrono::ceil<Duration>(
        std::min<Clock::duration>(when_ - std::min(Clock::now(), when_), std::chrono::hours(1)));
    return std::max(left, Duration::zero());
  }

  /// The earlier of this and `wait` from now.
  [[nodiscard]] Deadline Sooner(Duration wait) const {
    return Deadline(std::min(when_, After(wait).when_));
  }

 private:
  explicit Deadline(Clock::time_point when) : when_(when) {}
  Clock::time_point when_;
};

}  // namespace offsetstore
