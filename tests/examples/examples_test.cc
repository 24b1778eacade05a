// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs the examples as programs of their own and looks at what they print: partition:offset.
#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <map>
#include <sstream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "committed_topic.h"
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

/// The sums that a reader of committed records makes of the numbers of each word.
std::map<std::string, int> Sums(const std::string& brokers, const std::string& topic) {
  std::map<std::string, int> sums;
  CommittedTopic(brokers, topic, 1).ReadOn([&](std::string_view word, const std::string& number) {
    sums[std::string(word)] += std::stoi(number);
  });
  return sums;
}

TEST_CASE("the word count is right although it is killed in the middle of its work") {
  const OneTopic texts;
  const TopicPartition counts{texts.at.topic + "-counts", 0};
  EnsureTopics(texts.brokers, {&counts, 1});
  const std::string config = (texts.dir / "word_count.properties").string();
  std::ofstream(config) << "bootstrap.servers=" << texts.brokers
                        << "\ngroup.id=word-count\ntopics=" << texts.at.topic
                        << "\noffsetstore.uri=kafka:\noffsetstore.delivery=exactly-once"
                        << "\ntransactional.id=" << counts.topic << "\noffsetstore.batch.records=20"
                        << "\nsession.timeout.ms=1000\nheartbeat.interval.ms=300\n";
  const std::vector<std::string> command = {EXAMPLE_WORD_COUNT, config, counts.topic};
  const auto counted = [&] { return Sums(texts.brokers, counts.topic)["record"]; };
  std::atomic<int> all = kRecords;
  std::jthread producer;
  {
    Program killed(texts.dir / "first", command);
    REQUIRE(Eventually([&] { return counted() == kRecords; }));
    // Records keep coming, so that the kill finds it at work.
    producer = std::jthread([&](const std::stop_token& stop) {
      for (; !stop.stop_requested(); ++all) Produce(texts.brokers, texts.at, 1);
    });
    REQUIRE(Eventually([&] { return all > 10 * kRecords; }));
  }
  producer.request_stop();
  producer.join();
  const int before = counted();
  Program second(texts.dir / "second", command);
  CHECK(Eventually([&] { return counted() >= all; }));
  second.Terminate();
  CHECK(second.Wait() == 0);
  CHECK(before < all);
  CHECK(Sums(texts.brokers, counts.topic) == std::map<std::string, int>{{"record", all}});
}

TEST_CASE("the README's sample says what is wrong with its configuration") {
  const TempDir dir;
  Program program(dir / "out", {EXAMPLE_README_SAMPLE, (dir / "absent.properties").string()});
  CHECK(program.Wait() == 1);
}

}  // namespace
}  // namespace offsetstore::testing
