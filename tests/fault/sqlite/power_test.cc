// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What the system calls of a commit leave on a disk whose power goes right after the answer.
#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sqlite_support.h"
#include "synced_disk.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

constexpr int kWatchedPartitions = 3;

/// A store that was opened and whose partitions were claimed while the disk was watched.
struct Watched {
  explicit Watched(SqliteOptions::Synchronous synchronous, bool own = false) {
    if (own) Connect(path()).exec("CREATE TABLE results (id)");
    SqliteOptions options = At(path());
    options.synchronous = synchronous;
    store = MustOpen(options);
    for (const TopicPartition& at : PartitionsOf("orders", kWatchedPartitions)) {
      tokens.push_back(Group().MustClaim(at));
    }
  }

  [[nodiscard]] std::filesystem::path path() const { return folder / "offsets.db"; }
  [[nodiscard]] TestGroup Group() const { return {*store, "billing"}; }

  void Commit(std::int64_t to) const {
    std::vector<Move> moves;
    for (const TopicPartition& at : PartitionsOf("orders", kWatchedPartitions)) {
      moves.push_back(Advance(at, to, tokens[moves.size()]));
    }
    for (const Answer& answer : Group().CommitAll(moves, Atomicity::kAll)) REQUIRE(answer.Ok());
  }

  /// What is stored after a power cut now, the same for all partitions.
  [[nodiscard]] std::int64_t AfterPowerCut() const {
    const TempDir left;
    disk.CutPower(folder.path(), left.path());
    const auto again = MustOpen(At(left / "offsets.db"));
    const TestGroup group(*again, "billing");
    const auto partitions = PartitionsOf("orders", kWatchedPartitions);
    const std::int64_t stored = group.PositionOf(partitions[0]).value_or(0);
    for (const TopicPartition& at : partitions) CHECK(group.PositionOf(at).value_or(0) == stored);
    return stored;
  }

  TempDir folder;
  SyncedDisk disk;
  std::unique_ptr<OffsetStore> store;
  std::vector<ClaimToken> tokens;
};

constexpr std::int64_t kCommits = 12;

TEST_CASE("an acknowledged commit survives loss of power, with a write-ahead log") {
  const Watched watched(SqliteOptions::Synchronous::kFull);
  for (std::int64_t to = 1; to <= kCommits; ++to) {
    watched.Commit(to);
    CHECK(watched.AfterPowerCut() == to);
  }
}

TEST_CASE("an acknowledged commit survives loss of power, with a rollback journal") {
  const Watched watched(SqliteOptions::Synchronous::kFull, true);
  for (std::int64_t to = 1; to <= kCommits; ++to) {
    watched.Commit(to);
    CHECK(watched.AfterPowerCut() == to);
  }
}

TEST_CASE("synchronous=normal is for a write-ahead log alone: a rollback journal is synced") {
  const Watched watched(SqliteOptions::Synchronous::kNormal, true);
  watched.Commit(1);
  CHECK(watched.AfterPowerCut() == 1);
}

TEST_CASE("with synchronous=normal loss of power takes the last commits back, together") {
  const Watched watched(SqliteOptions::Synchronous::kNormal);
  const int before = watched.disk.SyncsOf(watched.path().string() + "-wal");
  for (std::int64_t to = 1; to <= kCommits; ++to) {
    watched.Commit(to);
    CHECK(watched.AfterPowerCut() <= to);
  }
  CHECK(watched.disk.SyncsOf(watched.path().string() + "-wal") == before);
}

}  // namespace
}  // namespace offsetstore::testing
