// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/clock.h"

#include <thread>

namespace offsetstore {
namespace {

class RealClock final : public Clock {
 public:
  [[nodiscard]] Deadline::Clock::time_point Now() const override { return Deadline::Clock::now(); }
  void SleepUntil(Deadline::Clock::time_point when) override {
    std::this_thread::sleep_until(when);
  }
};

}  // namespace

Clock& SteadyClock() {
  static RealClock clock;
  return clock;
}

}  // namespace offsetstore
