// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// Files of positions against Kafka's own kafka-consumer-groups and the real Kafka that
// tests/services/kafka.sh started. Every case makes names of its own, so that runs may repeat.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "kafka_client.h"
#include "offsetstore/types.h"
#include "program.h"
#include "shell.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

std::string Quoted(const std::string& word) {
  return "'" + word + "'";  // no name here has one
}

class Kafka {
 public:
  Kafka() {
    const std::vector<TopicPartition> partitions = {{topic, 11}, {long_topic, 1}};
    EnsureTopics(brokers, partitions);
    // Kafka's tool moves what it is given into the range of the log.
    for (const int partition : {0, 1, 10}) Produce(brokers, {topic, partition}, 30);
    Produce(brokers, {long_topic, 1}, 30);
  }

  /// What kafka-consumer-groups prints.
  [[nodiscard]] std::string Tool(const Words& groups, const std::string& words) const {
    const char* jars = std::getenv("OFFSETSTORE_TEST_KAFKA_JARS");
    REQUIRE(jars != nullptr);
    std::string command =
        "timeout 60 java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=off -cp '" +
        std::string(jars) +
        "/*' org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server " +
        brokers;
    for (const std::string& group : groups) command += " --group " + Quoted(group);
    // It shows the exceptions of its first guess of the number of columns.
    return ShellOutput("{ " + command + ' ' + words + " 2>/dev/null; }");
  }

  [[nodiscard]] Words ToolExport(const Words& groups) const {
    return Sorted(Tool(groups, "--reset-offsets --all-topics --to-current --dry-run --export"));
  }

  [[nodiscard]] Words OurExport() const {
    const Ran ran = Offsetctl({"export", uri, "--group", ".*" + run + ".*", "--as", "kafka-csv"});
    REQUIRE_MESSAGE(ran.code == 0, ran.err);
    return Sorted(ran.out);
  }

  /// Kafka's tool prints the order of a hash table, and an empty line behind it.
  static Words Sorted(const std::string& text) {
    Words lines = Lines(text);
    std::erase(lines, "");
    std::ranges::sort(lines);
    return lines;
  }

  std::string brokers = KafkaBrokers();
  std::string uri = "kafka://" + brokers;
  std::string run = Nonce::Random().Hex().substr(0, 8);
  std::string topic = "x-" + run;
  std::string long_topic = "exchange-longer-than-24-" + run;
};

void Set(const std::string& uri, const std::string& group, const Words& settings) {
  Words words = {"set", uri, group};
  words.insert(words.end(), settings.begin(), settings.end());
  words.push_back("--execute");
  const Ran ran = Offsetctl(words);
  REQUIRE_MESSAGE(ran.code == 0, ran.err);
}

}  // namespace

TEST_CASE("our Kafka CSV has, byte for byte, the lines that kafka-consumer-groups exports") {
  const Kafka kafka;
  const std::string plain = "pay-" + kafka.run;
  Set(kafka.uri, plain, {kafka.topic + ":0=5", kafka.topic + ":10=7", kafka.long_topic + ":1=9"});
  const Words one = kafka.OurExport();
  CHECK(one.size() == 3);
  CHECK(one == kafka.ToolExport({plain}));

  const Words groups = {plain,
                        "pay, all " + kafka.run,
                        "\"quoted\" " + kafka.run,
                        "caf\xc3\xa9\xf0\x9f\x98\x80:/%" + kafka.run,
                        "seventeen-of-25-" + kafka.run + "x",
                        "sixteen--of-24--" + kafka.run};
  for (const std::string& group : groups) Set(kafka.uri, group, {kafka.topic + ":1=3"});
  const Words several = kafka.OurExport();
  CHECK(several.size() == groups.size() + 3);
  CHECK(several == kafka.ToolExport(groups));
}

TEST_CASE("kafka-consumer-groups takes our Kafka CSV and sets exactly what we exported") {
  const Kafka kafka;
  const TempDir folder;
  const std::string file = (folder / "positions.csv").string();
  const auto moves = [&](const std::string& store, const Words& groups) {
    const Words diff = {"diff", store, kafka.uri, "--group", ".*" + kafka.run + ".*"};
    CHECK(Offsetctl(diff).code == 10);
    const Ran ran = Offsetctl({"export", store, "--as", "kafka-csv", "--output-file", file});
    REQUIRE_MESSAGE(ran.code == 0, ran.err);
    static_cast<void>(kafka.Tool(groups, "--reset-offsets --from-file " + file + " --execute"));
    const Ran after = Offsetctl(diff);
    CHECK_MESSAGE(after.code == 0, (after.out + after.err));
  };
  const std::string single = "file://" + (folder / "single").string();
  const std::string alone = "alone-" + kafka.run;
  Set(single, alone, {kafka.topic + ":0=5", kafka.topic + ":10=30", kafka.long_topic + ":1=0"});
  moves(single, {alone});

  const std::string store = "file://" + (folder / "several").string();
  const Words groups = {alone, "pay, \"all\" " + kafka.run, "caf\xc3\xa9-" + kafka.run};
  for (const std::string& group : groups) {
    Set(store, group, {kafka.topic + ":0=5", kafka.topic + ":10=30", kafka.long_topic + ":1=0"});
  }
  moves(store, groups);
}

}  // namespace offsetstore::testing
