// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "offsetstore/consumer_state.h"

namespace offsetstore::cli {

/// A line on a terminal while records go into a table: how many, how fast, how many are left.
class IntoProgress {
 public:
  void Show(std::uint64_t records, const ConsumerState& state);

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point since_ = Clock::now();
  std::uint64_t before_ = 0;  ///< Records at `since_`.
};

}  // namespace offsetstore::cli
