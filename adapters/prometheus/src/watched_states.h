// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <prometheus/metric_family.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "offsetstore/prometheus.h"

namespace offsetstore::internal {

/// The consumers whose state each scrape shows.
class WatchedStates {
 public:
  [[nodiscard]] std::unique_ptr<PrometheusMetrics::Watch> Add(std::string group,
                                                              std::function<ConsumerState()> state);

  /// Asks each consumer and appends what it tells.
  void Collect(std::vector<::prometheus::MetricFamily>& families) const;

 private:
  class Source;
  class End;
  [[nodiscard]] std::vector<std::shared_ptr<Source>> Living() const;

  mutable std::mutex mutex_;
  mutable std::vector<std::weak_ptr<Source>> sources_;  // each is owned by its watch
};

}  // namespace offsetstore::internal
