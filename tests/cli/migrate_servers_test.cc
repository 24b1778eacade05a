// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// From a real ZooKeeper to a real Kafka. Every case makes names of its own, so that runs may
// repeat.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "kafka_client.h"
#include "live_member.h"
#include "migrate.h"
#include "offsetstore/types.h"
#include "shell.h"
#include "zookeeper_client.h"

namespace offsetstore::testing {
namespace {

using Told = std::map<std::string, std::string>;
using Stored = std::map<std::string, std::int64_t>;

/// A tree below a chroot of its own, and a topic of eight partitions of which each but the last
/// has the records 0 to 99.
struct OldEstate : Migrating {
  std::string run = Nonce::Random().Hex().substr(0, 12);
  std::string topic = "orders-" + run;
  std::string chroot = "/migrate-" + run;
  ZooKeeperClient client{ZooKeeperServer()};

  OldEstate() {
    from = ZooKeeperServer() + chroot;
    to = "kafka://" + KafkaBrokers();
    client.Create(chroot + "/consumers");
    const std::vector<TopicPartition> partitions = {{topic, 7}};
    EnsureTopics(KafkaBrokers(), partitions);
    for (std::int32_t partition = 0; partition < 7; ++partition) {
      Produce(KafkaBrokers(), {topic, partition}, 100);
    }
  }
  [[nodiscard]] std::string Group(const std::string& name) const { return name + "-" + run; }
  [[nodiscard]] std::string Node(const std::string& group, const std::string& below) const {
    return chroot + "/consumers/" + Group(group) + "/" + below;
  }
  void Put(const std::string& group, const std::string& partition, const std::string& data) const {
    client.Set(Node(group, "offsets/" + topic + "/" + partition), data);
  }
};

TEST_CASE("groups of a ZooKeeper tree move to Kafka, and Kafka's own tool shows them") {
  const OldEstate estate;
  for (int partition = 0; partition < 7; ++partition) {
    estate.Put("pay", std::to_string(partition), std::to_string(10 * partition));
  }
  const Ran ran = estate.Execute();
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(ran.ErrHas("offsets.retention.minutes"));
  const char* jars = std::getenv("OFFSETSTORE_TEST_KAFKA_JARS");
  REQUIRE(jars != nullptr);
  const std::string shown = ShellOutput(
      "{ timeout 60 java -Xmx256m -XX:+UseSerialGC -cp '" + std::string(jars) +
      "/*' org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server " +
      KafkaBrokers() + " --describe --group " + estate.Group("pay") +
      R"( 2>/dev/null | awk '{print $3 ":" $4 ":" $6}' | sort; })");
  for (int partition = 0; partition < 7; ++partition) {
    const std::string line = std::to_string(partition) + ":" + std::to_string(10 * partition) +
                             ":" + std::to_string(100 - 10 * partition);
    CHECK_MESSAGE(shown.find(line) != std::string::npos, shown);
  }
}

TEST_CASE("a tree with every trap in it: each is named, nothing wrong is written") {
  const OldEstate estate;
  const std::string& topic = estate.topic;
  estate.Put("sparse", "0", "5");
  estate.Put("sparse", "6", "6");
  estate.Put("junk", "0", "12x");
  estate.Put("junk", "1", "");
  estate.Put("junk", "2", "-1");
  estate.Put("junk", "3", "9223372036854775808");
  estate.Put("junk", "4", "44");
  estate.Put("old07", "0-0", "123456");
  estate.client.Set(estate.Node("comma", "offsets/" + topic), "0:1,1:2");
  estate.Put("range", "0", "101");
  estate.Put("range", "7", "1");
  estate.Put("range", "8", "1");
  estate.client.Set(estate.Node("gone", "offsets/gone-" + estate.run + "/0"), "7");
  estate.client.Create(estate.Node("live", "ids/live_host-1-abc"), "{}", ZOO_EPHEMERAL);
  estate.Put("live", "0", "8");
  const Ran ran = estate.Execute();
  CHECK(ran.code == 3);
  Told told = Migrating::Told(ran);
  const auto of = [&](const char* group, const std::string& partition) {
    return told[estate.Group(group) + "/" + topic + "/" + partition];
  };
  CHECK(of("sparse", "0") == "written new");
  CHECK(of("sparse", "6") == "written new");
  CHECK(of("junk", "0") == "refused source-unreadable");
  CHECK(of("junk", "2") == "refused source-unreadable");
  CHECK(of("junk", "3") == "refused source-unreadable");
  CHECK(of("junk", "4") == "written new");
  CHECK(of("range", "0") == "refused above-log");
  CHECK(of("range", "7") == "refused above-log");
  CHECK(of("range", "8") == "refused no-such-partition");
  CHECK(of("live", "0") == "refused live-source");
  CHECK(told[estate.Group("gone") + "/gone-" + estate.run + "/0"] == "refused no-such-topic");
  CHECK(ran.OutHas("0.7"));
  CHECK(Migrating::Stored(estate.to, estate.Group("sparse")) ==
        Stored{{topic + "/0", 5}, {topic + "/6", 6}});
  CHECK(Migrating::Stored(estate.to, estate.Group("junk")) == Stored{{topic + "/4", 44}});
  for (const char* group : {"old07", "comma", "range", "gone", "live"}) {
    CHECK(Migrating::Stored(estate.to, estate.Group(group)).empty());
  }
}

TEST_CASE("a wrong chroot says where the consumers are") {
  OldEstate estate;
  estate.from = ZooKeeperServer() + "/nowhere-" + estate.run;
  const Ran ran = estate.Migrate();
  CHECK(ran.code == 2);
  CHECK_MESSAGE(ran.ErrHas("consumers"), ran.err);
}

TEST_CASE("a group that has members in Kafka is refused in plain words; others are moved") {
  const OldEstate estate;
  estate.Put("busy", "0", "5");
  estate.Put("idle", "0", "6");
  const LiveMember member(KafkaBrokers(), estate.Group("busy"), estate.topic);
  const Ran ran = estate.Execute();
  CHECK(ran.code == 3);
  Told told = Migrating::Told(ran);
  CHECK(told[estate.Group("busy") + "/" + estate.topic + "/0"] == "refused live-target");
  CHECK(told[estate.Group("idle") + "/" + estate.topic + "/0"] == "written new");
}

TEST_CASE("and back: Kafka's positions go to ZooKeeper, idle partitions too") {
  OldEstate estate;
  estate.Put("pay", "0", "5");
  estate.Put("pay", "1", "6");
  REQUIRE(estate.Execute().code == 0);
  REQUIRE(Offsetctl({"set", estate.to, estate.Group("pay"), estate.topic + ":0=50", "--execute"})
              .code == 0);
  std::swap(estate.from, estate.to);
  const Ran ran = estate.Execute({"--group", estate.Group("pay"), "--on-conflict", "source"});
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(estate.client.Get(estate.Node("pay", "offsets/" + estate.topic + "/0"))->data == "50");
  CHECK(estate.client.Get(estate.Node("pay", "offsets/" + estate.topic + "/1"))->data == "6");
}

}  // namespace
}  // namespace offsetstore::testing
