// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "offsetstore/metrics.h"
#include "offsetstore/store.h"

namespace [[gnu::visibility("default")]] offsetstore {

enum class Metered : std::uint8_t {
  kCalls,     ///< Above `WithRetry`: time, errors, each partition's outcome, in doubt, last commit.
  kAttempts,  ///< Below it: the time of each attempt, as a metric of its own.
};

/// Measures every call; `docs/metrics.md` lists the metrics. The label `store` is the scheme and
/// the endpoint of `below`. `metrics` must outlive the store.
[[nodiscard]] std::unique_ptr<OffsetStore> WithMetrics(std::unique_ptr<OffsetStore> below,
                                                       Metrics& metrics,
                                                       Metered what = Metered::kCalls);

}  // namespace offsetstore
