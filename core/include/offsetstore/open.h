// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "offsetstore/clock.h"
#include "offsetstore/layers/dual.h"
#include "offsetstore/layers/retry.h"
#include "offsetstore/metrics.h"
#include "offsetstore/registry.h"

namespace [[gnu::visibility("default")]] offsetstore {

struct OpenOptions {
  Clock* clock = nullptr;                      ///< Null = `SteadyClock()`. Must outlive the store.
  Metrics* metrics = nullptr;                  ///< Null = none. Must outlive the store.
  RetryPolicy retry;                           ///< The URI's `retry-*` keys come before it.
  std::function<void(const Drift&)> on_drift;  ///< `DualOptions::on_drift`, for a `dual:` URI.
  bool make = true;  ///< False: as `create=false`, where the URI does not say `create=`.
};

/// Opens the store of `uri` with its layers, inside to outside: backend, context (validates,
/// names errors), metered per attempt, retry, metered per call.
/// Errors: `ConfigInvalid` for the URI (`ParseUri`, `BackendRegistry::Open`, the backend's own
/// keys); else what the backend says. Each names the store's scheme, the operation `open`, and the
/// URI, redacted, in its message or as `uri` in its context. `retry-attempts=`, `retry-backoff=`
/// and `retry-backoff-max=` are taken here and never reach a backend.
///
/// `dual:?primary=URI&secondary=URI` opens both, each with layers of its own, and joins them
/// (`JoinStores`); `retry-*` keys belong to the inner URIs.
[[nodiscard]] Result<std::unique_ptr<OffsetStore>> OpenStore(const BackendRegistry& registry,
                                                             std::string_view uri,
                                                             const OpenOptions& options,
                                                             Deadline deadline);

/// Puts the layers around a bare store (the consumer's own `kafka:` store, a test's store).
[[nodiscard]] std::unique_ptr<OffsetStore> WithLayers(std::unique_ptr<OffsetStore> bare,
                                                      const OpenOptions& options);

}  // namespace offsetstore
