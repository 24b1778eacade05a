// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// After a sync that failed the kernel may call pages clean that it could not write. Nothing may be
// acknowledged on that file again.
#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <string>

#include "eventually.h"
#include "file_test.h"

namespace offsetstore::testing {
namespace {

/// A group with position 1 in a store whose kernel can be made to fail.
struct Synced {
  FileFolder folder;
  FaultFileSystem fs;
  std::unique_ptr<OffsetStore> store = folder.OpenOn(fs);
  std::string first_file;

  Synced() {
    REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
    first_file = HeaderOf();
  }
  [[nodiscard]] std::string HeaderOf() const { return LinesOf(ReadFile(folder.Log())).front(); }
  [[nodiscard]] Answer Commit(std::int64_t to) const {
    return GroupOf(*store).Commit(Set(Part(0), to));
  }
};

// Fails the first `times` data syncs.
FaultFileSystem::Rule FailSyncs(int times) {
  return [left = times](std::string_view call) mutable {
    return call == "sync-data" && left-- > 0 ? -EIO : 0;
  };
}

TEST_CASE("after a failed sync a new file takes the place of the old one, and the commit counts") {
  Synced synced;
  synced.fs.TakeAsDurable(synced.folder.Groups());
  synced.fs.SetRule(FailSyncs(1));
  CHECK(synced.Commit(2) == OutcomeCode::kApplied);
  CHECK(synced.HeaderOf() != synced.first_file);
  CHECK(synced.folder.options.stats->failed_syncs == 1);
  synced.fs.CutPower(synced.folder.Groups());
  CHECK(GroupOf(*synced.folder.OpenQuick()).PositionOf(Part(0)) == 2);
}

TEST_CASE(
    "where no new file can be made either, the commit is in doubt and later ones are refused") {
  Synced synced;
  synced.fs.SetRule(
      [](std::string_view call) { return call == "sync-data" || call == "sync" ? -EIO : 0; });
  const Answer answer = synced.Commit(2);
  REQUIRE(answer == ErrorCode::kInDoubt);
  CHECK(answer.error->retry == Retry::kAfterNewClaim);

  synced.fs.SetRule([](std::string_view call) { return call == "create" ? -EIO : 0; });
  const Answer later = synced.Commit(3);
  REQUIRE(later == ErrorCode::kUnavailable);
  CHECK(later.error->message.find("a sync of " + synced.folder.Log().string() + " failed") !=
        std::string::npos);
  CHECK(StateOf(*synced.store) == "0=2");

  synced.fs.Mend();
  CHECK(synced.Commit(4) == OutcomeCode::kApplied);
  CHECK(synced.HeaderOf() != synced.first_file);
}

TEST_CASE("a process that opens later does not acknowledge on top of a hole") {
  Synced synced;
  synced.fs.SetRule(
      [](std::string_view call) { return call == "sync-data" || call == "sync" ? -EIO : 0; });
  CHECK(synced.Commit(2) == ErrorCode::kInDoubt);
  const auto lines = LinesOf(ReadFile(synced.folder.Log()));
  CHECK(lines.back().find("\tpoison\t") != std::string::npos);

  // Its own syncs work; it must not rely on them for this file.
  auto other = synced.folder.OpenQuick();
  CHECK(GroupOf(*other).Commit(Set(Part(1), 5)) == OutcomeCode::kApplied);
  CHECK(synced.HeaderOf() != synced.first_file);
  CHECK(StateOf(*other) == "0=2 1=5");
}

TEST_CASE("a poisoned file that cannot be replaced is not acknowledged on by anybody") {
  Synced synced;
  synced.fs.SetRule(
      [](std::string_view call) { return call == "sync-data" || call == "sync" ? -EIO : 0; });
  CHECK(synced.Commit(2) == ErrorCode::kInDoubt);
  FaultFileSystem other_fs;
  auto other = synced.folder.OpenOn(other_fs);
  other_fs.Fail("create", ENOSPC);
  CHECK(GroupOf(*other).Commit(Set(Part(1), 5)) == ErrorCode::kUnavailable);
  CHECK(StateOf(*other) == "0=2");
}

TEST_CASE("a sync that failed is never repeated on the same file") {
  Synced synced;
  synced.fs.SetRule(
      [](std::string_view call) { return call == "sync-data" || call == "create" ? -EIO : 0; });
  std::atomic<int> syncs{0};
  CHECK(synced.Commit(2) == ErrorCode::kInDoubt);
  synced.fs.SetRule([&syncs](std::string_view call) {
    if (call == "sync-data") ++syncs;
    return call == "create" ? -EIO : 0;
  });
  for (int i = 0; i < 5; ++i) CHECK(synced.Commit(10 + i) == ErrorCode::kUnavailable);
  CHECK(syncs == 0);
}

TEST_CASE("a file is not acknowledged on before the folder that names it was synced") {
  FileFolder folder;
  FaultFileSystem fs;
  auto store = folder.OpenOn(fs);
  fs.TakeAsDurable(folder.Groups());
  // The sync of the new file itself works, that of its folder does not.
  int syncs = 0;
  fs.SetRule(
      [&syncs](std::string_view call) { return call == "sync" && ++syncs % 2 == 0 ? -EIO : 0; });
  const Answer first = GroupOf(*store).Commit(Set(Part(0), 1));
  CHECK(first == ErrorCode::kInDoubt);
  fs.Mend();
  CHECK(GroupOf(*store).Commit(Set(Part(0), 2)) == OutcomeCode::kApplied);
  fs.CutPower(folder.Groups());
  CHECK(GroupOf(*folder.OpenQuick()).PositionOf(Part(0)) == 2);
}

TEST_CASE("whoever finds a file made by a process that died syncs the folder first") {
  FileFolder folder;
  {
    FaultFileSystem fs;
    auto store = folder.OpenOn(fs);
    // create, write, sync, rename: it dies before the folder is synced.
    fs.CrashAfter(4);
    CHECK_FALSE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  }
  FaultFileSystem fs;
  auto store = folder.OpenOn(fs);
  fs.TakeAsDurable(folder.parent / "nothing");
  CHECK(GroupOf(*store).Commit(Set(Part(0), 2)) == OutcomeCode::kApplied);
  fs.CutPower(folder.Groups());
  CHECK(GroupOf(*folder.OpenQuick()).PositionOf(Part(0)) == 2);
}

TEST_CASE("what was applied but not synced is synced before it is acknowledged again") {
  FileFolder folder;
  folder.options.sync = FileSync::kNever;
  auto lazy = folder.OpenQuick();
  const ClaimToken claim = GroupOf(*lazy).MustClaim(Part(0));
  REQUIRE(GroupOf(*lazy).Commit(Advance(Part(0), 5, claim)).Ok());

  folder.options.sync = FileSync::kAlways;
  FaultFileSystem fs;
  auto store = folder.OpenOn(fs);
  fs.TakeAsDurable(folder.parent / "nothing");
  CHECK(GroupOf(*store).Commit(Advance(Part(0), 5, claim)) == OutcomeCode::kAlreadyApplied);
  fs.CutPower(folder.Groups());
  CHECK(GroupOf(*folder.OpenQuick()).PositionOf(Part(0)) == 5);
}

TEST_CASE("a failed sync in the background is met before the next commit is acknowledged") {
  FileFolder folder;
  folder.options.sync = FileSync::kInterval;
  folder.options.sync_interval = Duration(1);
  FaultFileSystem fs;
  auto store = folder.OpenOn(fs);
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  fs.SetRule(
      [](std::string_view call) { return call == "sync-data" || call == "create" ? -EIO : 0; });
  static_cast<void>(GroupOf(*store).Commit(Set(Part(0), 2)));
  CHECK(Eventually([&] { return folder.options.stats->failed_syncs > 0; }));
  CHECK(GroupOf(*store).Commit(Set(Part(0), 3)) == ErrorCode::kUnavailable);
  fs.Mend();
  CHECK(GroupOf(*store).Commit(Set(Part(0), 4)).Ok());
}

}  // namespace
}  // namespace offsetstore::testing
