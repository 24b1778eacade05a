// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace [[gnu::visibility("default")]] offsetstore {

struct MetricLabel {
  std::string_view name;   ///< `store`, `operation`, `outcome`, ...
  std::string_view value;  ///< May hold any bytes: paths and names of groups come as they are.
};

/// Which number is meant. The views are valid during the call only.
struct Series {
  std::string_view name;  ///< One of `KnownMetrics()`.
  std::span<const MetricLabel> labels;
};

/// Where measurements go; implemented by the application over its own metrics library, or by
/// `offsetstore/prometheus.h`. Called on any thread, possibly several at once; must be quick and
/// must not throw. Which metric is which: `KnownMetrics()`, and with labels `docs/metrics.md`.
class Metrics {
 public:
  Metrics() = default;
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  virtual ~Metrics() = default;

  /// Adds `by` to a counter. 0 announces a series before anything happened, so that its first
  /// increment is seen as one.
  virtual void Count(const Series& series, std::uint64_t by) noexcept = 0;
  /// Notes one observation of a distribution.
  virtual void Observe(const Series& series, double value) noexcept = 0;
  /// Sets a number that may go either way.
  virtual void Set(const Series& series, double value) noexcept = 0;
};

enum class MetricType : std::uint8_t {
  kCounter,    ///< `Metrics::Count`.
  kHistogram,  ///< `Metrics::Observe`.
  kGauge,      ///< `Metrics::Set`.
};

struct MetricInfo {
  std::string_view name;
  MetricType type;
  std::string_view help;  ///< One line for people.
};

/// All that stores, layers and the session measure. Names follow Prometheus' conventions.
[[nodiscard]] std::span<const MetricInfo> KnownMetrics() noexcept;

}  // namespace offsetstore
