// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <csignal>
#include <cstdio>
#include <random>
#include <string>

#include "eventually.h"
#include "fleet.h"
#include "kafka_client.h"
#include "settings.h"
#include "store_uri.h"

namespace offsetstore::testing {
namespace {

constexpr int kPartitions = 8;
constexpr int kWindow = 256;  ///< offsetstore.max.uncommitted

struct Plan {
  std::string name;
  std::string store;
  int members = 0;  ///< 0 = static assignment
  int kills = 30;
  int records = 100'000;
};

std::map<std::string, std::string> Properties(const Plan& plan, const Fleet& fleet) {
  std::map<std::string, std::string> properties = {
      {"offsetstore.uri", FreshUri(plan.store, fleet.dir())},
      {"offsetstore.max.uncommitted", std::to_string(kWindow)},
      {"offsetstore.commit.records", "16"},
      {"offsetstore.commit.interval", "20ms"},
      {"offsetstore.workers", "2"},
  };
  if (plan.members == 0) {
    properties["assign"] = fleet.topic() + ":0-" + std::to_string(kPartitions - 1);
    properties["offsetstore.owner"] = "kill-run";
  } else {
    properties["topics"] = fleet.topic();
    properties["session.timeout.ms"] = "1000";
    properties["heartbeat.interval.ms"] = "300";
  }
  return properties;
}

/// Waits until some records more are processed. Where consumers were quicker than the test, there
/// are none left: it gives them more.
void WaitForProgress(Fleet& fleet, std::uint64_t more, int reserve) {
  const std::uint64_t target = fleet.Processed() + more;
  const auto all_done = [&] {
    return fleet.Processed() >= fleet.records() && fleet.Count().distinct == fleet.records();
  };
  const auto reached = [&] { return fleet.Processed() >= target; };
  REQUIRE_MESSAGE(Eventually([&] { return reached() || all_done(); }, std::chrono::seconds(60)),
                  "no progress: ",
                  fleet.Events(0).empty() ? "" : fleet.Events(0).back());
  if (reached()) return;
  fleet.ProduceMore(reserve);
  REQUIRE(Eventually(reached, std::chrono::seconds(60)));
}

/// Kills a random consumer again and again, each time after some records more, then lets the
/// last ones finish.
void Run(const Plan& plan) {
  std::mt19937 random = SeededRandom();
  Fleet fleet(KafkaBrokers(), kPartitions, plan.records / kPartitions);
  const auto properties = Properties(plan, fleet);
  std::vector<int> members;
  for (int i = 0; i < std::max(plan.members, 1); ++i) members.push_back(fleet.Start(properties));
  const int step = plan.records / (plan.kills + 1);
  int kills = 0;
  for (; kills < plan.kills; ++kills) {
    WaitForProgress(fleet, 1 + random() % static_cast<unsigned>(step), step);
    int& victim = members[random() % members.size()];
    fleet.Kill(victim);
    victim = fleet.Start(properties);
  }
  CHECK(Eventually([&] { return fleet.Count().distinct == fleet.records(); },
                   std::chrono::seconds(120)));
  for (const int member : members) fleet.Signal(member, SIGTERM);
  for (const int member : members) CHECK(fleet.Wait(member) == 0);
  const Tally tally = fleet.Count();
  const auto bound = static_cast<std::uint64_t>(kills) * kPartitions * kWindow;
  std::printf("%-24s records %llu  kills %d  lost %llu  repeated %llu (bound %llu)\n",
              plan.name.c_str(),
              static_cast<unsigned long long>(fleet.records()),
              kills,
              static_cast<unsigned long long>(fleet.records() - tally.distinct),
              static_cast<unsigned long long>(tally.repeated),
              static_cast<unsigned long long>(bound));
  std::fflush(stdout);
  CHECK(kills == plan.kills);
  CHECK(tally.distinct == fleet.records());
  CHECK(tally.unexpected == 0);
  CHECK(tally.repeated <= bound);
}

TEST_CASE("G01 killed at random points with static assignment, nothing is lost: sqlite") {
  Run({.name = "sqlite, static", .store = "sqlite"});
}

TEST_CASE("G01 killed at random points with static assignment, nothing is lost: file") {
  Run({.name = "file, static", .store = "file"});
}

TEST_CASE("G01 killed at random points with static assignment, nothing is lost: kafka") {
  Run({.name = "kafka, static", .store = "kafka"});
}

TEST_CASE("G02 members of a group killed at random points, nothing is lost: sqlite") {
  Run({.name = "sqlite, group of 2", .store = "sqlite", .members = 2, .kills = Long() ? 30 : 8});
}

TEST_CASE("G02 members of a group killed at random points, nothing is lost: file") {
  if (!Long()) return Run({.name = "file, group of 2", .store = "file", .members = 2, .kills = 4});
  Run({.name = "file, group of 2", .store = "file", .members = 2});
}

TEST_CASE("G02 members of a group killed at random points, nothing is lost: kafka") {
  if (!Long())
    return Run({.name = "kafka, group of 2", .store = "kafka", .members = 2, .kills = 4});
  Run({.name = "kafka, group of 2", .store = "kafka", .members = 2});
}

/// Over a store of a server: at least twenty kills, and many records only where there is time.
void RunOnServer(const std::string& store, int members) {
  Plan plan{.name = store + (members == 0 ? ", static" : ", group of 2"),
            .store = store,
            .members = members};
  if (!Long()) {
    plan.kills = members == 0 ? 20 : 4;
    plan.records = members == 0 ? 20'000 : 10'000;
  }
  Run(plan);
}

TEST_CASE("G01 killed at random points with static assignment, nothing is lost: postgres") {
  RunOnServer("postgres", 0);
}

TEST_CASE("G01 killed at random points with static assignment, nothing is lost: redis") {
  RunOnServer("redis", 0);
}

TEST_CASE("G01 killed at random points with static assignment, nothing is lost: zookeeper") {
  RunOnServer("zookeeper", 0);
}

TEST_CASE("G02 members of a group killed at random points, nothing is lost: postgres") {
  RunOnServer("postgres", 2);
}

TEST_CASE("G02 members of a group killed at random points, nothing is lost: redis") {
  RunOnServer("redis", 2);
}

TEST_CASE("G02 members of a group killed at random points, nothing is lost: zookeeper") {
  RunOnServer("zookeeper", 2);
}

}  // namespace
}  // namespace offsetstore::testing
