// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "offsetstore/prometheus.h"
#include "watched_states.h"

namespace offsetstore {
namespace {

std::string HelpOf(std::string_view name) {
  for (const MetricInfo& one : KnownMetrics()) {
    if (one.name == name) return std::string(one.help);
  }
  return {};
}

::prometheus::Labels LabelsOf(const Series& series) {
  ::prometheus::Labels labels;
  for (const MetricLabel& label : series.labels) {
    labels.emplace(std::string(label.name), Printable(label.value));
  }
  return labels;
}

/// Series of one type, found again without an allocation.
template <class Cell>
class Cells {
 public:
  /// `make(series)` where it is new. The cell lives as long as the registry.
  template <class Make>
  Cell& Find(const Series& series, Make make) {
    thread_local std::string key;
    key.assign(series.name);
    for (const MetricLabel& label : series.labels) {
      key.append(1, '\0').append(label.name).append(1, '\0').append(label.value);
    }
    const std::lock_guard lock(mutex_);
    const auto found = cells_.find(key);
    if (found != cells_.end()) return *found->second;
    Cell& cell = make();
    cells_.emplace(key, &cell);
    return cell;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, Cell*> cells_;
};

class Impl final : public PrometheusMetrics,
                   public ::prometheus::Collectable,
                   public std::enable_shared_from_this<Impl> {
 public:
  explicit Impl(PrometheusOptions options) : options_(std::move(options)) {}

  void Count(const Series& series, std::uint64_t by) noexcept override try {
    const auto make = [&]() -> ::prometheus::Counter& {
      return ::prometheus::BuildCounter()
          .Name(std::string(series.name))
          .Help(HelpOf(series.name))
          .Register(registry_)
          .Add(LabelsOf(series));
    };
    counters_.Find(series, make).Increment(static_cast<double>(by));
  } catch (const std::exception&) {
    return;
  }

  void Observe(const Series& series, double value) noexcept override try {
    const auto make = [&]() -> ::prometheus::Histogram& {
      return ::prometheus::BuildHistogram()
          .Name(std::string(series.name))
          .Help(HelpOf(series.name))
          .Register(registry_)
          .Add(LabelsOf(series), options_.buckets);
    };
    histograms_.Find(series, make).Observe(value);
  } catch (const std::exception&) {
    return;
  }

  void Set(const Series& series, double value) noexcept override try {
    const auto make = [&]() -> ::prometheus::Gauge& {
      return ::prometheus::BuildGauge()
          .Name(std::string(series.name))
          .Help(HelpOf(series.name))
          .Register(registry_)
          .Add(LabelsOf(series));
    };
    gauges_.Find(series, make).Set(value);
  } catch (const std::exception&) {
    return;
  }

  [[nodiscard]] std::shared_ptr<::prometheus::Collectable> Exposed() override {
    return shared_from_this();
  }

  [[nodiscard]] std::unique_ptr<Watch> WatchConsumer(
      std::string group, std::function<ConsumerState()> state) override {
    return watched_.Add(std::move(group), std::move(state));
  }

  [[nodiscard]] std::unique_ptr<Watch> WatchSession(std::string group,
                                                    std::function<Snapshot()> state) override {
    return watched_.Add(std::move(group), [state = std::move(state)] {
      Snapshot snapshot = state();
      ConsumerState shown;
      shown.store_up = snapshot.store_up;
      shown.late_done = snapshot.late_done;
      for (PartitionState& partition : snapshot.partitions) {
        shown.partitions.push_back({std::move(partition), {}, false});
      }
      return shown;
    });
  }

  [[nodiscard]] std::vector<::prometheus::MetricFamily> Collect() const override {
    std::vector<::prometheus::MetricFamily> families = registry_.Collect();
    watched_.Collect(families);
    return families;
  }

 private:
  const PrometheusOptions options_;
  ::prometheus::Registry registry_;
  Cells<::prometheus::Counter> counters_;
  Cells<::prometheus::Histogram> histograms_;
  Cells<::prometheus::Gauge> gauges_;
  internal::WatchedStates watched_;
};

}  // namespace

Result<std::shared_ptr<PrometheusMetrics>> PrometheusMetrics::Make(PrometheusOptions options) {
  const std::vector<double>& buckets = options.buckets;
  const bool are_finite =
      std::all_of(buckets.begin(), buckets.end(), [](double one) { return std::isfinite(one); });
  const bool grow =
      std::adjacent_find(buckets.begin(), buckets.end(), std::greater_equal<>()) == buckets.end();
  if (buckets.empty() || !are_finite || !grow || buckets.front() <= 0) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "the buckets of PrometheusOptions must be finite seconds above 0, each above "
                     "the one before it, and at least one");
  }
  return std::shared_ptr<PrometheusMetrics>(std::make_shared<Impl>(std::move(options)));
}

}  // namespace offsetstore
