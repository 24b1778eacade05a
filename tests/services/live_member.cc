// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "live_member.h"

#include <array>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "eventually.h"
#include "rdkafka/partition_list.h"

namespace offsetstore::testing {
namespace {

constexpr std::chrono::seconds kMemberBound{60};

void Set(rdkafka::Conf& conf, const std::string& key, const std::string& value) {
  if (!conf.Set(key, value)) throw std::runtime_error(key);
}

}  // namespace

LiveMember::LiveMember(const std::string& brokers,
                       const std::string& group,
                       const std::string& topic,
                       bool new_protocol) {
  rdkafka::Conf conf;
  Set(conf, "bootstrap.servers", brokers);
  Set(conf, "group.id", group);
  if (new_protocol) {
    Set(conf, "group.protocol", "consumer");
  } else {
    Set(conf, "session.timeout.ms", "6000");
  }
  auto handle = rdkafka::Handle::Open(RD_KAFKA_CONSUMER, std::move(conf), RD_KAFKA_EVENT_REBALANCE);
  if (!handle) throw std::runtime_error(ToString(handle.error()));
  consumer_ = *std::move(handle);
  rd_kafka_poll_set_consumer(consumer_->get());
  const std::array<TopicPartition, 1> all = {{{topic, RD_KAFKA_PARTITION_UA}}};
  rd_kafka_subscribe(consumer_->get(), rdkafka::PartitionList::Of(all).get());
  if (!Eventually([this] { return IsAssigned(); }, kMemberBound)) {
    throw std::runtime_error("the consumer was assigned nothing");
  }
}

void LiveMember::Leave() const {
  if (!consumer_->Close(Deadline::After(kMemberBound))) throw std::runtime_error("close");
}

bool LiveMember::IsAssigned() const {
  rdkafka::Queue queue = rdkafka::Queue::OfConsumer(consumer_->get());
  const rdkafka::Event event = queue.Poll(std::chrono::milliseconds(100));
  if (event == nullptr || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_REBALANCE) {
    return false;
  }
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) return false;
  const auto* list = rd_kafka_event_topic_partition_list(event.get());
  if (std::string_view(rd_kafka_rebalance_protocol(consumer_->get())) == "COOPERATIVE") {
    rd_kafka_error_t* failed = rd_kafka_incremental_assign(consumer_->get(), list);
    return failed == nullptr;
  }
  return rd_kafka_assign(consumer_->get(), list) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace offsetstore::testing
