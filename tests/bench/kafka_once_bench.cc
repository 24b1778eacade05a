// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// How much a transaction of the brokers takes beside one of a database.
#include <librdkafka/rdkafka.h>

#include "kafka_client.h"
#include "sqlite_once.h"

namespace offsetstore::bench {
namespace {

constexpr int kBoundMs = 60'000;

void RequireNone(rd_kafka_error_t* error) {
  if (error == nullptr) return;
  Require(false, rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
}

rdkafka::Conf Settings() {
  rdkafka::Conf conf;
  for (const auto& [key, value] : {std::pair("transactional.id", "bench-" + Nonce::Random().Hex()),
                                   std::pair("linger.ms", std::string("0"))}) {
    const Status set = conf.Set(key, value);
    Require(static_cast<bool>(set), key);
  }
  return conf;
}

/// Values and one position in each transaction, as a careful user writes it.
class Producer {
 public:
  Producer()
      : handle_(testing::NewHandle(RD_KAFKA_PRODUCER, testing::KafkaBrokers(), Settings())),
        group_(rd_kafka_consumer_group_metadata_new("bench")),
        offsets_(rd_kafka_topic_partition_list_new(1)) {
    const TopicPartition at{topic_, 0};
    testing::EnsureTopics(testing::KafkaBrokers(), {&at, 1});
    output_.reset(rd_kafka_topic_new(handle_->get(), topic_.c_str(), nullptr));
    Require(output_ != nullptr, topic_);
    rd_kafka_topic_partition_list_add(offsets_, topic_.c_str(), 0);
    RequireNone(rd_kafka_init_transactions(handle_->get(), kBoundMs));
  }
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer() {
    rd_kafka_topic_partition_list_destroy(offsets_);
    rd_kafka_consumer_group_metadata_destroy(group_);
  }

  void Transact(std::int64_t position, int count) {
    RequireNone(rd_kafka_begin_transaction(handle_->get()));
    for (int i = 0; i < count; ++i) Produce();
    offsets_->elems[0].offset = position + count;
    RequireNone(rd_kafka_send_offsets_to_transaction(handle_->get(), offsets_, group_, kBoundMs));
    RequireNone(rd_kafka_commit_transaction(handle_->get(), kBoundMs));
  }

 private:
  void Produce() {
    std::string value(kResult);
    const int failed = rd_kafka_produce(output_.get(),
                                        0,
                                        RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK,
                                        value.data(),
                                        value.size(),
                                        nullptr,
                                        0,
                                        nullptr);
    Require(failed == 0, rd_kafka_err2str(rd_kafka_last_error()));
  }

  const std::string topic_ = "bench-" + Nonce::Random().Hex();
  std::unique_ptr<rdkafka::Handle> handle_;
  std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> output_{
      nullptr, &rd_kafka_topic_destroy};
  rd_kafka_consumer_group_metadata_t* group_;
  rd_kafka_topic_partition_list_t* offsets_;
};

void Raw(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  Producer producer;
  std::int64_t position = 0;
  for (auto _ : state) {
    producer.Transact(position, count);
    position += count;
  }
  state.SetItemsProcessed(state.iterations() * count);
}

const OnceRows kRows(
    "exactly once into sqlite beside kafka",
    {.name = {},
     .items = "records",
     .raw_does = "a transaction of Kafka: one value per record to one partition of one "
                 "broker, the position by `rd_kafka_send_offsets_to_transaction`, commit",
     .raw = Raw,
     .ours = OnceIntoSqlite,
     .server = "OFFSETSTORE_TEST_KAFKA"});

}  // namespace
}  // namespace offsetstore::bench
