// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>
#include <prometheus/exposer.h>

#include <memory>
#include <string>
#include <utility>

#include "offsetstore/prometheus.h"
#include "scrape.h"

namespace offsetstore::testing {

/// Metrics behind a real HTTP server on a port of its own.
struct Exposed {
  explicit Exposed(PrometheusOptions options = {})
      : metrics(PrometheusMetrics::Make(std::move(options)).value()) {
    exposer.RegisterCollectable(metrics->Exposed());
  }

  [[nodiscard]] std::string Text() const { return Scrape(exposer.GetListeningPorts().at(0)); }
  [[nodiscard]] std::string Value(const std::string& series) const {
    return SampleOf(Text(), series);
  }

  std::shared_ptr<PrometheusMetrics> metrics;
  // Ends before the metrics, with its threads.
  ::prometheus::Exposer exposer{"127.0.0.1:0"};
};

}  // namespace offsetstore::testing
