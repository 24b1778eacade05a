// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "offsetstore/deadline.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// Steady time and sleep, injected so that tests need neither.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual Deadline::Clock::time_point Now() const = 0;
  /// Blocks until `when`.
  virtual void SleepUntil(Deadline::Clock::time_point when) = 0;
};

/// The real one. Lives as long as the program; has no state.
[[nodiscard]] Clock& SteadyClock();

}  // namespace offsetstore
