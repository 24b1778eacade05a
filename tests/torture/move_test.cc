// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Live consumers move from one store to another, killed all the way: docs/dual.md.
#include <doctest/doctest.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "eventually.h"
#include "fleet.h"
#include "kafka_client.h"
#include "settings.h"

namespace offsetstore::testing {
namespace {

using Config = std::map<std::string, std::string>;

constexpr int kPartitions = 6;
constexpr int kWindow = 64;  ///< offsetstore.max.uncommitted
constexpr int kRecords = 30'000;

/// Where a step keeps positions: in one store, or in two.
struct Stores {
  std::string primary;
  std::string secondary;
};

std::string UriOf(const std::string& scheme, const Fleet& fleet) {
  if (scheme == "kafka") return "kafka:";
  return scheme + "://" + (fleet.dir() / ("store." + scheme)).string();
}

Config ConfigOf(const Stores& stores, int members, const Fleet& fleet) {
  Config config = {
      {"offsetstore.max.uncommitted", std::to_string(kWindow)},
      {"offsetstore.commit.records", "16"},
      {"offsetstore.commit.interval", "20ms"},
  };
  if (stores.secondary.empty()) {
    config["offsetstore.uri"] = UriOf(stores.primary, fleet);
  } else {
    config["offsetstore.dual.primary"] = UriOf(stores.primary, fleet);
    config["offsetstore.dual.secondary"] = UriOf(stores.secondary, fleet);
  }
  if (members == 0) {
    config["assign"] = fleet.topic() + ":0-" + std::to_string(kPartitions - 1);
    config["offsetstore.owner"] = "move";
  } else {
    config["topics"] = fleet.topic();
    // A member that stalls for longer than this loses its partitions to the other one, and its last
    // commit is rightly fenced; a shared machine has stalls of more than a second.
    config["session.timeout.ms"] = members > 1 ? "3000" : "1000";
    config["heartbeat.interval.ms"] = "300";
    config["partition.assignment.strategy"] = "cooperative-sticky";
  }
  return config;
}

std::string LastEvent(const Fleet& fleet, int child) {
  const auto events = fleet.Events(child);
  return events.empty() ? "(no event)" : events.back();
}

/// Consumers that are killed at random points, and replaced.
class Movers {
 public:
  Movers(Fleet& fleet, std::size_t count) : fleet_(fleet), children_(count, -1) {}

  /// One after the other: killed, and started with the new configuration.
  void Roll(const Config& config) {
    config_ = config;
    rolled_ = newest_ + 1;
    for (std::size_t i = 0; i < children_.size(); ++i) Replace(i);
  }
  void KillOne(std::mt19937& random) { Replace(random() % children_.size()); }
  void Finish() {
    for (const int child : children_) fleet_.Signal(child, SIGTERM);
    for (const int child : children_) {
      CHECK_MESSAGE(fleet_.Wait(child) == 0, AllEvents());
    }
  }
  [[nodiscard]] int kills() const noexcept { return kills_; }
  /// Whether each partition was claimed since the last roll: with its first claim a dual fills its
  /// second store, and only then may the next step begin (docs/dual.md).
  [[nodiscard]] bool AllClaimed() const {
    std::set<std::string> claimed;
    for (int child = rolled_; child <= newest_; ++child) AddClaimed(child, claimed);
    return claimed.size() == kPartitions;
  }
  [[nodiscard]] std::string AllEvents() const {
    std::string text;
    for (int child = rolled_; child <= newest_; ++child) {
      for (const std::string& event : fleet_.Events(child)) {
        text += std::to_string(child) + ": " + event + '\n';
      }
    }
    return text;
  }
  [[nodiscard]] std::string LastEvents() const {
    std::string text;
    for (const int child : children_) text += LastEvent(fleet_, child) + '\n';
    return text;
  }

 private:
  void AddClaimed(int child, std::set<std::string>& claimed) const {
    for (const std::string& event : fleet_.Events(child)) {
      if (!event.starts_with("restored ")) continue;
      const std::size_t from = event.find('[');
      claimed.insert(event.substr(from, event.find(']') - from));
    }
  }
  void Replace(std::size_t i) {
    if (children_[i] >= 0) {
      fleet_.Kill(children_[i]);
      ++kills_;
    }
    newest_ = children_[i] = fleet_.Start(config_);
  }
  Fleet& fleet_;
  std::vector<int> children_;
  Config config_;
  int newest_ = -1;  ///< The child started last.
  int rolled_ = 0;   ///< The first child of the last roll.
  int kills_ = 0;
};

void Report(const std::string& name, const Fleet& fleet, int kills) {
  const Tally tally = fleet.Count();
  const auto bound = static_cast<std::uint64_t>(kills) * kPartitions * kWindow;
  std::printf("%-32s records %llu  kills %d  lost %llu  repeated %llu (bound %llu)\n",
              name.c_str(),
              static_cast<unsigned long long>(fleet.records()),
              kills,
              static_cast<unsigned long long>(fleet.records() - tally.distinct),
              static_cast<unsigned long long>(tally.repeated),
              static_cast<unsigned long long>(bound));
  std::fflush(stdout);
  CHECK(tally.distinct == fleet.records());
  CHECK(tally.unexpected == 0);
  CHECK(tally.repeated <= bound);
}

/// `members` 0: static assignment.
void Move(const std::string& name, const std::vector<Stores>& steps, int members, int kills) {
  std::mt19937 random = SeededRandom();
  Fleet fleet(KafkaBrokers(), kPartitions, kRecords / kPartitions);
  Movers movers(fleet, static_cast<std::size_t>(std::max(members, 1)));
  const int stages = static_cast<int>(steps.size()) * (kills + 1);
  const auto stage = static_cast<unsigned>(kRecords / (stages + 1));
  std::uint64_t target = 0;
  const auto reach = [&] {
    target += stage / 2 + random() % stage;
    REQUIRE_MESSAGE(Eventually(
                        [&] {
                          return fleet.Processed() >= target ||
                                 fleet.Count().distinct == fleet.records();
                        },
                        std::chrono::seconds(60)),
                    "no progress: ",
                    movers.LastEvents());
  };
  for (const Stores& stores : steps) {
    movers.Roll(ConfigOf(stores, members, fleet));
    for (int i = 0; i < kills; ++i) {
      reach();
      movers.KillOne(random);
    }
    reach();
    REQUIRE_MESSAGE(Eventually([&] { return movers.AllClaimed(); }), movers.LastEvents());
  }
  CHECK(Eventually([&] { return fleet.Count().distinct == fleet.records(); },
                   std::chrono::seconds(60)));
  movers.Finish();
  Report(name, fleet, movers.kills());
}

TEST_CASE("G11 a killed consumer moves from sqlite to file by a dual, nothing is lost") {
  Move("sqlite to file, static", {{"sqlite", ""}, {"sqlite", "file"}, {"file", ""}}, 0, 4);
}

TEST_CASE("G11 a group moves member by member from sqlite to file, nothing is lost") {
  Move("sqlite to file, group of 2",
       {{"sqlite", ""}, {"sqlite", "file"}, {"file", "sqlite"}, {"file", ""}},
       2,
       1);
}

TEST_CASE("G11 a killed member moves from sqlite to kafka, nothing is lost") {
  Move("sqlite to kafka, member", {{"sqlite", ""}, {"sqlite", "kafka"}, {"kafka", ""}}, 1, 1);
}

TEST_CASE("G11 a killed member moves from kafka to sqlite, nothing is lost") {
  Move("kafka to sqlite, member", {{"kafka", ""}, {"kafka", "sqlite"}, {"sqlite", ""}}, 1, 1);
}

/// Nothing is produced while the dual runs: what it copies, it copies of idle partitions.
void MoveIdle(const std::string& from, const std::string& to) {
  Fleet fleet(KafkaBrokers(), kPartitions, 100);
  const auto run = [&](const Stores& stores) {
    const int child = fleet.Start(ConfigOf(stores, 1, fleet));
    const bool done = Eventually(
        [&] {
          std::size_t restored = 0;
          for (const std::string& line : fleet.Events(child)) {
            restored += line.starts_with("restored") ? 1U : 0U;
          }
          return restored == kPartitions && fleet.Count().distinct == fleet.records();
        },
        std::chrono::seconds(60));
    CHECK_MESSAGE(done, LastEvent(fleet, child));
    fleet.Signal(child, SIGTERM);
    CHECK(fleet.Wait(child) == 0);
  };
  run({from, ""});
  run({from, to});
  fleet.ProduceMore(50);
  run({to, ""});
  Report("idle, " + from + " to " + to, fleet, 0);
}

TEST_CASE("G11 partitions on which nothing happens move too: kafka to sqlite") {
  MoveIdle("kafka", "sqlite");
}

TEST_CASE("G11 partitions on which nothing happens move too: sqlite to kafka") {
  MoveIdle("sqlite", "kafka");
}

}  // namespace
}  // namespace offsetstore::testing
