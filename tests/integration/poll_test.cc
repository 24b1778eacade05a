// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The style of `Poll`, and what `Open` refuses. Over librdkafka's mock cluster.
#include <doctest/doctest.h>

#include "mock_cluster.h"
#include "rig.h"

namespace offsetstore::testing {
namespace {

struct PollTopic {
  static constexpr int kRecords = 50;

  PollTopic() {
    cluster.CreateTopic("orders", 1);
    Produce(cluster.brokers(), at, kRecords);
    config = Basic("g", FileUri(dir), cluster.brokers());
    config["assign"] = "orders:0";
    config["enable.partition.eof"] = "true";
  }
  [[nodiscard]] std::unique_ptr<Consumer> Open() const {
    auto opened = Consumer::Open(ToProperties(config));
    REQUIRE_MESSAGE(opened, ToString(opened.error()));
    return *std::move(opened);
  }
  [[nodiscard]] std::optional<std::int64_t> StoredNow() const {
    return Stored(*OpenBeside(FileUri(dir)), "g", at);
  }

  TempDir dir;
  TopicPartition at{"orders", 0};
  MockCluster cluster;
  Config config;
};

/// The next record; null where something else or nothing came in time.
std::unique_ptr<Record> NextRecord(Consumer& consumer) {
  std::unique_ptr<Record> found;
  static_cast<void>(Eventually([&] {
    auto polled = consumer.Poll(std::chrono::milliseconds(100));
    REQUIRE_MESSAGE(polled, ToString(polled.error()));
    if (auto* record = std::get_if<std::unique_ptr<Record>>(&*polled)) found = std::move(*record);
    return found != nullptr;
  }));
  return found;
}

Deadline Soon() {
  return Deadline::After(std::chrono::seconds(20));
}

TEST_CASE("Poll hands out each record, then says that the end is reached") {
  const PollTopic topic;
  const auto consumer = topic.Open();
  for (int i = 0; i < PollTopic::kRecords; ++i) {
    const auto record = NextRecord(*consumer);
    REQUIRE(record);
    CHECK(record->offset() == i);
    CHECK(record->Held());
    record->Done();
  }
  std::optional<AtEnd> end;
  CHECK(Eventually([&] {
    auto polled = consumer->Poll(std::chrono::milliseconds(100));
    if (polled && std::holds_alternative<AtEnd>(*polled)) end = std::get<AtEnd>(*polled);
    return end.has_value();
  }));
  CHECK(end->at == topic.at);
  REQUIRE(consumer->Close(Soon()));
  CHECK(topic.StoredNow() == PollTopic::kRecords);
}

TEST_CASE("nothing comes from a topic that was read") {
  const PollTopic topic;
  const auto consumer = topic.Open();
  for (int i = 0; i < PollTopic::kRecords; ++i) NextRecord(*consumer)->Done();
  const auto end = consumer->Poll(std::chrono::seconds(5));
  REQUIRE(end);
  CHECK(std::holds_alternative<AtEnd>(*end));
  const auto nothing = consumer->Poll(std::chrono::milliseconds(1));
  REQUIRE(nothing);
  CHECK(std::holds_alternative<Nothing>(*nothing));
  REQUIRE(consumer->Close(Soon()));
}

TEST_CASE("a record that is not done is read again") {
  const PollTopic topic;
  {
    const auto consumer = topic.Open();
    for (int i = 0; i < 10; ++i) NextRecord(*consumer)->Done();
    const auto dropped = NextRecord(*consumer);
    NextRecord(*consumer)->Done();
    REQUIRE(consumer->Close(Soon()));
  }
  CHECK(topic.StoredNow() == 10);
  const auto again = topic.Open();
  CHECK(NextRecord(*again)->offset() == 10);
}

TEST_CASE("the end does not wait for a record that the caller himself holds") {
  const PollTopic topic;
  const auto consumer = topic.Open();
  const auto held = NextRecord(*consumer);
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(consumer->Close(Soon()));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  held->Done();
  CHECK_FALSE(held->Held());
  CHECK(topic.StoredNow() == 0);
}

TEST_CASE("a record may outlive its consumer") {
  const PollTopic topic;
  std::unique_ptr<Record> record;
  {
    const auto consumer = topic.Open();
    record = NextRecord(*consumer);
    REQUIRE(consumer->Close(Soon()));
  }
  CHECK(record->value() == "record");
  CHECK(record->topic() == "orders");
  CHECK_FALSE(record->Held());
  record->Done();
}

TEST_CASE("a closed consumer polls no more, and closing twice is harmless") {
  const PollTopic topic;
  const auto consumer = topic.Open();
  REQUIRE(consumer->Close(Soon()));
  REQUIRE(consumer->Close(Soon()));
  CHECK_FALSE(consumer->Poll(std::chrono::milliseconds(1)));
  CHECK_FALSE(consumer->Run([](Record&) { return Status(); }, {}));
}

TEST_CASE("a consumer that is dropped without Close commits nothing more") {
  PollTopic topic;
  topic.config["offsetstore.commit.interval"] = "1h";
  {
    const auto consumer = topic.Open();
    NextRecord(*consumer)->Done();
  }
  CHECK(topic.StoredNow() == 0);
}

std::string OpenError(const Config& config, ErrorCode code) {
  const auto consumer = Consumer::Open(ToProperties(config));
  REQUIRE_FALSE(consumer);
  CHECK_MESSAGE(consumer.error().code == code, ToString(consumer.error()));
  return consumer.error().message;
}

TEST_CASE("a broker that is not there is named") {
  Config config = Basic("g", "memory:", "127.0.0.1:1");
  config["topics"] = "orders";
  config["offsetstore.store.timeout"] = "2s";
  const std::string message = OpenError(config, ErrorCode::kUnavailable);
  CHECK(message.find("127.0.0.1:1") != std::string::npos);
}

TEST_CASE("a partition that does not exist is named") {
  PollTopic topic;
  topic.config["assign"] = "orders:0-1";
  const std::string message = OpenError(topic.config, ErrorCode::kConfigInvalid);
  CHECK(message.find("there is no orders[1]") != std::string::npos);
}

TEST_CASE("what is wrong with the store is said at once") {
  PollTopic topic;
  topic.config["offsetstore.uri"] = "zookeper://h/x";
  CHECK(OpenError(topic.config, ErrorCode::kConfigInvalid).find("zookeper") != std::string::npos);
  topic.config["offsetstore.uri"] = "kafka:";
  topic.config["offsetstore.mirror"] = "kafka";
  CHECK(OpenError(topic.config, ErrorCode::kConfigInvalid).find("offsetstore.mirror") !=
        std::string::npos);
  topic.config["offsetstore.mirror"] = "none";
  topic.config["offsetstore.uri"] = "kafka:?config=/x";
  CHECK(OpenError(topic.config, ErrorCode::kConfigInvalid).find("does not apply") !=
        std::string::npos);
}

TEST_CASE("another cluster's Kafka is refused as the store") {
  const MockCluster other;
  PollTopic topic;
  topic.config["offsetstore.uri"] = "kafka://" + other.brokers();
  const auto consumer = Consumer::Open(ToProperties(topic.config));
  // The mock gives all its clusters different ids.
  REQUIRE_FALSE(consumer);
  CHECK_MESSAGE(consumer.error().message.find("another cluster") != std::string::npos,
                ToString(consumer.error()));
}

}  // namespace
}  // namespace offsetstore::testing
