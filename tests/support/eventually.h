// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <thread>
#include <utility>

namespace offsetstore::testing {

/// Waits until `condition` holds, looking every few milliseconds; false when it did not within
/// `limit`. The one place of the tests that waits by time.
template <class Condition>
[[nodiscard]] bool Eventually(Condition&& condition,
                              std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (std::forward<Condition>(condition)()) return true;
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace offsetstore::testing
