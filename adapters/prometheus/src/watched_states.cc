// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "watched_states.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace offsetstore::internal {
namespace {

using ::prometheus::ClientMetric;
using ::prometheus::MetricFamily;
using ::prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;
using Partition = ConsumerState::Partition;
using Phase = PartitionState::Phase;

/// What is shown of one group: of several consumers the sum.
struct GroupView {
  std::map<TopicPartition, Partition> partitions;
  bool store_up = true;
  std::uint64_t late_done = 0;
};
using Views = std::map<std::string, GroupView>;

void Merge(GroupView& view, ConsumerState state) {
  view.store_up = view.store_up && state.store_up;
  view.late_done += state.late_done;
  for (Partition& partition : state.partitions) {
    // While a partition moves from one consumer to the other both show it: the holder's view
    // counts, and a scrape with the same series twice would be refused as a whole.
    const bool waits = partition.state.phase == Phase::kParked;
    const auto [place, is_new] = view.partitions.try_emplace(partition.state.at, partition);
    if (!is_new && !waits) place->second = std::move(partition);
  }
}

std::optional<double> Uncommitted(const Partition& partition) {
  const PartitionState& state = partition.state;
  if (!state.committed) return std::nullopt;
  if (!state.delivered) return 0;
  const auto offsets = state.delivered->value() - state.committed->value();
  return static_cast<double>(std::max<std::int64_t>(0, offsets));
}

std::optional<double> Committed(const Partition& partition) {
  if (!partition.state.committed) return std::nullopt;
  return static_cast<double>(partition.state.committed->value());
}

std::optional<double> Lag(const Partition& partition) {
  if (!partition.lag) return std::nullopt;
  return static_cast<double>(*partition.lag);
}

std::optional<double> InFlight(const Partition& partition) {
  return static_cast<double>(partition.state.in_flight);
}

std::optional<double> Parked(const Partition& partition) {
  return partition.state.phase == Phase::kParked ? 1 : 0;
}

struct PartitionMetric {
  const char* name;
  const char* help;
  std::optional<double> (*value)(const Partition&);
};

constexpr std::array kPartitionMetrics = {
    PartitionMetric{"offsetstore_partition_lag",
                    "Offsets from the committed position to the end of the log.",
                    &Lag},
    PartitionMetric{"offsetstore_partition_uncommitted",
                    "Offsets that were delivered and are not committed yet.",
                    &Uncommitted},
    PartitionMetric{"offsetstore_partition_in_flight",
                    "Records that were delivered and are not done.",
                    &InFlight},
    PartitionMetric{"offsetstore_partition_committed_position",
                    "The position that the store acknowledged last.",
                    &Committed},
    PartitionMetric{"offsetstore_partition_parked",
                    "1 while the partition is assigned and not yet claimed or checked.",
                    &Parked},
};

constexpr std::array<std::pair<Phase, const char*>, 5> kPhases = {{{Phase::kParked, "parked"},
                                                                   {Phase::kActive, "active"},
                                                                   {Phase::kPaused, "paused"},
                                                                   {Phase::kRevoking, "revoking"},
                                                                   {Phase::kFenced, "fenced"}}};

ClientMetric Number(Labels labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  metric.counter.value = value;
  return metric;
}

MetricFamily Family(const char* name, const char* help, MetricType type = MetricType::Gauge) {
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  return family;
}

MetricFamily Collect(const PartitionMetric& shown, const Views& views) {
  MetricFamily family = Family(shown.name, shown.help);
  for (const auto& [group, view] : views) {
    for (const auto& [at, partition] : view.partitions) {
      const std::optional<double> value = shown.value(partition);
      if (!value) continue;
      Labels labels = {{"group", Printable(group)},
                       {"topic", Printable(at.topic)},
                       {"partition", std::to_string(at.partition)}};
      family.metric.push_back(Number(std::move(labels), *value));
    }
  }
  return family;
}

MetricFamily CollectPhases(const Views& views) {
  MetricFamily family =
      Family("offsetstore_assigned_partitions", "Partitions that are assigned, by their phase.");
  for (const auto& [group, view] : views) {
    for (const auto& [phase, name] : kPhases) {
      const auto count = std::count_if(
          view.partitions.begin(), view.partitions.end(), [wanted = phase](const auto& one) {
            return one.second.state.phase == wanted;
          });
      family.metric.push_back(
          Number({{"group", Printable(group)}, {"phase", name}}, static_cast<double>(count)));
    }
  }
  return family;
}

}  // namespace

class WatchedStates::Source {
 public:
  Source(std::string group, std::function<ConsumerState()> state)
      : group_(std::move(group)), state_(std::move(state)) {}

  void AddTo(Views& views) {
    const std::lock_guard lock(mutex_);
    if (state_) Merge(views[group_], state_());
  }
  void Stop() {
    const std::lock_guard lock(mutex_);
    state_ = nullptr;
  }

 private:
  const std::string group_;
  std::mutex mutex_;  // Held while the consumer is asked: `Stop` waits for that.
  std::function<ConsumerState()> state_;
};

class WatchedStates::End final : public PrometheusMetrics::Watch {
 public:
  explicit End(std::shared_ptr<Source> source) : source_(std::move(source)) {}
  End(const End&) = delete;
  End& operator=(const End&) = delete;
  ~End() override { source_->Stop(); }

 private:
  const std::shared_ptr<Source> source_;  // shared with a scrape under way
};

std::unique_ptr<PrometheusMetrics::Watch> WatchedStates::Add(std::string group,
                                                             std::function<ConsumerState()> state) {
  auto source = std::make_shared<Source>(std::move(group), std::move(state));
  const std::lock_guard lock(mutex_);
  std::erase_if(sources_, [](const auto& one) { return one.expired(); });
  sources_.push_back(source);
  return std::make_unique<End>(std::move(source));
}

std::vector<std::shared_ptr<WatchedStates::Source>> WatchedStates::Living() const {
  std::vector<std::shared_ptr<Source>> living;
  const std::lock_guard lock(mutex_);
  for (const auto& one : sources_) {
    if (auto source = one.lock()) living.push_back(std::move(source));
  }
  return living;
}

void WatchedStates::Collect(std::vector<MetricFamily>& families) const {
  Views views;
  for (const auto& source : Living()) source->AddTo(views);
  if (views.empty()) return;
  for (const PartitionMetric& shown : kPartitionMetrics) {
    families.push_back(internal::Collect(shown, views));
  }
  families.push_back(CollectPhases(views));
  MetricFamily up =
      Family("offsetstore_store_up", "1 while the store answers, 0 while it does not.");
  MetricFamily late = Family("offsetstore_late_done_total",
                             "Records that were done after their partition was gone.",
                             MetricType::Counter);
  for (const auto& [group, view] : views) {
    const Labels labels = {{"group", Printable(group)}};
    up.metric.push_back(Number(labels, view.store_up ? 1 : 0));
    late.metric.push_back(Number(labels, static_cast<double>(view.late_done)));
  }
  families.push_back(std::move(up));
  families.push_back(std::move(late));
}

}  // namespace offsetstore::internal
