// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/kafka_cluster.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "internal/macros.h"
#include "offsetstore/units.h"
#include "offsetstore/uri.h"
#include "rdkafka/admin.h"
#include "rdkafka/broker_config.h"
#include "rdkafka/handle.h"
#include "rdkafka/log_range.h"
#include "rdkafka/store_conf.h"

namespace offsetstore::migration {
namespace {

constexpr const char* kRetention = "offsets.retention.minutes";

bool IsNoSuchTopic(const Error& error) {
  return error.native == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         error.native == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
}

Result<Duration> ToRetention(std::int32_t broker, const std::string& value) {
  const Result<std::int64_t> minutes = ParseInteger(value);
  // Kafka takes a 32-bit number from 1 on.
  if (minutes && *minutes > 0 && *minutes <= std::numeric_limits<std::int32_t>::max()) {
    return Duration(std::chrono::minutes(*minutes));
  }
  return MakeError(ErrorCode::kUnsupported,
                   std::string(kRetention) + " of broker " + std::to_string(broker) + " is '" +
                       Printable(value) + "', which is no number of minutes");
}

}  // namespace

struct KafkaCluster::State {
  std::unique_ptr<rdkafka::Handle> handle;
  std::string id;
  std::string endpoint;

  [[nodiscard]] Error Explain(Error error) const {
    handle->DrainErrors();
    return handle->journal().Explain(std::move(error)).With("brokers", endpoint);
  }
};

KafkaCluster::KafkaCluster(std::unique_ptr<State> state) : state_(std::move(state)) {}
KafkaCluster::~KafkaCluster() = default;

Result<std::unique_ptr<KafkaCluster>> KafkaCluster::Open(const KafkaOptions& options,
                                                         Deadline deadline) {
  auto state = std::make_unique<State>();
  OS_ASSIGN_OR_RETURN(rdkafka::Conf conf, MakeConf(options));
  // The end that counts is the log's, not that of the transactions which are over: a position of a
  // consumer that reads everything stands there.
  OS_RETURN_IF_ERROR(conf.Set("isolation.level", "read_uncommitted"));
  state->endpoint = Redacted(conf.Get("bootstrap.servers").value_or(""));
  // A consumer's handle, not a producer's: asking for a topic never makes it.
  OS_ASSIGN_OR_RETURN(state->handle, rdkafka::Handle::Open(RD_KAFKA_CONSUMER, std::move(conf)));
  auto id = state->handle->ClusterId(deadline.Sooner(options.connect_timeout));
  if (!id) return std::move(id).error().With("brokers", state->endpoint);
  state->id = *std::move(id);
  return std::unique_ptr<KafkaCluster>(new KafkaCluster(std::move(state)));
}

const std::string& KafkaCluster::id() const noexcept {
  return state_->id;
}

const std::string& KafkaCluster::endpoint() const noexcept {
  return state_->endpoint;
}

Result<std::optional<LogView::Ranges>> KafkaCluster::Topic(const std::string& topic,
                                                           Deadline deadline) {
  rd_kafka_t* handle = state_->handle->get();
  const auto leaders = rdkafka::Leaders(handle, topic, deadline);
  if (!leaders) {
    if (IsNoSuchTopic(leaders.error())) return std::optional<Ranges>();
    return state_->Explain(leaders.error());
  }
  std::vector<TopicPartition> partitions;
  for (const auto& [partition, leader] : *leaders) partitions.push_back({topic, partition});
  const auto found = rdkafka::LogRange(handle, partitions, deadline);
  Ranges ranges;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    Result<LogRange> range = LogRange{};
    if (found[i]) {
      range = LogRange{found[i]->start, found[i]->end};
    } else {
      range = state_->Explain(found[i].error());
    }
    ranges.emplace(partitions[i].partition, std::move(range));
  }
  return std::optional<Ranges>(std::move(ranges));
}

std::vector<Result<Position>> KafkaCluster::PositionsAt(std::span<const TopicPartition> partitions,
                                                        Time time,
                                                        Deadline deadline) {
  // Before 1970 means the same as 1970; librdkafka takes -1 and -2 for the log's ends.
  const std::int64_t since_epoch = std::max<std::int64_t>(0, time.time_since_epoch().count());
  return rdkafka::PositionsAt(state_->handle->get(), partitions, since_epoch, deadline);
}

Result<std::vector<Result<Liveness>>> KafkaCluster::Look(std::span<const std::string> groups,
                                                         Deadline deadline) {
  const auto listed = rdkafka::ListGroups(state_->handle->get(), deadline);
  if (!listed) return state_->Explain(listed.error());
  std::vector<Result<Liveness>> answers;
  answers.reserve(groups.size());
  for (const std::string& group : groups) {
    // Sorted by name.
    const auto found = std::lower_bound(
        listed->begin(), listed->end(), group, [](const auto& one, const std::string& name) {
          return one.name < name;
        });
    Liveness liveness;
    if (found != listed->end() && found->name == group && found->is_live) {
      liveness = {true, "its state in Kafka is " + found->state};
    }
    answers.emplace_back(std::move(liveness));
  }
  return answers;
}

Result<Duration> KafkaCluster::OffsetsRetention(Deadline deadline) {
  const auto values = rdkafka::BrokerConfig(state_->handle->get(), kRetention, deadline);
  if (!values) return state_->Explain(values.error());
  std::optional<Duration> smallest;
  for (const auto& [broker, value] : *values) {
    OS_ASSIGN_OR_RETURN(const Duration one, ToRetention(broker, value));
    smallest = smallest ? std::min(*smallest, one) : one;
  }
  if (smallest) return *smallest;
  return state_->Explain(MakeError(ErrorCode::kUnavailable, "the cluster names no brokers"));
}

}  // namespace offsetstore::migration
