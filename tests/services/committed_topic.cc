// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "committed_topic.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace offsetstore::testing {
namespace {

/// Longer than a fetch waits for new records.
constexpr int kQuietMs = 100;

void Set(rd_kafka_conf_t* conf, const char* key, const std::string& value) {
  std::array<char, 256> reason{};
  if (rd_kafka_conf_set(conf, key, value.c_str(), reason.data(), reason.size()) !=
      RD_KAFKA_CONF_OK) {
    throw std::runtime_error(reason.data());
  }
}

}  // namespace

CommittedTopic::CommittedTopic(const std::string& brokers, const std::string& topic, int partitions)
    : at_end_(static_cast<std::size_t>(partitions)) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  Set(conf, "bootstrap.servers", brokers);
  Set(conf, "group.id", topic + "-reader");
  Set(conf, "isolation.level", "read_committed");
  Set(conf, "enable.auto.commit", "false");
  Set(conf, "enable.partition.eof", "true");
  Set(conf, "fetch.wait.max.ms", "20");
  std::array<char, 256> reason{};
  consumer_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason.data(), reason.size()));
  if (consumer_ == nullptr) throw std::runtime_error(reason.data());
  rd_kafka_poll_set_consumer(consumer_.get());
  rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(partitions);
  for (int i = 0; i < partitions; ++i) {
    rd_kafka_topic_partition_list_add(all, topic.c_str(), i)->offset = 0;
  }
  const rd_kafka_resp_err_t failed = rd_kafka_assign(consumer_.get(), all);
  rd_kafka_topic_partition_list_destroy(all);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(failed));
}

void CommittedTopic::ReadOn(const Visit& visit) {
  while (true) {
    const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> message(
        rd_kafka_consumer_poll(consumer_.get(), kQuietMs), &rd_kafka_message_destroy);
    if (message != nullptr) {
      Take(*message, visit);
    } else if (std::ranges::find(at_end_, false) == at_end_.end()) {
      return;
    }
  }
}

void CommittedTopic::Take(const rd_kafka_message_t& message, const Visit& visit) {
  if (message.partition < 0) return;  // An error of the client; it goes on by itself.
  const auto partition = static_cast<std::size_t>(message.partition);
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) at_end_[partition] = true;
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  at_end_[partition] = false;
  visit({static_cast<const char*>(message.key), message.key_len},
        {static_cast<const char*>(message.payload), message.len});
}

CommittedResults::Tally CommittedResults::Count() {
  topic_.ReadOn([this](std::string_view /*key*/, const std::string& value) {
    std::istringstream text(value);
    std::pair<int, std::int64_t> record;
    if (!(text >> record.first >> record.second)) throw std::runtime_error("not a result");
    ++rows_;
    ++seen_[record];
  });
  return {.rows = rows_, .distinct = seen_.size()};
}

}  // namespace offsetstore::testing
