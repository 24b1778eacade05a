// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A life of a group (its first commit, commits, a batch, a torn tail, compactions) that ends at
// each step in turn, by a kill or by a power cut. What was acknowledged is there afterwards, what
// is there was asked for, and a batch is there whole or not at all.
#include <doctest/doctest.h>
#include <csignal>

#include <cerrno>
#include <string>
#include <vector>

#include "file_test.h"

namespace offsetstore::testing {
namespace {

struct Life {
  std::int64_t acknowledged = 0;  ///< Highest position of partition 0 that was acknowledged.
  std::int64_t asked = 0;         ///< Highest that was asked for.
  std::int64_t acknowledged_batch = 0;
  std::int64_t asked_batch = 0;
};

void CommitOne(OffsetStore& store, Life* life) {
  life->asked++;
  if (GroupOf(store).Commit(Set(Part(0), life->asked)).Ok()) life->acknowledged = life->asked;
}

void CommitBatch(OffsetStore& store, Life* life) {
  life->asked_batch++;
  const std::vector<Move> moves{Set(Part(1), life->asked_batch), Set(Part(2), life->asked_batch)};
  const auto answers = GroupOf(store).CommitAll(moves, Atomicity::kAll);
  if (answers.front().Ok() && answers.back().Ok()) life->acknowledged_batch = life->asked_batch;
}

// Two stores on one folder, as two processes would be; both die at the same step.
Life Live(const FileFolder& folder, FaultFileSystem& fs) {
  Life life;
  auto store = folder.OpenOn(fs);
  auto other = folder.OpenOn(fs);
  for (int round = 0; round < 6; ++round) {
    CommitOne(*store, &life);
    CommitBatch(*store, &life);
    CommitOne(*other, &life);
    CommitBatch(*other, &life);
  }
  static_cast<void>(store->Close(Soon()).has_value());
  static_cast<void>(other->Close(Soon()).has_value());
  return life;
}

void CheckAfter(const FileFolder& folder, const Life& life) {
  auto store = folder.OpenQuick();
  const TestGroup group = GroupOf(*store);
  const std::int64_t position = group.PositionOf(Part(0)).value_or(0);
  CHECK(position >= life.acknowledged);
  CHECK(position <= life.asked);
  const auto first = group.PositionOf(Part(1));
  CHECK(first == group.PositionOf(Part(2)));
  CHECK(first.value_or(0) >= life.acknowledged_batch);
  CHECK(first.value_or(0) <= life.asked_batch);
  REQUIRE(group.Commit(Set(Part(0), 1000)).Ok());
  CHECK(GroupOf(*folder.OpenQuick()).PositionOf(Part(0)) == 1000);
}

// A folder that holds nothing but its mark, so that the steps are those of the group.
void Prepare(FileFolder& folder, FaultFileSystem& fs) {
  folder.options.compact_above = 700;
  static_cast<void>(folder.OpenQuick());
  fs.TakeAsDurable(folder.Groups());
}

std::vector<std::string> StepsOfAWholeLife() {
  FileFolder folder;
  FaultFileSystem fs;
  Prepare(folder, fs);
  const Life life = Live(folder, fs);
  REQUIRE(life.acknowledged == life.asked);
  return fs.Steps();
}

TEST_CASE("a kill at any step loses nothing that was acknowledged") {
  const auto steps = StepsOfAWholeLife();
  REQUIRE(steps.size() > 60);
  for (std::size_t step = 0; step <= steps.size(); ++step) {
    CAPTURE(step);
    FileFolder folder;
    FaultFileSystem fs;
    Prepare(folder, fs);
    fs.CrashAfter(step);
    const Life life = Live(folder, fs);
    CheckAfter(folder, life);
  }
}

TEST_CASE("a power cut at any step loses nothing that was acknowledged") {
  const auto steps = StepsOfAWholeLife();
  for (std::size_t step = 0; step <= steps.size(); ++step) {
    CAPTURE(step);
    FileFolder folder;
    FaultFileSystem fs;
    Prepare(folder, fs);
    fs.CrashAfter(step);
    const Life life = Live(folder, fs);
    fs.CutPower(folder.Groups());
    CheckAfter(folder, life);
  }
}

TEST_CASE("a write that stops at any byte counts for nothing, and the next process goes on") {
  for (std::size_t bytes = 0; bytes < 700; bytes += 7) {
    CAPTURE(bytes);
    FileFolder folder;
    Life life;
    {
      FaultFileSystem fs;
      Prepare(folder, fs);
      auto store = folder.OpenOn(fs);
      CommitOne(*store, &life);
      fs.LimitWrites(bytes, EIO);
      // Neither can the part be cut away: it stays as the tail of a process that was killed.
      fs.Fail("truncate", EIO);
      CommitOne(*store, &life);
      CommitBatch(*store, &life);
    }
    CheckAfter(folder, life);
  }
}

TEST_CASE("with sync=never a kill loses nothing, whatever was synced") {
  FileFolder folder;
  folder.options.sync = FileSync::kNever;
  Forked child([&](int out) {
    auto store = folder.Open();
    for (std::int64_t to = 1; to <= 50; ++to) {
      if (GroupOf(*store).Commit(Set(Part(0), to)).Ok()) Tell(out, to);
    }
    ::raise(SIGKILL);
    return 0;
  });
  std::int64_t last = 0;
  while (const auto told = child.Next()) last = *told;
  CHECK(child.Wait() == -SIGKILL);
  CHECK(last == 50);
  CHECK(GroupOf(*folder.Open()).PositionOf(Part(0)) == 50);
}

}  // namespace
}  // namespace offsetstore::testing
