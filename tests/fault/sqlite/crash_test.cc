// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <sys/wait.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "forked.h"
#include "sqlite_support.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

constexpr int kPartitions = 3;

/// Claims three partitions and moves them together, one by one record, saying each commit that was
/// acknowledged, until it is killed.
void CommitForever(const SqliteOptions& options, const Forked::Send& send) {
  const auto store = MustOpen(options);
  const TestGroup group(*store, "billing");
  std::vector<Move> moves;
  std::int64_t next = 0;
  for (const TopicPartition& at : PartitionsOf("orders", kPartitions)) {
    const ClaimResult claim = group.Claim(at);
    moves.push_back(Advance(at, 0, claim.token));
    next = PositionIn(claim.slot).value_or(0);
  }
  for (;;) {
    ++next;
    for (Move& move : moves) move.to = Position(next);
    for (const Answer& answer : group.CommitAll(moves, Atomicity::kAll)) {
      if (!answer.Ok()) throw std::runtime_error(Describe(answer));
    }
    send(std::to_string(next));
  }
}

/// Kills the writer after `commits` of its commits; the last one that it said.
std::int64_t RunAndKill(const SqliteOptions& options, int commits) {
  Forked child([&options](const Forked::Send& send) { CommitForever(options, send); });
  std::int64_t last = 0;
  for (int i = 0; i < commits; ++i) last = std::stoll(child.Receive().value());
  child.Signal(SIGKILL);
  while (const auto line = child.Receive()) last = std::stoll(*line);
  CHECK(WTERMSIG(child.Join()) == SIGKILL);
  return last;
}

void CheckKills(const SqliteOptions& options, int kills) {
  const auto seed = std::random_device()();
  MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  for (int i = 0; i < kills; ++i) {
    const std::int64_t said = RunAndKill(options, std::uniform_int_distribution(1, 40)(random));
    const auto store = MustOpen(options);
    const TestGroup group(*store, "billing");
    const auto partitions = PartitionsOf("orders", kPartitions);
    const std::int64_t stored = group.PositionOf(partitions[0]).value_or(0);
    CHECK(stored >= said);      // what was acknowledged is there
    CHECK(stored <= said + 1);  // and at most the one commit that was under way
    for (const TopicPartition& at : partitions) CHECK(group.PositionOf(at) == stored);
  }
}

TEST_CASE("kill -9 loses no acknowledged commit and tears no batch") {
  const TempDir folder;
  CheckKills(At(folder / "offsets.db"), 20);
}

TEST_CASE("kill -9 loses nothing with synchronous=normal either") {
  const TempDir folder;
  SqliteOptions options = At(folder / "offsets.db");
  options.synchronous = SqliteOptions::Synchronous::kNormal;
  CheckKills(options, 10);
}

TEST_CASE("kill -9 loses nothing in a caller's database with a rollback journal") {
  const TempDir folder;
  Connect(folder / "own.db").exec("CREATE TABLE results (id)");
  CheckKills(At(folder / "own.db"), 10);
}

}  // namespace
}  // namespace offsetstore::testing
