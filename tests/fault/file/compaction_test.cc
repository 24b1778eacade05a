// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cerrno>
#include <string>

#include "file_test.h"

namespace offsetstore::testing {
namespace {

constexpr std::int64_t kMany = 400;

void CommitMany(OffsetStore& store, const ClaimToken& claim, std::int64_t from = 1) {
  for (std::int64_t to = from; to < from + kMany; ++to) {
    REQUIRE(GroupOf(store).Commit(Advance(Part(0), to, claim)).Ok());
  }
}

TEST_CASE("a file that grows is rewritten, and says the same") {
  FileFolder folder;
  folder.options.compact_above = 4096;
  auto store = folder.OpenQuick();
  const ClaimToken claim = GroupOf(*store).MustClaim(Part(0));
  REQUIRE(GroupOf(*store).Commit(Set(Part(1), 7)).Ok());
  REQUIRE(GroupOf(*store).Remove(Part(1)).Ok());
  CommitMany(*store, claim);
  CHECK(folder.options.stats->compactions > 3);
  CHECK(std::filesystem::file_size(folder.Log()) < 8192);
  CHECK(folder.FilesWith(".tmp-").empty());

  auto later = folder.OpenQuick();
  CHECK(GroupOf(*later).PositionOf(Part(0)) == kMany);
  CHECK(GroupOf(*later).ClaimOf(Part(0))->token == claim);
  CHECK(GroupOf(*later).PositionOf(Part(1)) == std::nullopt);
  // The tombstone came along: the counter does not start again.
  CHECK(GroupOf(*later).MustClaim(Part(1)).counter == 3);
}

TEST_CASE("a store whose file was rewritten by another one goes on with the new file") {
  FileFolder folder;
  folder.options.compact_above = 4096;
  auto store = folder.OpenQuick();
  auto other = folder.OpenQuick();
  const ClaimToken claim = GroupOf(*store).MustClaim(Part(0));
  for (int round = 0; round < 4; ++round) {
    CommitMany(*store, claim, 2 * round * kMany + 1);
    CHECK(GroupOf(*other).PositionOf(Part(0)) == (2 * round + 1) * kMany);
    CommitMany(*other, claim, (2 * round + 1) * kMany + 1);
    CHECK(GroupOf(*store).PositionOf(Part(0)) == 2 * (round + 1) * kMany);
  }
}

TEST_CASE("a close leaves one line for each partition") {
  FileFolder folder;
  auto store = folder.OpenQuick();
  const ClaimToken claim = GroupOf(*store).MustClaim(Part(0));
  CommitMany(*store, claim);
  CHECK(LinesOf(ReadFile(folder.Log())).size() > kMany);
  REQUIRE(store->Close(Soon()));
  CHECK(LinesOf(ReadFile(folder.Log())).size() == 2);
  auto later = folder.OpenQuick();
  CHECK(GroupOf(*later).Commit(Advance(Part(0), kMany + 1, claim)).Ok());
}

TEST_CASE("a file with many partitions is not rewritten for its size alone") {
  FileFolder folder;
  folder.options.compact_above = 4096;
  auto store = folder.OpenQuick();
  std::vector<Move> moves;
  for (std::int32_t i = 0; i < 1000; ++i) moves.push_back(Set(Part(i), i));
  MustCommitAll(GroupOf(*store), moves);
  const std::uint64_t before = folder.options.stats->compactions;
  for (Move& move : moves) move = Set(move.at, 2000);
  MustCommitAll(GroupOf(*store), moves);
  CHECK(folder.options.stats->compactions == before);
}

TEST_CASE("a compaction that fails leaves the file in use, and is not tried with each commit") {
  FileFolder folder;
  folder.options.compact_above = 4096;
  FaultFileSystem fs;
  auto store = folder.OpenOn(fs);
  const ClaimToken claim = GroupOf(*store).MustClaim(Part(0));
  fs.Fail("create", ENOSPC);
  CommitMany(*store, claim);
  CHECK(folder.options.stats->failed_compactions > 0);
  CHECK(folder.options.stats->failed_compactions < 10);
  auto later = folder.OpenQuick();
  CHECK(GroupOf(*later).PositionOf(Part(0)) == kMany);
}

TEST_CASE("what a compaction that died has left is removed at the next open") {
  FileFolder folder;
  REQUIRE(GroupOf(*folder.OpenQuick()).Commit(Set(Part(0), 1)).Ok());
  WriteFile(folder.Groups() / "g.tmp-0123456789abcdef", "half a file");
  WriteFile(folder.Groups() / "g.tmp-not-ours", "somebody's");
  auto store = folder.OpenQuick();
  CHECK(folder.FilesWith(".tmp-0").empty());
  CHECK(folder.FilesWith(".tmp-not-ours").size() == 1);
  CHECK(GroupOf(*store).PositionOf(Part(0)) == 1);
}

}  // namespace
}  // namespace offsetstore::testing
