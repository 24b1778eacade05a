// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "mock_cluster.h"
#include "offsetstore/deadline.h"
#include "offsetstore/migration/load.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

/// A consumer of librdkafka's old kind, which alone keeps positions in files.
class OldConsumer {
 public:
  OldConsumer(const std::string& brokers, const std::string& group, const std::string& folder) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    Set(conf, "bootstrap.servers", brokers);
    if (!group.empty()) Set(conf, "group.id", group);
    std::array<char, 512> why{};
    handle_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why.data(), why.size());
    if (handle_ == nullptr) throw std::runtime_error(why.data());
    rd_kafka_topic_conf_t* topic = rd_kafka_topic_conf_new();
    for (const auto& [name, value] : {std::pair{"offset.store.method", "file"},
                                      {"offset.store.path", folder.c_str()},
                                      {"auto.offset.reset", "earliest"}}) {
      if (rd_kafka_topic_conf_set(topic, name, value, why.data(), why.size()) != RD_KAFKA_CONF_OK) {
        throw std::runtime_error(why.data());
      }
    }
    topic_ = rd_kafka_topic_new(handle_, MockCluster::kTopic, topic);
  }
  OldConsumer(const OldConsumer&) = delete;
  OldConsumer& operator=(const OldConsumer&) = delete;
  ~OldConsumer() {
    rd_kafka_topic_destroy(topic_);
    rd_kafka_destroy(handle_);
  }

  /// Reads `count` records from where its file says, and keeps the position.
  void Read(std::int32_t partition, int count) {
    REQUIRE(rd_kafka_consume_start(topic_, partition, RD_KAFKA_OFFSET_STORED) == 0);
    const Deadline deadline = Deadline::After(std::chrono::seconds(30));
    for (int read = 0; read < count;) {
      REQUIRE_FALSE(deadline.Passed());
      rd_kafka_message_t* message = rd_kafka_consume(topic_, partition, 100);
      if (message == nullptr) continue;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++read;
      rd_kafka_message_destroy(message);
    }
    REQUIRE(rd_kafka_consume_stop(topic_, partition) == 0);
  }

 private:
  static void Set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
    std::array<char, 512> why{};
    if (rd_kafka_conf_set(conf, name, value.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK) {
      throw std::runtime_error(why.data());
    }
  }

  rd_kafka_t* handle_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
};

std::int64_t PositionIn(OffsetStore& store, const std::string& group, std::int32_t partition) {
  const auto reads = store.Fetch(
      group, {{{MockCluster::kTopic, partition}}, {}}, Deadline::After(std::chrono::seconds(10)));
  REQUIRE(reads);
  const auto* entry = std::get_if<Entry>(&reads->front().slot);
  return entry == nullptr ? -1 : entry->position.value();
}

}  // namespace

TEST_CASE(
    "files that librdkafka itself wrote become a store, of its group or of one that is named") {
  const MockCluster cluster(2, 20);
  const std::string group = "pay:ments/e\\u";
  const TempDir with_group;
  OldConsumer(cluster.brokers(), group, with_group.path().string()).Read(0, 3);
  OldConsumer(cluster.brokers(), group, with_group.path().string()).Read(1, 5);
  OldConsumer(cluster.brokers(), group, with_group.path().string()).Read(0, 4);
  const auto loaded = migration::LoadLibrdkafkaFiles(with_group.path().string(), {});
  REQUIRE_MESSAGE(loaded, loaded.error().message);
  CHECK(loaded->positions == 2);
  CHECK(PositionIn(*loaded->store, group, 0) == 7);
  CHECK(PositionIn(*loaded->store, group, 1) == 5);

  const TempDir without_group;
  OldConsumer(cluster.brokers(), "", without_group.path().string()).Read(1, 6);
  migration::FormatOptions options;
  options.group = "named";
  const auto named = migration::LoadLibrdkafkaFiles(without_group.path().string(), options);
  REQUIRE_MESSAGE(named, named.error().message);
  CHECK(PositionIn(*named->store, "named", 1) == 6);
}

}  // namespace offsetstore::testing
