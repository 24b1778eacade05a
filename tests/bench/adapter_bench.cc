// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <stop_token>

#include "kafka_client.h"
#include "offsetstore/consumer.h"
#include "pairs.h"
#include "temp_dir.h"

namespace offsetstore::bench {
namespace {

constexpr int kRecords = 500'000;
constexpr int kPartitions = 4;

/// Filled once, read by every run.
const std::string& Topic() {
  static const std::string topic = [] {
    std::string name = "bench-" + Nonce::Random().Hex();
    std::vector<TopicPartition> all;
    for (int i = 0; i < kPartitions; ++i) all.push_back({name, i});
    testing::EnsureTopics(testing::KafkaBrokers(), all);
    for (const TopicPartition& at : all) {
      testing::Produce(testing::KafkaBrokers(), at, kRecords / kPartitions);
    }
    return name;
  }();
  return topic;
}

/// From the first record to the last, so that connecting does not count.
class Stopwatch {
 public:
  void Record() {
    if (count_++ == 0) first_ = std::chrono::steady_clock::now();
    if (count_ == kRecords) last_ = std::chrono::steady_clock::now();
  }
  [[nodiscard]] bool Finished() const { return count_ >= kRecords; }
  [[nodiscard]] double Seconds() const {
    return std::chrono::duration<double>(last_ - first_).count();
  }

 private:
  int count_ = 0;
  std::chrono::steady_clock::time_point first_;
  std::chrono::steady_clock::time_point last_;
};

void BarePoll(benchmark::State& state) {
  const std::string brokers = testing::KafkaBrokers();
  for (auto _ : state) {
    char text[256];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), text, sizeof text);
    rd_kafka_conf_set(conf, "group.id", "bench-raw", text, sizeof text);
    rd_kafka_conf_set(conf, "enable.auto.commit", "false", text, sizeof text);
    rd_kafka_conf_set(conf, "enable.auto.offset.store", "false", text, sizeof text);
    rd_kafka_conf_set(conf, "queued.min.messages", "1000000", text, sizeof text);
    rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
    Require(handle != nullptr, text);
    rd_kafka_poll_set_consumer(handle);
    auto* list = rd_kafka_topic_partition_list_new(kPartitions);
    for (int i = 0; i < kPartitions; ++i) {
      rd_kafka_topic_partition_list_add(list, Topic().c_str(), i)->offset = 0;
    }
    rd_kafka_assign(handle, list);
    rd_kafka_topic_partition_list_destroy(list);
    Stopwatch watch;
    while (!watch.Finished()) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(handle, 100);
      if (message == nullptr) continue;
      if (message->err == 0) watch.Record();
      rd_kafka_message_destroy(message);
    }
    state.SetIterationTime(watch.Seconds());
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}

void Adapter(benchmark::State& state) {
  for (auto _ : state) {
    const testing::TempDir dir;
    const std::string text =
        "bootstrap.servers=" + testing::KafkaBrokers() +
        "\ngroup.id=bench-ours\nqueued.min.messages=1000000\nassign=" + Topic() + ":0-" +
        std::to_string(kPartitions - 1) + "\noffsetstore.uri=sqlite://" +
        (dir.path() / "s.db").string() + "\n";
    const auto properties = ParseProperties(text, "bench");
    Require(static_cast<bool>(properties), "properties");
    auto consumer = Consumer::Open(*properties);
    Require(static_cast<bool>(consumer), consumer ? "" : ToString(consumer.error()));
    Stopwatch watch;
    std::stop_source stop;
    const Status status = (*consumer)->Run(
        [&](Record&) -> Status {
          watch.Record();
          if (watch.Finished()) stop.request_stop();
          return {};
        },
        stop.get_token());
    Require(static_cast<bool>(status), status ? "" : ToString(status.error()));
    state.SetIterationTime(watch.Seconds());
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}

const PairOf kPair({.name = "adapter: 4 partitions, positions in SQLite",
                    .items = "records",
                    .raw_does = "`rd_kafka_consumer_poll` in a loop over the same 500,000 records, "
                                "which keeps no position at all",
                    .raw = BarePoll,
                    .ours = Adapter,
                    .iterations = 1,
                    .server = "OFFSETSTORE_TEST_KAFKA"});

}  // namespace
}  // namespace offsetstore::bench
