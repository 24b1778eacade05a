// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// Groups of the real Kafka 0.8.2.2 move to the real Kafka 4.1, whose topic holds the same records,
// and back.
#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "eventually.h"
#include "kafka08.h"
#include "kafka_client.h"
#include "migrate.h"
#include "offsetstore/types.h"

namespace offsetstore::testing {
namespace {

using Told = std::map<std::string, std::string>;

constexpr int kRecords = 1000;

std::vector<std::string> Numbers(int from, int to) {
  std::vector<std::string> numbers;
  for (int number = from; number <= to; ++number) numbers.push_back(std::to_string(number));
  return numbers;
}

struct Legacy : Migrating {
  Kafka08 old;
  std::string topic = old.Topic(kRecords);

  Legacy() {
    from = old.uri();
    to = "kafka://" + KafkaBrokers();
    const std::vector<TopicPartition> partitions = {{topic, 0}};
    EnsureTopics(KafkaBrokers(), partitions);
    Produce(KafkaBrokers(), {topic, 0}, Numbers(1, kRecords));
  }
  [[nodiscard]] std::string Group(const std::string& name) const { return name + "-" + topic; }
  /// What a modern consumer of the group reads until the end.
  [[nodiscard]] std::vector<std::string> ReadTheRest(const std::string& group, int count) const {
    const std::string config = Path(group + ".properties");
    std::ofstream(config) << "bootstrap.servers=" << KafkaBrokers() << "\ngroup.id=" << group
                          << "\ntopics=" << topic
                          << "\noffsetstore.uri=kafka:\noffsetstore.start=fail\n";
    const Ran ran =
        Offsetctl({"consume", "--config", config, "--max-records", std::to_string(count)});
    REQUIRE_MESSAGE(ran.code == 0, ran.err);
    std::vector<std::string> lines;
    std::size_t at = 0;
    for (std::size_t end = 0; (end = ran.out.find('\n', at)) != std::string::npos; at = end + 1) {
      lines.push_back(ran.out.substr(at, end - at));
    }
    return lines;
  }
};

TEST_CASE(
    "groups of Kafka 0.8's own consumer go on in Kafka 4.1 at exactly their records, and back") {
  Legacy legacy;
  REQUIRE(legacy.old.Consume(legacy.Group("a"), legacy.topic, 300).size() == 300);
  REQUIRE(legacy.old.Consume(legacy.Group("b"), legacy.topic, 999).size() == 999);
  Kafka08::Running live(legacy.old, legacy.Group("live"), legacy.topic);
  const std::string live_row = legacy.Group("live") + "/" + legacy.topic + "/0";
  const Words mine = {"--group", ".*-" + legacy.topic};
  REQUIRE(Eventually([&] { return Migrating::Told(legacy.Migrate(mine)).contains(live_row); },
                     std::chrono::seconds(60)));
  const Ran ran = legacy.Execute(mine);
  CHECK(ran.code == 3);
  Told told = Migrating::Told(ran);
  CHECK(told[legacy.Group("a") + "/" + legacy.topic + "/0"] == "written new");
  CHECK(told[legacy.Group("b") + "/" + legacy.topic + "/0"] == "written new");
  CHECK(told[live_row] == "refused live-source");

  // None missing, none twice: the modern consumer reads what the old one had not.
  CHECK(legacy.ReadTheRest(legacy.Group("a"), 400) == Numbers(301, 700));
  CHECK(legacy.ReadTheRest(legacy.Group("b"), 1) == Numbers(1000, 1000));

  // And back: the old consumer goes on where the modern one stopped.
  std::swap(legacy.from, legacy.to);
  const Words back = {"--group", legacy.Group("a"), "--on-conflict", "max"};
  const auto moved = [&] {
    const Ran once = legacy.Execute(back);
    return once.code == 0 &&
           Migrating::Told(once)[legacy.Group("a") + "/" + legacy.topic + "/0"] == "written ahead";
  };
  // The group is live until the coordinator has seen its member leave.
  CHECK(Eventually(moved, std::chrono::seconds(60)));
  CHECK(legacy.old.Consume(legacy.Group("a"), legacy.topic, 3, true) == Numbers(701, 703));
}

}  // namespace
}  // namespace offsetstore::testing
