// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/open.h"

#include <algorithm>
#include <utility>

#include "internal/macros.h"
#include "internal/redact_uri.h"
#include "offsetstore/layers/context.h"
#include "offsetstore/layers/metered.h"

namespace offsetstore {
namespace {

constexpr std::string_view kRetryPrefix = "retry-";

// Moves the keys that belong to the layers out of `uri`, so that a backend refuses what is unknown
// to both.
Uri TakeLayerKeys(Uri& uri) {
  Uri taken;
  taken.scheme = uri.scheme;
  for (auto pair = uri.query.begin(); pair != uri.query.end();) {
    const auto next = std::next(pair);
    if (pair->first.starts_with(kRetryPrefix)) taken.query.insert(uri.query.extract(pair));
    pair = next;
  }
  return taken;
}

Result<RetryPolicy> ReadRetryPolicy(const Uri& taken, RetryPolicy policy) {
  constexpr int kMostAttempts = 1000;
  QueryReader query(taken);
  policy.attempts =
      static_cast<int>(query.Integer("retry-attempts", policy.attempts, 1, kMostAttempts));
  policy.backoff = query.Duration("retry-backoff", policy.backoff);
  policy.backoff_max = query.Duration("retry-backoff-max", policy.backoff_max);
  OS_RETURN_IF_ERROR(query.Finish());
  return policy;
}

bool IsMadeByOpening(const BackendRegistry& registry, const std::string& scheme) {
  const auto& backends = registry.backends();
  return std::any_of(backends.begin(), backends.end(), [&](const BackendInfo& backend) {
    const auto& schemes = backend.schemes;
    return backend.made_by_opening &&
           std::find(schemes.begin(), schemes.end(), scheme) != schemes.end();
  });
}

// Names the opening that an error belongs to. A dual's stores have named theirs.
Error Named(Error error, const std::string& scheme, const std::string& uri) {
  if (error.scheme.empty()) error.scheme = scheme;
  if (error.operation.empty()) error.operation = "open";
  const auto is_uri = [](const auto& pair) { return pair.first == "uri"; };
  const bool told = error.message.find(uri) != std::string::npos ||
                    std::any_of(error.context.begin(), error.context.end(), is_uri);
  if (!told) error.With("uri", uri);
  return error;
}

Result<std::unique_ptr<OffsetStore>> OpenBackend(const BackendRegistry& registry,
                                                 Uri uri,
                                                 const OpenOptions& options,
                                                 Deadline deadline) {
  const Uri layer_keys = TakeLayerKeys(uri);
  if (!options.make && IsMadeByOpening(registry, uri.scheme)) {
    uri.query.try_emplace("create", "false");
  }
  OpenOptions layers = options;
  OS_ASSIGN_OR_RETURN(layers.retry, ReadRetryPolicy(layer_keys, options.retry));
  OS_ASSIGN_OR_RETURN(auto bare, registry.Open(uri, deadline));
  return WithLayers(std::move(bare), layers);
}

Result<std::unique_ptr<OffsetStore>> OpenDual(const BackendRegistry& registry,
                                              const Uri& uri,
                                              const OpenOptions& options,
                                              Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const DualUris uris, ReadDualUri(uri));
  OS_ASSIGN_OR_RETURN(auto primary, OpenStore(registry, uris.primary, options, deadline));
  OS_ASSIGN_OR_RETURN(auto secondary, OpenStore(registry, uris.secondary, options, deadline));
  DualOptions dual;
  dual.secondary_timeout = uris.secondary_timeout;
  dual.on_drift = options.on_drift;
  dual.metrics = options.metrics;
  dual.clock = options.clock;
  return JoinStores(std::move(primary), std::move(secondary), std::move(dual));
}

}  // namespace

Result<std::unique_ptr<OffsetStore>> OpenStore(const BackendRegistry& registry,
                                               std::string_view uri,
                                               const OpenOptions& options,
                                               Deadline deadline) {
  Result<Uri> parsed = ParseUri(uri);
  if (!parsed) return Named(std::move(parsed).error(), {}, internal::RedactUri(uri));
  const bool dual = parsed->scheme == kDualScheme;
  auto store = dual ? OpenDual(registry, *parsed, options, deadline)
                    : OpenBackend(registry, *parsed, options, deadline);
  if (!store) return Named(std::move(store).error(), parsed->scheme, parsed->text);
  return store;
}

std::unique_ptr<OffsetStore> WithLayers(std::unique_ptr<OffsetStore> bare,
                                        const OpenOptions& options) {
  Clock& clock = options.clock != nullptr ? *options.clock : SteadyClock();
  auto store = WithContext(std::move(bare));
  if (options.metrics != nullptr) {
    store = WithMetrics(std::move(store), *options.metrics, Metered::kAttempts);
  }
  store = WithRetry(std::move(store), options.retry, clock, options.metrics);
  if (options.metrics != nullptr) store = WithMetrics(std::move(store), *options.metrics);
  return store;
}

}  // namespace offsetstore
