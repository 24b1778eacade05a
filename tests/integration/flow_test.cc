// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Record → handler → store → restart → restored, for every store and way of assignment.
#include <doctest/doctest.h>

#include "rig.h"

namespace offsetstore::testing {
namespace {

constexpr int kFlowPartitions = 3;
constexpr int kFlowRecords = 200;

/// Reads everything, stops, adds as much again, starts anew: nothing lost, nothing repeated.
void CheckRestart(const Topic& empty, const Config& config) {
  Topic topic = empty;
  topic.Fill(kFlowRecords);
  {
    Member first(config);
    REQUIRE_MESSAGE(first.WaitForCount(kFlowPartitions * kFlowRecords), first.events().Text());
    REQUIRE(first.Stop());
    for (int partition = 0; partition < kFlowPartitions; ++partition) {
      CHECK(first.Handled()[topic.At(partition)] == Sequence(0, kFlowRecords));
    }
  }
  topic.Fill(kFlowRecords);
  Member second(config);
  REQUIRE_MESSAGE(second.WaitForCount(kFlowPartitions * kFlowRecords), second.events().Text());
  CHECK(second.WaitForEnd());
  for (const auto& partition : second.State().partitions) {
    CHECK(partition.at_end);
    CHECK(partition.lag == 0);
    CHECK(partition.state.committed == Position(2 * kFlowRecords));
  }
  REQUIRE(second.Stop());
  for (int partition = 0; partition < kFlowPartitions; ++partition) {
    CHECK(second.Handled()[topic.At(partition)] == Sequence(kFlowRecords, 2 * kFlowRecords));
  }
  CHECK(second.events().Count(EventKind::kRestored) == kFlowPartitions);
}

Config Static(Config config, const Topic& topic) {
  config["assign"] = topic.name() + ":0-" + std::to_string(kFlowPartitions - 1);
  return config;
}

TEST_CASE("a static consumer goes on after a restart, positions in files") {
  const TempDir dir;
  const Topic topic(kFlowPartitions);
  CheckRestart(topic, Static(Basic(UniqueGroup(), FileUri(dir)), topic));
}

TEST_CASE("a static consumer goes on after a restart, positions in SQLite") {
  const TempDir dir;
  const Topic topic(kFlowPartitions);
  CheckRestart(topic, Static(Basic(UniqueGroup(), SqliteUri(dir)), topic));
}

TEST_CASE("a static consumer goes on after a restart, positions in Kafka") {
  const Topic topic(kFlowPartitions);
  CheckRestart(topic, Static(Basic(UniqueGroup(), "kafka:"), topic));
}

TEST_CASE("an eager group goes on after a restart, positions in files") {
  const TempDir dir;
  const Topic topic(kFlowPartitions);
  CheckRestart(topic, Grouped(Basic(UniqueGroup(), FileUri(dir)), topic, "range"));
}

TEST_CASE("an eager group goes on after a restart, positions in Kafka") {
  const Topic topic(kFlowPartitions);
  CheckRestart(topic, Grouped(Basic(UniqueGroup(), "kafka:"), topic, "range"));
}

TEST_CASE("a cooperative group goes on after a restart, positions in SQLite") {
  const TempDir dir;
  const Topic topic(kFlowPartitions);
  CheckRestart(topic, Grouped(Basic(UniqueGroup(), SqliteUri(dir)), topic, "cooperative-sticky"));
}

TEST_CASE("a cooperative group goes on after a restart, positions in Kafka by its brokers' name") {
  const Topic topic(kFlowPartitions);
  CheckRestart(
      topic,
      Grouped(Basic(UniqueGroup(), "kafka://" + KafkaBrokers()), topic, "cooperative-sticky"));
}

}  // namespace
}  // namespace offsetstore::testing
