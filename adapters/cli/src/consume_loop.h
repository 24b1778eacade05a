// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "delivery.h"
#include "exit_code.h"
#include "offsetstore/consumer.h"

namespace offsetstore::cli {

struct ConsumeLimits {
  std::uint64_t max_records = 0;  ///< 0 = no limit.
  bool exit_at_end = false;
  Duration timeout = std::chrono::seconds(10);  ///< For the last commit, and for a slow reader.
};

/// Hands records to `delivery` until a limit, a signal or an error; then writes what is at hand,
/// commits and leaves. Complains about what went wrong.
[[nodiscard]] ExitCode Consume(Consumer& consumer, Delivery& delivery, const ConsumeLimits& limits);

}  // namespace offsetstore::cli
