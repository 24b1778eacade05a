// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "offsetstore/clock.h"
#include "offsetstore/deadline.h"
#include "offsetstore/metrics.h"
#include "offsetstore/store.h"

namespace [[gnu::visibility("default")]] offsetstore {

struct RetryPolicy {
  int attempts = 3;                                ///< In all; 1 = never retry.
  Duration backoff = Duration(50);                 ///< Before the second attempt, then doubled,
  Duration backoff_max = std::chrono::seconds(2);  ///< up to this; jittered down to a half.
};

/// Repeats what is safe to repeat, within the caller's deadline: whole calls whose error says
/// `Retry::kSafe`, and of a per-partition answer only the partitions that failed with
/// `Retry::kSafe`. Never an in-doubt write. `Atomicity::kAll` commits are repeated as a whole.
///
/// Right: `Retry(Context(backend))`. Wrong: `Context(Retry(backend))`, where a request that the
/// context layer would refuse is sent first; and `Retry(Dual(a, b))`, where a retry for one leg
/// would repeat the other.
///
/// Attempts after the first are counted in `metrics`, which must outlive the store; null = not.
[[nodiscard]] std::unique_ptr<OffsetStore> WithRetry(std::unique_ptr<OffsetStore> below,
                                                     const RetryPolicy& policy,
                                                     Clock& clock,
                                                     Metrics* metrics = nullptr);

}  // namespace offsetstore
