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

/// One HTTP server for all cases, on a free port: ending one takes it two seconds.
inline ::prometheus::Exposer& Server() {
  static ::prometheus::Exposer exposer("127.0.0.1:0");
  return exposer;
}

/// Metrics behind a real HTTP server.
struct Exposed {
  explicit Exposed(PrometheusOptions options = {})
      : metrics(PrometheusMetrics::Make(std::move(options)).value()) {
    Server().RegisterCollectable(metrics->Exposed());
  }
  Exposed(const Exposed&) = delete;
  Exposed& operator=(const Exposed&) = delete;
  ~Exposed() { Server().RemoveCollectable(metrics->Exposed()); }

  [[nodiscard]] std::string Text() const { return Scrape(Server().GetListeningPorts().at(0)); }
  [[nodiscard]] std::string Value(const std::string& series) const {
    return SampleOf(Text(), series);
  }

  std::shared_ptr<PrometheusMetrics> metrics;
};

}  // namespace offsetstore::testing
