// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Consumers that keep results and positions in one database, killed at random and between every two
// of their steps. What happened is counted from the table of results, by its client library alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "eventually.h"
#include "fleet.h"
#include "kafka_client.h"
#include "result_table.h"
#include "settings.h"
#include "store_uri.h"

namespace offsetstore::testing {
namespace {

constexpr int kPartitions = 4;
constexpr std::chrono::seconds kBound{120};

struct Plan {
  std::string name;
  std::string store;
  int members = 0;  ///< 0 = static assignment
  int kills = 0;
};

std::map<std::string, std::string> Properties(const Plan& plan,
                                              const Fleet& fleet,
                                              const std::string& uri) {
  std::map<std::string, std::string> properties = {{"offsetstore.uri", uri},
                                                   {"offsetstore.delivery", "exactly-once"},
                                                   {"offsetstore.batch.records", "50"},
                                                   {"offsetstore.batch.interval", "20ms"}};
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

std::string LastEvent(const Fleet& fleet, int member) {
  const auto events = fleet.Events(member);
  return events.empty() ? "no event" : events.back();
}

void Report(const Plan& plan, std::uint64_t records, const ResultTable::Tally& tally) {
  std::printf("exactly once: %-18s records %llu  kills %d  lost %llu  repeated %llu\n",
              plan.name.c_str(),
              static_cast<unsigned long long>(records),
              plan.kills,
              static_cast<unsigned long long>(records - tally.distinct),
              static_cast<unsigned long long>(tally.rows - tally.distinct));
  std::fflush(stdout);
}

/// Waits until every record has its result, ends the members and compares.
void Finish(const Plan& plan, Fleet& fleet, ResultTable& results, const std::vector<int>& members) {
  CHECK_MESSAGE(Eventually([&] { return results.Count().distinct == fleet.records(); }, kBound),
                LastEvent(fleet, members.back()));
  for (const int member : members) {
    // Before its first event it does not listen to signals yet.
    CHECK(Eventually([&] { return !fleet.Events(member).empty(); }));
    fleet.Signal(member, SIGTERM);
  }
  for (const int member : members) CHECK(fleet.Wait(member) == 0);
  const ResultTable::Tally tally = results.Count();
  Report(plan, fleet.records(), tally);
  CHECK(tally.distinct == fleet.records());
  CHECK(tally.rows == tally.distinct);
}

void KillAtRandom(const Plan& plan) {
  std::mt19937 random = SeededRandom();
  Fleet fleet(KafkaBrokers(), kPartitions, plan.kills * 250);
  const std::string uri = FreshUri(plan.store, fleet.dir());
  const auto properties = Properties(plan, fleet, uri);
  const auto results = OpenResultTable(uri);
  results->Create();
  std::vector<int> members;
  for (int i = 0; i < std::max(plan.members, 1); ++i) members.push_back(fleet.Start(properties));
  for (int kill = 0; kill < plan.kills; ++kill) {
    const std::uint64_t target = results->Count().rows + 1 + random() % 900;
    if (target >= fleet.records()) fleet.ProduceMore(500);
    REQUIRE_MESSAGE(Eventually([&] { return results->Count().rows >= target; }, kBound),
                    LastEvent(fleet, members.front()));
    int& victim = members[random() % members.size()];
    fleet.Kill(victim);
    victim = fleet.Start(properties);
  }
  Finish(plan, fleet, *results, members);
}

/// Every point between two steps; those of a batch at its second time, in the middle of the work.
constexpr std::array kPoints = std::to_array<const char*>({"before claim:1",
                                                           "after claim:1",
                                                           "before begin:2",
                                                           "after begin:2",
                                                           "before lock:2",
                                                           "after lock:2",
                                                           "before results:2",
                                                           "amid results:2",
                                                           "after results:2",
                                                           "before move:2",
                                                           "after move:2",
                                                           "before commit:2",
                                                           "after commit:2"});

/// Kills one process at each of the points, then lets the last one finish; at its end it is killed
/// around the release too.
void KillAtPoints(const std::string& store) {
  const Plan plan{
      .name = store + ", points", .store = store, .kills = static_cast<int>(kPoints.size()) + 2};
  Fleet fleet(KafkaBrokers(), kPartitions, 1000);
  const std::string uri = FreshUri(plan.store, fleet.dir());
  const auto properties = Properties(plan, fleet, uri);
  const auto results = OpenResultTable(uri);
  results->Create();
  for (const char* point : kPoints) {
    CAPTURE(point);
    ::setenv("OFFSETSTORE_KILL_AT", point, 1);
    const int child = fleet.Start(properties);
    CHECK_MESSAGE(fleet.Wait(child) == -SIGKILL, LastEvent(fleet, child));
    fleet.ProduceMore(100);
  }
  for (const char* point : {"before release:1", "after release:1"}) {
    CAPTURE(point);
    ::setenv("OFFSETSTORE_KILL_AT", point, 1);
    const int child = fleet.Start(properties);
    const std::uint64_t before = results->Count().rows;
    fleet.ProduceMore(100);
    CHECK(Eventually([&] { return results->Count().rows > before; }, kBound));
    fleet.Signal(child, SIGTERM);
    CHECK_MESSAGE(fleet.Wait(child) == -SIGKILL, LastEvent(fleet, child));
  }
  ::unsetenv("OFFSETSTORE_KILL_AT");
  Finish(plan, fleet, *results, {fleet.Start(properties)});
}

/// One consumer is stopped at `point`; another takes its partitions over and finishes, as soon as
/// the database lets it; then the first goes on: nothing of it is accepted any more.
void StopAndTakeOver(const std::string& store, const char* point, bool finishes_before) {
  CAPTURE(point);
  const Plan plan{.name = store + ", stopped", .store = store};
  Fleet fleet(KafkaBrokers(), kPartitions, 500);
  const std::string uri = FreshUri(plan.store, fleet.dir());
  auto properties = Properties(plan, fleet, uri);
  properties["offsetstore.owner"] = "stopped";
  const auto results = OpenResultTable(uri);
  results->Create();
  ::setenv("OFFSETSTORE_STOP_AT", point, 1);
  const int stopped = fleet.Start(properties);
  ::unsetenv("OFFSETSTORE_STOP_AT");
  REQUIRE_MESSAGE(Eventually([&] { return fleet.Stopped(stopped); }), LastEvent(fleet, stopped));
  properties["offsetstore.owner"] = "successor";
  properties["offsetstore.takeover"] = "true";
  const int successor = fleet.Start(properties);
  const auto all = [&] { return results->Count().distinct == fleet.records(); };
  if (finishes_before) {
    CHECK_MESSAGE(Eventually(all, kBound), LastEvent(fleet, successor));
    fleet.Signal(stopped, SIGCONT);
  } else {
    // The stopped one holds the database: its successor waits, and says so.
    const auto waits = [&] {
      const auto events = fleet.Events(successor);
      return std::ranges::any_of(events, [](const std::string& line) {
        return line.starts_with("store down") || line.starts_with("parked");
      });
    };
    CHECK_MESSAGE(Eventually(waits), LastEvent(fleet, successor));
    CHECK_FALSE(all());
    fleet.Signal(stopped, SIGCONT);
  }
  // It hears that it was fenced, and ends by that.
  CHECK(fleet.Wait(stopped) == 1);
  CHECK(LastEvent(fleet, stopped).starts_with("ended"));
  Finish(plan, fleet, *results, {successor});
}

int Kills(int whole) {
  return Long() ? whole : whole / 10;
}

TEST_CASE("E01 killed at random points, every record has its effect once: sqlite") {
  KillAtRandom({.name = "sqlite, static", .store = "sqlite", .kills = Kills(150)});
}

TEST_CASE("E01 members of a group killed at random points, every effect once: sqlite") {
  KillAtRandom({.name = "sqlite, group of 2", .store = "sqlite", .members = 2, .kills = Kills(50)});
}

TEST_CASE("E01 killed between every two steps, every record has its effect once: sqlite") {
  KillAtPoints("sqlite");
}

TEST_CASE("E02 stopped outside of its transaction and taken over, every effect once: sqlite") {
  StopAndTakeOver("sqlite", "before begin:3", true);
}

TEST_CASE("E02 stopped inside its transaction, its successor waits, every effect once: sqlite") {
  StopAndTakeOver("sqlite", "amid results:3", false);
}

TEST_CASE("E02 stopped outside of its transaction and taken over, every effect once: postgres") {
  StopAndTakeOver("postgres", "before begin:3", true);
}

TEST_CASE("E02 stopped inside its transaction, the server frees it, every effect once: postgres") {
  StopAndTakeOver("postgres", "amid results:3", true);
}

TEST_CASE("E01 killed at random points, every record has its effect once: postgres") {
  KillAtRandom({.name = "postgres, static", .store = "postgres", .kills = Kills(150)});
}

TEST_CASE("E01 members of a group killed at random points, every effect once: postgres") {
  KillAtRandom(
      {.name = "postgres, group of 2", .store = "postgres", .members = 2, .kills = Kills(50)});
}

TEST_CASE("E01 killed between every two steps, every record has its effect once: postgres") {
  KillAtPoints("postgres");
}

}  // namespace
}  // namespace offsetstore::testing
