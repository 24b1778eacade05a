// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs the examples as programs of their own and looks at what they print: partition:offset.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "eventually.h"
#include "kafka_client.h"
#include "program.h"
#include "scrape.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

constexpr int kRecords = 20;

std::vector<std::string> Expected(int first, int end) {
  std::vector<std::string> lines;
  for (int i = first; i < end; ++i) lines.push_back("0:" + std::to_string(i));
  return lines;
}

struct OneTopic {
  OneTopic() {
    EnsureTopics(brokers, {&at, 1});
    Produce(brokers, at, kRecords);
  }
  const std::string brokers = KafkaBrokers();
  const TopicPartition at{"example-" + Nonce::Random().Hex(), 0};
  const TempDir dir;
  const std::string uri = "sqlite://" + (dir / "offsets.db").string();

  /// How metrics name the store.
  [[nodiscard]] std::string Label() const { return "sqlite:" + (dir / "offsets.db").string(); }
  /// A consumer's configuration, in a file.
  [[nodiscard]] std::filesystem::path Config() const {
    std::filesystem::path config = dir / "app.properties";
    std::ofstream(config) << "bootstrap.servers=" << brokers
                          << "\ngroup.id=example\ntopics=" << at.topic
                          << "\noffsetstore.uri=" << uri << "\n";
    return config;
  }
};

/// Two runs of a program that ends after so many records: the second goes on where the first ended.
void CheckOwn(const char* program) {
  const OneTopic topic;
  const std::vector<std::string> command = {
      program, topic.brokers, topic.at.topic, topic.uri, std::to_string(kRecords / 2)};
  Program first(topic.dir / "first", command);
  CHECK(first.Wait() == 0);
  CHECK(first.Lines() == Expected(0, kRecords / 2));
  Program second(topic.dir / "second", command);
  CHECK(second.Wait() == 0);
  CHECK(second.Lines() == Expected(kRecords / 2, kRecords));
}

TEST_CASE("a session runs under somebody's own rd_kafka_t") {
  CheckOwn(EXAMPLE_OWN_RDKAFKA);
}

#ifdef EXAMPLE_OWN_RDKAFKACPP
TEST_CASE("a session runs under somebody's own RdKafka::KafkaConsumer") {
  CheckOwn(EXAMPLE_OWN_RDKAFKACPP);
}
#endif

TEST_CASE("the README's sample ends on SIGTERM and goes on at the next start") {
  const OneTopic topic;
  const std::filesystem::path config = topic.Config();
  Program first(topic.dir / "first", {EXAMPLE_README_SAMPLE, config.string()});
  REQUIRE(first.WaitForLines(kRecords));
  first.Terminate();
  CHECK(first.Wait() == 0);
  CHECK(first.Lines() == Expected(0, kRecords));
  Produce(topic.brokers, topic.at, kRecords);
  Program second(topic.dir / "second", {EXAMPLE_README_SAMPLE, config.string()});
  REQUIRE(second.WaitForLines(kRecords));
  second.Terminate();
  CHECK(second.Wait() == 0);
  CHECK(second.Lines() == Expected(kRecords, 2 * kRecords));
}

#ifdef EXAMPLE_METRICS
/// The port that the program says it listens on.
int PortOf(const Program& program) {
  const std::string line = program.Lines().at(0);
  REQUIRE(line.starts_with("port "));
  return std::stoi(line.substr(5));
}

TEST_CASE("the metrics sample shows what it committed, and its lag") {
  const OneTopic topic;
  Program program(topic.dir / "out", {EXAMPLE_METRICS, topic.Config().string(), "0"});
  REQUIRE(program.WaitForLines(kRecords + 1));
  const int port = PortOf(program);
  const std::string labels = R"({group="example",topic=")" + topic.at.topic + R"(",partition="0"})";
  const auto all_committed = [&] {
    return SampleOf(Scrape(port), "offsetstore_partition_committed_position" + labels) ==
           std::to_string(kRecords);
  };
  REQUIRE(Eventually(all_committed));
  const std::string text = Scrape(port);
  CHECK(SampleOf(text, "offsetstore_partition_lag" + labels) == "0");
  CHECK(SampleOf(text, "offsetstore_partition_uncommitted" + labels) == "0");
  CHECK(SampleOf(text, "offsetstore_assigned_partitions{group=\"example\",phase=\"active\"}") ==
        "1");
  const std::string store = "{store=\"" + topic.Label() + "\"}";
  CHECK_FALSE(SampleOf(text, "offsetstore_last_durable_commit_timestamp_seconds" + store).empty());
  CHECK(text.find("offsetstore_session_events_total{event=\"committed\",group=\"example\"}") !=
        std::string::npos);
  program.Terminate();
  CHECK(program.Wait() == 0);
}
#endif

TEST_CASE("the README's sample says what is wrong with its configuration") {
  const TempDir dir;
  Program program(dir / "out", {EXAMPLE_README_SAMPLE, (dir / "absent.properties").string()});
  CHECK(program.Wait() == 1);
}

}  // namespace
}  // namespace offsetstore::testing
