// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stop_token>
#include <thread>

#include "signals.h"

namespace offsetstore::cli {

/// A stop that is asked for once the first signal has come.
class StopOnSignal {
 public:
  StopOnSignal() : watcher_([this](const std::stop_token& over) { Watch(over); }) {}
  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  void Watch(const std::stop_token& over) {
    constexpr std::chrono::milliseconds kStep{50};
    while (!over.stop_requested() && !StopAsked()) std::this_thread::sleep_for(kStep);
    if (StopAsked()) stop_.request_stop();
  }

  std::stop_source stop_;
  std::jthread watcher_;  // last: it uses the above
};

}  // namespace offsetstore::cli
