// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "offsetstore/metrics.h"

namespace offsetstore::testing {

/// Keeps what was measured, by `name{label="value",...}` without the label `store`. Threads:
/// `Count`, `Observe` and `Set` may overlap; look when no call is under way.
class RecordedMetrics final : public Metrics {
 public:
  void Count(const Series& series, std::uint64_t by) noexcept override {
    const std::lock_guard lock(mutex_);
    const std::string name = NameOf(series);
    announced.insert(name);
    if (by > 0) counts[name] += by;
  }
  void Observe(const Series& series, double value) noexcept override {
    const std::lock_guard lock(mutex_);
    ++observations[NameOf(series)];
    if (value < 0) ++negative;
  }
  void Set(const Series& series, double value) noexcept override {
    const std::lock_guard lock(mutex_);
    gauges[NameOf(series)] = value;
  }

  std::map<std::string, std::uint64_t> counts;  ///< Those above 0.
  std::set<std::string> announced;              ///< All that were counted, by 0 too.
  std::map<std::string, int> observations;
  std::map<std::string, double> gauges;
  std::set<std::string> stores;  ///< The values of the label `store`.
  int negative = 0;              ///< Observations below 0.

 private:
  std::string NameOf(const Series& series) {
    std::string labels;
    for (const MetricLabel& label : series.labels) {
      if (label.name == "store") {
        stores.insert(std::string(label.value));
        continue;
      }
      if (!labels.empty()) labels += ',';
      labels += std::string(label.name) + "=\"" + std::string(label.value) + '"';
    }
    return std::string(series.name) + '{' + labels + '}';
  }

  std::mutex mutex_;
};

}  // namespace offsetstore::testing
