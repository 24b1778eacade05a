// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Many processes on one group: docs/guarantees.md. Decided from what they wrote down.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "answer_notes.h"
#include "eventually.h"
#include "history_check.h"
#include "offsetstore/builtin.h"
#include "offsetstore/open.h"
#include "own_server.h"
#include "settings.h"
#include "store_uri.h"
#include "temp_dir.h"
#include "writer_crew.h"

namespace offsetstore::testing {
namespace {

using std::chrono::seconds;

/// For a busy machine; a writer that hangs would not go on at all.
constexpr seconds kProgress{60};
/// From the moment that the server is up again.
constexpr seconds kRecovery{20};
constexpr int kObserver = 999;

struct Size {
  std::size_t processes = Long() ? 20 : 6;
  int partitions = Long() ? 16 : 6;
  seconds time{Long() ? 60 : 5};
  int server_kills = Long() ? 20 : 3;
};

/// What is stored after all is over, as one reader more.
std::vector<Operation> Observe(const std::string& uri, const std::string& group, int partitions) {
  BackendRegistry registry;
  REQUIRE(RegisterBuiltinBackends(registry));
  const auto store = OpenStore(registry, uri, {}, Deadline::After(kRecovery));
  REQUIRE(store);
  std::vector<Operation> reads;
  Selection all;
  for (int i = 0; i < partitions; ++i) {
    all.partitions.push_back({"orders", i});
    Operation& read = reads.emplace_back();
    read.tag = kObserver * kCallsOfProcess + i;
    read.partition = i;
    read.start = HistoryClock();
  }
  const auto answers = (*store)->Fetch(group, all, Deadline::After(kRecovery));
  REQUIRE(answers);
  NoteAll(answers, reads);
  return reads;
}

/// How often something was tried, and with what end.
using Counts = std::map<std::pair<Act, Ending>, int>;

Counts Count(const std::vector<Operation>& history) {
  Counts counts;
  for (const Operation& one : history) ++counts[{one.act, one.end}];
  return counts;
}

void Report(const std::string& name, Counts counts, int kills) {
  const auto all = [&](Ending end) {
    int sum = 0;
    for (const auto& [kind, count] : counts) sum += kind.second == end ? count : 0;
    return sum;
  };
  std::printf(
      "%-24s killed %d  applied: %d claims, %d commits, %d sets, %d removes, %d of all  refused %d "
      " "
      "failed %d  in doubt %d\n",
      name.c_str(),
      kills,
      counts[{Act::kClaim, Ending::kApplied}] + counts[{Act::kPoliteClaim, Ending::kApplied}],
      counts[{Act::kCommit, Ending::kApplied}],
      counts[{Act::kSet, Ending::kApplied}],
      counts[{Act::kRemove, Ending::kApplied}],
      all(Ending::kApplied),
      all(Ending::kRefused),
      all(Ending::kFailed),
      all(Ending::kDoubt));
  std::fflush(stdout);
}

/// Whether it is a history that could show something.
bool IsRich(const std::vector<Operation>& history) {
  Counts counts = Count(history);
  for (const Act act : {Act::kClaim,
                        Act::kPoliteClaim,
                        Act::kCommit,
                        Act::kFreeCommit,
                        Act::kSet,
                        Act::kRemove,
                        Act::kRelease,
                        Act::kRead}) {
    if (counts[{act, Ending::kApplied}] == 0) return false;
  }
  return counts[{Act::kCommit, Ending::kRefused}] > 0 &&
         counts[{Act::kPoliteClaim, Ending::kRefused}] > 0;
}

void Decide(const std::string& name, WriterCrew& crew, const std::string& uri, const Size& size) {
  CHECK(crew.Finish());
  std::vector<Operation> history = crew.History();
  for (const Operation& read : Observe(uri, crew.group(), size.partitions)) {
    history.push_back(read);
  }
  Report(name, Count(history), crew.kills());
  const auto violations = Violations(history);
  for (std::size_t i = 0; i < violations.size() && i < 20; ++i) FAIL_CHECK(violations[i]);
  CHECK(violations.empty());
}

void CheckProcesses(const std::string& store) {
  const Size size;
  std::mt19937 random = SeededRandom();
  const TempDir dir;
  const std::string uri = FreshUri(store, dir.path());
  WriterCrew crew(uri, size.processes, size.partitions, static_cast<unsigned>(random()));
  const Deadline end = Deadline::After(size.time);
  while (end.Remaining() > Duration(0)) {
    REQUIRE(crew.AllGoOn(100, kProgress));
    crew.KillOne();
  }
  REQUIRE(Eventually([&] { return IsRich(crew.History()); }, kProgress));
  Decide(store, crew, uri, size);
}

void CheckServerKills(const std::string& store) {
  const Size size;
  std::mt19937 random = SeededRandom();
  OwnServer server(store);
  const std::string uri = FreshUri(store, server.address());
  WriterCrew crew(uri, size.processes, size.partitions, static_cast<unsigned>(random()));
  for (int kill = 0; kill < size.server_kills; ++kill) {
    REQUIRE(crew.AllGoOn(40 + random() % 40, kProgress));
    server.Kill();
    server.Start();
    CHECK(crew.AllGoOn(1, kRecovery));
  }
  Decide(store + ", server killed", crew, uri, size);
}

TEST_CASE("G12 processes on one group, some killed, neither fork nor lose an update: file") {
  CheckProcesses("file");
}
TEST_CASE("G12 processes on one group, some killed, neither fork nor lose an update: sqlite") {
  CheckProcesses("sqlite");
}
TEST_CASE("G12 processes on one group, some killed, neither fork nor lose an update: postgres") {
  CheckProcesses("postgres");
}
TEST_CASE("G12 processes on one group, some killed, neither fork nor lose an update: redis") {
  CheckProcesses("redis");
}
TEST_CASE("G12 processes on one group, some killed, neither fork nor lose an update: zookeeper") {
  CheckProcesses("zookeeper");
}

TEST_CASE("G13 the server killed under processes on one group loses and forks nothing: postgres") {
  CheckServerKills("postgres");
}
TEST_CASE("G13 the server killed under processes on one group loses and forks nothing: redis") {
  CheckServerKills("redis");
}
TEST_CASE("G13 the server killed under processes on one group loses and forks nothing: zookeeper") {
  CheckServerKills("zookeeper");
}

}  // namespace
}  // namespace offsetstore::testing
