// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/kafka_cluster.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eventually.h"
#include "kafka_client.h"
#include "rdkafka/partition_list.h"

namespace offsetstore::migration {
namespace {

using testing::EnsureTopics;
using testing::Eventually;
using testing::KafkaBrokers;
using testing::NewHandle;
using testing::Produce;

Deadline Soon() {
  return Deadline::After(std::chrono::seconds(15));
}

std::string Unique(const std::string& name) {
  static int number = 0;
  return name + "-" + std::to_string(Now().time_since_epoch().count()) + "-" +
         std::to_string(++number);
}

std::unique_ptr<KafkaCluster> OpenOn(const std::string& brokers) {
  KafkaOptions options;
  options.brokers = brokers;
  auto cluster = KafkaCluster::Open(options, Soon());
  REQUIRE_MESSAGE(cluster, (cluster ? "" : ToString(cluster.error())));
  return *std::move(cluster);
}

/// A member of `group`, by the classic protocol.
std::unique_ptr<rdkafka::Handle> Join(const std::string& group, const std::string& topic) {
  rdkafka::Conf conf;
  REQUIRE(conf.Set("group.id", group));
  auto member = NewHandle(RD_KAFKA_CONSUMER, KafkaBrokers(), std::move(conf));
  rd_kafka_poll_set_consumer(member->get());
  const std::vector<TopicPartition> wanted = {{topic, RD_KAFKA_PARTITION_UA}};
  const auto list = rdkafka::PartitionList::Of(wanted);
  REQUIRE(rd_kafka_subscribe(member->get(), list.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
  return member;
}

}  // namespace

TEST_CASE("a topic's logs are told partition by partition, a missing topic is none") {
  const std::string topic = Unique("ranges");
  const std::vector<TopicPartition> partitions = {{topic, 0}, {topic, 1}};
  EnsureTopics(KafkaBrokers(), partitions);
  Produce(KafkaBrokers(), {topic, 1}, 7);
  const auto cluster = OpenOn(KafkaBrokers());
  CHECK_FALSE(cluster->id().empty());
  CHECK(cluster->endpoint() == KafkaBrokers());
  const auto ranges = cluster->Topic(topic, Soon());
  REQUIRE(ranges);
  REQUIRE(ranges->has_value());
  REQUIRE((*ranges)->size() == 2);
  REQUIRE((*ranges)->at(0));
  CHECK(*(*ranges)->at(0) == LogRange{Position(0), Position(0)});
  REQUIRE((*ranges)->at(1));
  CHECK(*(*ranges)->at(1) == LogRange{Position(0), Position(7)});
  const auto none = cluster->Topic(Unique("never-made"), Soon());
  REQUIRE(none);
  CHECK_FALSE(none->has_value());
}

TEST_CASE("a name that no topic can have is an error, not a missing topic") {
  const auto cluster = OpenOn(KafkaBrokers());
  CHECK_FALSE(cluster->Topic("not a topic!", Soon()));
}

TEST_CASE("positions by time: the first record from then on, else the end") {
  const std::string topic = Unique("times");
  const std::vector<TopicPartition> partitions = {{topic, 0}, {topic, 1}};
  EnsureTopics(KafkaBrokers(), partitions);
  Produce(KafkaBrokers(), {topic, 0}, 3);
  const auto cluster = OpenOn(KafkaBrokers());
  const auto long_ago =
      cluster->PositionsAt(partitions, Time(std::chrono::milliseconds(-5)), Soon());
  REQUIRE(long_ago.size() == 2);
  REQUIRE(long_ago[0]);
  CHECK(*long_ago[0] == Position(0));
  const auto later = cluster->PositionsAt(partitions, Now() + std::chrono::hours(1), Soon());
  REQUIRE(later[0]);
  CHECK(*later[0] == Position(3));
  REQUIRE(later[1]);
  CHECK(*later[1] == Position(0));
  const std::vector<TopicPartition> beyond = {{topic, 5}};
  CHECK_FALSE(cluster->PositionsAt(beyond, Now(), Soon())[0]);
}

TEST_CASE("a group is live while it has a member, and not before and after") {
  const std::string topic = Unique("live");
  EnsureTopics(KafkaBrokers(), std::vector<TopicPartition>{{topic, 0}});
  const std::vector<std::string> groups = {Unique("z-group"), Unique("a-group")};
  const auto cluster = OpenOn(KafkaBrokers());
  const auto before = cluster->Look(groups, Soon());
  REQUIRE(before);
  REQUIRE(before->size() == 2);
  REQUIRE((*before)[0]);
  CHECK_FALSE((*before)[0]->live);
  CHECK((*before)[0]->evidence.empty());
  const auto member = Join(groups[0], topic);
  auto queue = rdkafka::Queue::OfConsumer(member->get());
  Liveness seen;
  CHECK(Eventually([&] {
    if (const auto event = queue.Poll(Duration(50))) {
      if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE) {
        rd_kafka_assign(member->get(), rd_kafka_event_topic_partition_list(event.get()));
      }
    }
    const auto now = cluster->Look(groups, Soon());
    if (!now || !(*now)[0] || !(*now)[1]) return false;
    seen = *(*now)[0];
    return seen.live && !(*now)[1]->live;
  }));
  CHECK(seen.evidence.starts_with("its state in Kafka is "));
  REQUIRE(member->LeaveGroup(Soon()));
  CHECK(Eventually([&] {
    const auto now = cluster->Look(groups, Soon());
    return now && (*now)[0] && !(*now)[0]->live;
  }));
}

TEST_CASE("the retention of positions is what the brokers say") {
  const auto retention = OpenOn(KafkaBrokers())->OffsetsRetention(Soon());
  REQUIRE_MESSAGE(retention, (retention ? "" : ToString(retention.error())));
  CHECK(*retention == std::chrono::hours(7 * 24));
}

TEST_CASE("brokers that do not answer are an error of each question") {
  KafkaOptions options;
  options.brokers = "127.0.0.1:1";
  options.connect_timeout = Duration(300);
  const auto cluster = KafkaCluster::Open(options, Soon());
  REQUIRE_FALSE(cluster);
  CHECK(cluster.error().code == ErrorCode::kUnavailable);
  CHECK(ToString(cluster.error()).find("127.0.0.1:1") != std::string::npos);
  CHECK_FALSE(OpenOn(KafkaBrokers())->OffsetsRetention(Deadline::After(Duration(0))));
}

}  // namespace offsetstore::migration
