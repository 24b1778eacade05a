// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <string>

#include "eventually.h"
#include "fleet.h"
#include "kafka_client.h"
#include "offsetstore/builtin.h"
#include "offsetstore/open.h"
#include "store_uri.h"

namespace offsetstore::testing {
namespace {

constexpr int kPartitions = 2;

bool StartsWith(const std::string& line, const std::string& prefix) {
  return line.rfind(prefix, 0) == 0;
}

std::size_t CountOf(const std::vector<std::string>& lines, const std::string& prefix) {
  return static_cast<std::size_t>(std::count_if(
      lines.begin(), lines.end(), [&](const auto& line) { return StartsWith(line, prefix); }));
}

std::vector<Read> FetchAll(OffsetStore& store, const std::string& topic) {
  auto reads = store.Fetch(
      topic, {.partitions = {}, .topics = {topic}}, Deadline::After(std::chrono::seconds(10)));
  REQUIRE(reads);
  return *std::move(reads);
}

bool AllStored(OffsetStore& store, const std::string& topic, std::int64_t position) {
  return Eventually([&] {
    const auto reads = FetchAll(store, topic);
    return reads.size() == kPartitions &&
           std::all_of(reads.begin(), reads.end(), [&](const Read& read) {
             const Entry* entry = std::get_if<Entry>(&read.slot);
             return entry != nullptr && entry->position == Position(position);
           });
  });
}

std::unique_ptr<OffsetStore> Open(const std::string& uri) {
  BackendRegistry registry;
  REQUIRE(RegisterBuiltinBackends(registry));
  auto store = OpenStore(registry, uri, {}, Deadline::After(std::chrono::seconds(10)));
  REQUIRE(store);
  return *std::move(store);
}

/// Between being continued and its next assignment by the group a zombie may take no claim.
void CheckNoClaimOnItsOwnWord(const std::vector<std::string>& lines) {
  bool assigned = false;
  for (const std::string& line : lines) {
    assigned = assigned || StartsWith(line, "assigned");
    if (StartsWith(line, "restored") || StartsWith(line, "moved")) CHECK(assigned);
  }
}

void Haunt(const std::string& store_name, const std::string& strategy) {
  const std::string brokers = KafkaBrokers();
  Fleet fleet(brokers, kPartitions, 500);
  const std::string store_uri = FreshUri(store_name, fleet.dir());
  const std::map<std::string, std::string> properties = {
      {"topics", fleet.topic()},
      {"offsetstore.uri", store_uri},
      {"session.timeout.ms", "1000"},
      {"heartbeat.interval.ms", "300"},
      {"offsetstore.commit.records", "1"},
      {"partition.assignment.strategy", strategy},
  };
  const int zombie = fleet.Start(properties);
  REQUIRE(Eventually([&] { return fleet.Count().distinct == fleet.records(); },
                     std::chrono::seconds(60)));
  const auto store = Open(store_name == "kafka" ? "kafka://" + brokers : store_uri);
  // Between batches: a process stopped inside its transaction keeps SQLite's only writer.
  REQUIRE(AllStored(*store, fleet.topic(), 500));
  fleet.Signal(zombie, SIGSTOP);
  const std::size_t stopped_at = fleet.Events(zombie).size();

  const int successor = fleet.Start(properties);
  REQUIRE(Eventually([&] { return CountOf(fleet.Events(successor), "restored") == kPartitions; },
                     std::chrono::seconds(60)));
  fleet.ProduceMore(500);
  REQUIRE(Eventually([&] { return fleet.Count().distinct == fleet.records(); },
                     std::chrono::seconds(60)));

  REQUIRE(AllStored(*store, fleet.topic(), 1000));

  fleet.Signal(zombie, SIGCONT);
  REQUIRE(Eventually(
      [&] {
        const auto lines = fleet.Events(zombie, stopped_at);
        return CountOf(lines, "lost") + CountOf(lines, "fenced") + CountOf(lines, "released") > 0;
      },
      std::chrono::seconds(60)));
  fleet.ProduceMore(200);
  REQUIRE(Eventually([&] { return fleet.Count().distinct == fleet.records(); },
                     std::chrono::seconds(60)));
  CheckNoClaimOnItsOwnWord(fleet.Events(zombie, stopped_at));
  for (const Read& read : FetchAll(*store, fleet.topic())) {
    CHECK(std::get<Entry>(read.slot).position >= Position(1000));
  }
  for (const int child : {zombie, successor}) fleet.Signal(child, SIGTERM);
  for (const int child : {zombie, successor}) {
    CHECK_MESSAGE(fleet.Wait(child) == 0, fleet.Events(child).back());
  }
  CHECK(fleet.Count().distinct == fleet.records());
  for (const Read& read : FetchAll(*store, fleet.topic())) {
    CHECK(std::get<Entry>(read.slot).position == Position(1200));
  }
}

TEST_CASE("G03 a member stopped past its session gives up and takes nothing back: sqlite, eager") {
  Haunt("sqlite", "range");
}

TEST_CASE(
    "G03 a member stopped past its session gives up and takes nothing back: sqlite, cooperative") {
  Haunt("sqlite", "cooperative-sticky");
}

TEST_CASE("G03 a member stopped past its session gives up and takes nothing back: kafka, eager") {
  Haunt("kafka", "range");
}

TEST_CASE(
    "G03 a member stopped past its session gives up and takes nothing back: kafka, cooperative") {
  Haunt("kafka", "cooperative-sticky");
}

TEST_CASE("G03 a member stopped past its session gives up and takes nothing back: file, eager") {
  Haunt("file", "range");
}

TEST_CASE(
    "G03 a member stopped past its session gives up and takes nothing back: file, cooperative") {
  Haunt("file", "cooperative-sticky");
}

TEST_CASE(
    "G03 a member stopped past its session gives up and takes nothing back: postgres, eager") {
  Haunt("postgres", "range");
}

TEST_CASE(
    "G03 a member stopped past its session gives up and takes nothing back: postgres, "
    "cooperative") {
  Haunt("postgres", "cooperative-sticky");
}

TEST_CASE("G03 a member stopped past its session gives up and takes nothing back: redis, eager") {
  Haunt("redis", "range");
}

TEST_CASE(
    "G03 a member stopped past its session gives up and takes nothing back: redis, cooperative") {
  Haunt("redis", "cooperative-sticky");
}

TEST_CASE(
    "G03 a member stopped past its session gives up and takes nothing back: zookeeper, eager") {
  Haunt("zookeeper", "range");
}

TEST_CASE(
    "G03 a member stopped past its session gives up and takes nothing back: zookeeper, "
    "cooperative") {
  Haunt("zookeeper", "cooperative-sticky");
}

}  // namespace
}  // namespace offsetstore::testing
