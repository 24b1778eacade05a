// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Consumers that write results and positions in transactions of Kafka, killed at random and between
// every two of their steps. What happened is counted from the topic of results by a reader of
// committed records, with librdkafka alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "committed_topic.h"
#include "eventually.h"
#include "fleet.h"
#include "kafka_client.h"
#include "settings.h"

namespace offsetstore::testing {
namespace {

constexpr int kPartitions = 4;
constexpr int kOutputs = 2;
constexpr std::chrono::seconds kBound{120};

/// Members that write to a topic of their own.
class Pipes {
 public:
  Pipes(int members, int records_each)
      : fleet_(KafkaBrokers(), kPartitions, records_each), members_(members) {
    EnsureTopics(KafkaBrokers(), std::array{TopicPartition{output_, kOutputs - 1}});
    ::setenv("OFFSETSTORE_OUTPUT", output_.c_str(), 1);
    results_.emplace(KafkaBrokers(), output_, kOutputs);
  }

  [[nodiscard]] Fleet& fleet() noexcept { return fleet_; }
  [[nodiscard]] CommittedResults& results() { return *results_; }
  [[nodiscard]] int members() const noexcept { return members_; }

  /// Member `number`, again under the same name after it was killed.
  int Start(int number) {
    return fleet_.Start({{"topics", fleet_.topic()},
                         {"offsetstore.uri", "kafka:"},
                         {"offsetstore.delivery", "exactly-once"},
                         {"offsetstore.batch.records", "50"},
                         {"offsetstore.batch.interval", "20ms"},
                         {"transactional.id", output_ + std::to_string(number)},
                         {"transaction.timeout.ms", "5000"},
                         {"linger.ms", "0"},
                         {"session.timeout.ms", "1000"},
                         {"heartbeat.interval.ms", "300"}});
  }

  [[nodiscard]] std::string LastEvent(int child) const {
    const auto events = fleet_.Events(child);
    return events.empty() ? "no event" : events.back();
  }

  /// Waits until every record has its result, ends the members and compares.
  void Finish(const char* name, int kills, const std::vector<int>& children) {
    CHECK_MESSAGE(
        Eventually([&] { return results_->Count().distinct >= fleet_.records(); }, kBound),
        LastEvent(children.back()));
    for (const int child : children) {
      // Before its first event it does not listen to signals yet.
      CHECK(Eventually([&] { return !fleet_.Events(child).empty(); }));
      fleet_.Signal(child, SIGTERM);
    }
    for (const int child : children) CHECK(fleet_.Wait(child) == 0);
    const auto tally = CommittedResults(KafkaBrokers(), output_, kOutputs).Count();
    std::printf("kafka to kafka: %-14s records %llu  kills %d  lost %lld  repeated %lld\n",
                name,
                static_cast<unsigned long long>(fleet_.records()),
                kills,
                static_cast<long long>(fleet_.records() - tally.distinct),
                static_cast<long long>(tally.rows - tally.distinct));
    std::fflush(stdout);
    CHECK(tally.distinct == fleet_.records());
    CHECK(tally.rows == tally.distinct);
  }

 private:
  Fleet fleet_;
  const int members_;
  const std::string output_ = fleet_.topic() + "-out";
  std::optional<CommittedResults> results_;
};

void KillAtRandom(const char* name, int members, int kills) {
  std::mt19937 random = SeededRandom();
  Pipes pipes(members, kills * 250);
  std::vector<int> children;
  for (int i = 0; i < members; ++i) children.push_back(pipes.Start(i));
  for (int kill = 0; kill < kills; ++kill) {
    const std::uint64_t target = pipes.results().Count().rows + 1 + random() % 900;
    if (target >= pipes.fleet().records()) pipes.fleet().ProduceMore(500);
    REQUIRE_MESSAGE(Eventually([&] { return pipes.results().Count().rows >= target; }, kBound),
                    pipes.LastEvent(children.front()));
    const int number = static_cast<int>(random() % static_cast<unsigned>(members));
    int& victim = children[static_cast<std::size_t>(number)];
    pipes.fleet().Kill(victim);
    victim = pipes.Start(number);
  }
  pipes.Finish(name, kills, children);
}

int Kills(int whole) {
  return Long() ? whole : whole / 10;
}

TEST_CASE("E01 killed at random points, every record has one result") {
  KillAtRandom("one member", 1, Kills(30));
}

TEST_CASE("E01 members of a group killed at random points, every record has one result") {
  KillAtRandom("group of 2", 2, Kills(30));
}

/// Every point between two steps; those of a batch at its second time, in the middle of the work.
constexpr std::array kPoints = std::to_array<const char*>({"before init:1",
                                                           "after init:1",
                                                           "before begin:2",
                                                           "after begin:2",
                                                           "before results:2",
                                                           "amid results:2",
                                                           "after results:2",
                                                           "before positions:2",
                                                           "after positions:2",
                                                           "before commit:2",
                                                           "after commit:2"});

TEST_CASE("E01 killed between every two steps, every record has one result") {
  Pipes pipes(1, 400);
  for (const char* point : kPoints) {
    CAPTURE(point);
    ::setenv("OFFSETSTORE_KILL_AT", point, 1);
    const int child = pipes.Start(0);
    CHECK_MESSAGE(pipes.fleet().Wait(child) == -SIGKILL, pipes.LastEvent(child));
    pipes.fleet().ProduceMore(50);
  }
  ::unsetenv("OFFSETSTORE_KILL_AT");
  pipes.Finish("points", static_cast<int>(kPoints.size()), {pipes.Start(0)});
}

/// One member is stopped at `point` for longer than its session and its transaction may last; the
/// other takes its partitions over and finishes; then the first goes on: nothing of it is accepted.
void StopAndTakeOver(const char* point) {
  CAPTURE(point);
  Pipes pipes(2, 500);
  ::setenv("OFFSETSTORE_STOP_AT", point, 1);
  const int stopped = pipes.Start(0);
  ::unsetenv("OFFSETSTORE_STOP_AT");
  REQUIRE_MESSAGE(Eventually([&] { return pipes.fleet().Stopped(stopped); }, kBound),
                  pipes.LastEvent(stopped));
  const std::size_t told = pipes.fleet().Events(stopped).size();
  const int successor = pipes.Start(1);
  const auto all = [&] { return pipes.results().Count().distinct == pipes.fleet().records(); };
  CHECK_MESSAGE(Eventually(all, kBound), pipes.LastEvent(successor));
  pipes.fleet().Signal(stopped, SIGCONT);
  // It hears of its fence, and joins again.
  const auto joined_again = [&] {
    const auto events = pipes.fleet().Events(stopped, told);
    return std::ranges::any_of(
        events, [](const std::string& line) { return line.starts_with("assigned"); });
  };
  CHECK_MESSAGE(Eventually(joined_again, kBound), pipes.LastEvent(stopped));
  pipes.fleet().ProduceMore(50);
  pipes.Finish("stopped", 0, {stopped, successor});
}

TEST_CASE("E02 stopped outside of its transaction and taken over, every record has one result") {
  StopAndTakeOver("before begin:3");
}

TEST_CASE("E02 stopped inside its transaction and taken over, every record has one result") {
  StopAndTakeOver("amid results:3");
}

TEST_CASE("E02 stopped before its commit and taken over, every record has one result") {
  StopAndTakeOver("before commit:3");
}

}  // namespace
}  // namespace offsetstore::testing
