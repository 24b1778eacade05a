// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/metrics.h"

#include <algorithm>
#include <array>

#include "internal/metric_names.h"

namespace offsetstore {
namespace {

constexpr std::array kKnown = {
    MetricInfo{internal::kOperationSeconds,
               MetricType::kHistogram,
               "Time of one call as its caller saw it, retries and pauses included."},
    MetricInfo{internal::kAttemptSeconds,
               MetricType::kHistogram,
               "Time of one attempt at the store itself."},
    MetricInfo{internal::kOperationErrors,
               MetricType::kCounter,
               "Calls that failed as a whole, by the code of their error."},
    MetricInfo{internal::kPartitions,
               MetricType::kCounter,
               "Partitions answered, by what became of each."},
    MetricInfo{internal::kInDoubt,
               MetricType::kCounter,
               "Writes that were sent and whose answer was lost."},
    MetricInfo{internal::kRetries, MetricType::kCounter, "Attempts after the first one of a call."},
    MetricInfo{internal::kLastDurableCommit,
               MetricType::kGauge,
               "When the store last acknowledged a commit at its declared durability."},
    MetricInfo{internal::kDualDrift,
               MetricType::kCounter,
               "Changes of a partition's state in a dual's secondary, by kind; healed is one."},
    MetricInfo{internal::kSessionEvents, MetricType::kCounter, "Events of sessions, by kind."},
};

}  // namespace

std::span<const MetricInfo> KnownMetrics() noexcept {
  return kKnown;
}

std::string internal::StoreLabel(const StoreInfo& info) {
  std::string label = info.scheme + ':' + info.endpoint;
  if (!info.space.empty()) label += "?space=" + info.space;
  return label;
}

std::string internal::KindLabel(std::string_view kind) {
  std::string label(kind);
  std::replace(label.begin(), label.end(), ' ', '_');
  return label;
}

}  // namespace offsetstore
