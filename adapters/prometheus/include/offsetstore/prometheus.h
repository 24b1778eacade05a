// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "offsetstore/consumer_state.h"
#include "offsetstore/metrics.h"
#include "offsetstore/result.h"
#include "offsetstore/session.h"

// prometheus-cpp's own type, so that none of its headers comes along.
namespace prometheus {
class Collectable;
}  // namespace prometheus

namespace [[gnu::visibility("default")]] offsetstore {

struct PrometheusOptions {
  /// Upper bounds of the buckets of every histogram, in seconds; above 0 and growing. One more
  /// bucket, without a bound, follows the last.
  std::vector<double> buckets = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
};

/// What stores and sessions measure, for prometheus-cpp. `docs/metrics.md` lists the metrics and
/// says which to alert on; `docs/examples/metrics.cc` is a whole program.
///
///     auto metrics = *offsetstore::PrometheusMetrics::Make();
///     exposer.RegisterCollectable(metrics->Exposed());   // a prometheus::Exposer of yours
///     options.metrics = metrics.get();                   // OpenOptions, ConsumerOptions, ...
///
/// One object serves any number of stores and consumers of a process: the labels `store` and
/// `group` tell them apart. Stores with the same scheme, endpoint and space share their series. It
/// must outlive all that measure into it; an exposer lets go of it by itself. A measurement that
/// cannot be kept (no memory) is dropped.
///
/// Threads: every method from any.
class PrometheusMetrics : public Metrics {
 public:
  /// `InvalidArgument` for buckets that are none.
  [[nodiscard]] static Result<std::shared_ptr<PrometheusMetrics>> Make(
      PrometheusOptions options = {});

  /// This object as prometheus-cpp takes it, for an `Exposer`, a `Gateway`, or a `TextSerializer`
  /// behind a server of your own. Shares this object's life.
  [[nodiscard]] virtual std::shared_ptr<::prometheus::Collectable> Exposed() = 0;

  /// While it lives, each scrape shows the state of one consumer. Its end waits for a scrape under
  /// way, so end it before the consumer is destroyed.
  class Watch {
   public:
    Watch() = default;
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    virtual ~Watch() = default;
  };

  /// Shows assignment, lag and what is not committed, per partition, as `state` tells it at each
  /// scrape: `[&] { return consumer->State(); }`. `state` is called on the scraping thread, must be
  /// quick and must not throw. Consumers that are watched under one group are shown as one.
  [[nodiscard]] virtual std::unique_ptr<Watch> WatchConsumer(
      std::string group, std::function<ConsumerState()> state) = 0;

  /// The same for a session of your own; its lag is not known, so it is not shown.
  [[nodiscard]] virtual std::unique_ptr<Watch> WatchSession(std::string group,
                                                            std::function<Snapshot()> state) = 0;
};

}  // namespace offsetstore
