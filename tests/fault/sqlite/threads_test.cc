// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "sqlite_support.h"
#include "temp_dir.h"
#include "turns.h"

namespace offsetstore::testing {
namespace {

constexpr int kThreads = 6;
constexpr std::int64_t kCommits = 60;

/// Commits every position of one partition in turn, with readers between.
bool CommitAll(OffsetStore& store, int partition) {
  const TestGroup group(store, "billing");
  const TopicPartition at{"orders", partition};
  const ClaimToken token = group.MustClaim(at);
  for (std::int64_t to = 1; to <= kCommits; ++to) {
    if (!group.Commit(Advance(at, to, token)).Ok()) return false;
    if (group.PositionOf(at) != to) return false;
  }
  return true;
}

TEST_CASE("threads on one store and on several of one database lose nothing") {
  const TempDir folder;
  const auto first = MustOpen(At(folder / "offsets.db"));
  const auto second = MustOpen(At(folder / "offsets.db"));
  std::atomic<int> fine{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        if (CommitAll(i % 2 == 0 ? *first : *second, i)) ++fine;
      });
    }
  }
  CHECK(fine == kThreads);
  for (const Read& read : TestGroup(*first, "billing").All()) {
    CHECK(PositionIn(read.slot) == kCommits);
  }
}

TEST_CASE("threads on one store take turns") {
  const TempDir folder;
  SqliteOptions options = At(folder / "offsets.db");
  options.synchronous = SqliteOptions::Synchronous::kNormal;
  const auto store = MustOpen(options);
  const Turns turns(options.path);
  std::vector<std::future<bool>> threads;
  {
    SQLite::Database start = Connect(options.path);
    start.exec("BEGIN IMMEDIATE");
    for (int i = 0; i < kThreads; ++i) {
      threads.push_back(
          std::async(std::launch::async, [&, i] { return Turns::Contend(*store, i); }));
    }
    start.exec("ROLLBACK");
  }
  for (auto& thread : threads) CHECK(thread.get());
  const int changes = turns.Changes(kThreads);
  MESSAGE("of 100 commits " << changes << " were followed by another thread's");
  CHECK(changes >= 95);
}

TEST_CASE("threads that wait for a writer end at their own deadlines") {
  const TempDir folder;
  const auto store = MustOpen(At(folder / "offsets.db"));
  SQLite::Database blocker = Connect(folder / "offsets.db");
  blocker.exec("BEGIN IMMEDIATE");
  std::atomic<int> late{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        const Move move = Advance({"orders", i}, 1);
        const auto start = Deadline::Clock::now();
        const auto done = store->Commit("g",
                                        std::span(&move, 1),
                                        Member(),
                                        Atomicity::kEach,
                                        Deadline::After(std::chrono::milliseconds(200)));
        const auto waited = Deadline::Clock::now() - start;
        const bool right = !done && done.error().code == ErrorCode::kDeadlineExceeded &&
                           waited < std::chrono::seconds(5);
        if (right) ++late;
      });
    }
  }
  CHECK(late == kThreads);
  blocker.exec("ROLLBACK");
  CHECK(TestGroup(*store, "g").Commit(Advance(Orders(0), 1)) == OutcomeCode::kApplied);
}

}  // namespace
}  // namespace offsetstore::testing
