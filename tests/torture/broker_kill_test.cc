// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The only broker of a Kafka that keeps the positions is killed in the middle of commits and
// started again on the same folder.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "eventually.h"
#include "fleet.h"
#include "offsetstore/builtin.h"
#include "offsetstore/open.h"
#include "own_server.h"
#include "settings.h"

namespace offsetstore::testing {
namespace {

constexpr int kPartitions = 4;
constexpr int kWindow = 256;  ///< offsetstore.max.uncommitted
constexpr std::chrono::seconds kProgress{120};

using Positions = std::map<int, std::int64_t>;

/// What the children were told that it is stored: `committed TOPIC[3] 41 -> 42`.
void AddAcknowledged(const std::vector<std::string>& events,
                     const std::string& topic,
                     Positions& positions) {
  const std::string start = "committed " + topic + '[';
  for (const std::string& line : events) {
    if (line.rfind(start, 0) != 0) continue;
    const int partition = std::stoi(line.substr(start.size()));
    const std::string numbers = line.substr(0, line.find(':'));
    std::int64_t& position = positions[partition];
    position = std::max<std::int64_t>(position, std::stoll(numbers.substr(numbers.rfind(' '))));
  }
}

Positions Stored(const std::string& brokers, const std::string& group) {
  BackendRegistry registry;
  REQUIRE(RegisterBuiltinBackends(registry));
  const Deadline deadline = Deadline::After(std::chrono::seconds(60));
  const auto store = OpenStore(registry, "kafka://" + brokers, {}, deadline);
  REQUIRE(store);
  Selection all;
  for (int i = 0; i < kPartitions; ++i) all.partitions.push_back({group, i});
  const auto reads = (*store)->Fetch(group, all, deadline);
  REQUIRE(reads);
  Positions positions;
  for (const Read& read : *reads) {
    REQUIRE_FALSE(std::holds_alternative<Error>(read.slot));
    const Entry* entry = std::get_if<Entry>(&read.slot);
    if (entry != nullptr) positions[read.at.partition] = entry->position.value();
  }
  return positions;
}

class KillRun {
 public:
  KillRun(std::string name, int members, int records) : name_(std::move(name)), records_(records) {
    std::map<std::string, std::string> properties = {
        {"offsetstore.uri", "kafka:"},
        {"offsetstore.max.uncommitted", std::to_string(kWindow)},
        {"offsetstore.commit.records", "16"},
        {"offsetstore.commit.interval", "20ms"},
    };
    if (members == 0) {
      properties["assign"] = fleet_.topic() + ":0-" + std::to_string(kPartitions - 1);
    } else {
      properties["topics"] = fleet_.topic();
      properties["session.timeout.ms"] = "1000";
      properties["heartbeat.interval.ms"] = "300";
    }
    for (int i = 0; i < std::max(members, 1); ++i) children_.push_back(fleet_.Start(properties));
  }

  void Run(int kills) {
    std::mt19937 random = SeededRandom();
    for (int kill = 0; kill < kills; ++kill) {
      const auto step = static_cast<unsigned>(records_ / kPartitions);
      fleet_.ProduceMore(static_cast<int>(step));
      const std::uint64_t target = fleet_.Processed() + 1 + random() % (step * 2);
      // Not only processed: positions were stored since the kill before.
      const bool reached = Eventually(
          [&] { return fleet_.Processed() >= target && Acknowledged() != said_; }, kProgress);
      REQUIRE_MESSAGE(reached, LastEvents());
      KillBroker();
    }
    CHECK_MESSAGE(
        Eventually([&] { return fleet_.Count().distinct == fleet_.records(); }, kProgress),
        LastEvents());
    for (const int child : children_) fleet_.Signal(child, SIGTERM);
    for (const int child : children_) CHECK_MESSAGE(fleet_.Wait(child) == 0, LastEvents());
    Report(kills);
  }

 private:
  /// The children are stopped meanwhile, so that none writes a lost position anew.
  void KillBroker() {
    server_.Kill();
    for (const int child : children_) fleet_.Signal(child, SIGSTOP);
    said_ = Acknowledged();
    server_.Start();
    const Positions stored = Stored(server_.address(), fleet_.topic());
    for (const auto& one : said_) {
      CAPTURE(one.first);
      const auto found = stored.find(one.first);
      CHECK((found == stored.end() ? -1 : found->second) >= one.second);
    }
    for (const int child : children_) fleet_.Signal(child, SIGCONT);
  }

  [[nodiscard]] Positions Acknowledged() const {
    Positions positions;
    for (const int child : children_) {
      AddAcknowledged(fleet_.Events(child), fleet_.topic(), positions);
    }
    return positions;
  }

  void Report(int kills) const {
    const Tally tally = fleet_.Count();
    const auto bound = static_cast<std::uint64_t>(kills) * kPartitions * kWindow;
    std::printf(
        "%-24s records %llu  kills of the broker %d  lost %llu  repeated %llu (bound %llu)\n",
        name_.c_str(),
        static_cast<unsigned long long>(fleet_.records()),
        kills,
        static_cast<unsigned long long>(fleet_.records() - tally.distinct),
        static_cast<unsigned long long>(tally.repeated),
        static_cast<unsigned long long>(bound));
    std::fflush(stdout);
    CHECK(tally.distinct == fleet_.records());
    CHECK(tally.unexpected == 0);
    CHECK(tally.repeated <= bound);
  }

  /// All that was told but what is stored, and of that the last of each partition.
  [[nodiscard]] std::string LastEvents() const {
    std::string text;
    for (const int child : children_) {
      std::map<std::string, std::string> commits;
      for (const std::string& line : fleet_.Events(child)) {
        if (line.rfind("committed ", 0) != 0) {
          text += line + '\n';
        } else {
          commits[line.substr(0, line.find(']'))] = line;
        }
      }
      for (const auto& one : commits) text += one.second + '\n';
    }
    return text;
  }

  std::string name_;
  int records_;
  OwnServer server_{"kafka"};
  Fleet fleet_{server_.address(), kPartitions, 100};
  std::vector<int> children_;
  Positions said_;
};

TEST_CASE("G13 a broker killed in the middle of commits has every acknowledged one: static") {
  KillRun("kafka, static", 0, 40'000).Run(Long() ? 20 : 1);
}

TEST_CASE("G13 a broker killed in the middle of commits has every acknowledged one: group") {
  KillRun("kafka, group of 2", 2, 40'000).Run(Long() ? 20 : 2);
}

}  // namespace
}  // namespace offsetstore::testing
