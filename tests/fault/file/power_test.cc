// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What the kernel's own system calls leave on a disk whose power goes right after the answer.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "eventually.h"
#include "file_test.h"
#include "synced_disk.h"

namespace offsetstore::testing {
namespace {

/// A store on the kernel's own file system, made while the disk was watched.
struct Watched {
  explicit Watched(FileSync sync, Duration interval = std::chrono::hours(1)) {
    folder.options.sync = sync;
    folder.options.sync_interval = interval;
    store = folder.Open();
  }

  void Commit(std::int32_t partition, std::int64_t to) const {
    REQUIRE(GroupOf(*store).Commit(Set(Part(partition), to)) == OutcomeCode::kApplied);
  }
  [[nodiscard]] int Syncs() const { return disk.SyncsOf(folder.Log()); }
  /// `StateOf` what is stored after a power cut now.
  [[nodiscard]] std::string AfterPowerCut() const;

  FileFolder folder;
  SyncedDisk disk;
  std::unique_ptr<OffsetStore> store;
};

/// What a power cut leaves of it, opened again.
struct PowerCut {
  explicit PowerCut(const Watched& watched) {
    watched.disk.CutPower(watched.folder.parent.path(), left.path());
    FileOptions options = watched.folder.options;
    options.folder = left.path() / options.folder.filename();
    options.sync = FileSync::kNever;
    options.stats.reset();
    auto opened = OpenFileStore(options, Soon());
    REQUIRE(opened);
    store = *std::move(opened);
  }
  TempDir left;
  std::unique_ptr<OffsetStore> store;
};

std::string Watched::AfterPowerCut() const {
  return StateOf(*PowerCut(*this).store);
}

TEST_CASE("sync=always: a commit survives loss of power right after its answer") {
  const Watched watched(FileSync::kAlways);
  for (std::int64_t to = 1; to <= 10; ++to) {
    watched.Commit(0, to);
    CHECK(watched.AfterPowerCut() == "0=" + std::to_string(to));
  }
}

TEST_CASE("sync=always: a claim survives loss of power, so that the counter never goes back") {
  const Watched watched(FileSync::kAlways);
  watched.Commit(0, 1);
  const ClaimToken token = GroupOf(*watched.store).MustClaim(Part(0));
  const PowerCut after(watched);
  CHECK(GroupOf(*after.store).ClaimOf(Part(0)).value().token == token);
}

TEST_CASE("sync=always: a compaction between two commits loses nothing to a power cut") {
  Watched watched(FileSync::kAlways);
  REQUIRE(watched.store->Close(Soon()));
  watched.folder.options.compact_above = 4096;
  watched.store = watched.folder.Open();
  for (std::int64_t to = 1; watched.folder.options.stats->compactions < 3; ++to) {
    REQUIRE(to < 1000);
    watched.Commit(0, to);
    CHECK(watched.AfterPowerCut() == "0=" + std::to_string(to));
  }
}

TEST_CASE("sync=interval: answers do not wait for the disk, which is reached without a call") {
  SUBCASE("no answer waits") {
    const Watched watched(FileSync::kInterval);
    watched.Commit(0, 1);
    const int before = watched.Syncs();
    for (std::int64_t to = 2; to <= 10; ++to) watched.Commit(0, to);
    CHECK(watched.Syncs() == before);
  }
  SUBCASE("the interval passes") {
    const Watched watched(FileSync::kInterval, Duration(1));
    for (std::int64_t to = 1; to <= 10; ++to) watched.Commit(0, to);
    CHECK(Eventually([&] { return watched.AfterPowerCut() == "0=10"; }));
  }
}

TEST_CASE("sync=never: the disk is asked at the close and not before") {
  const Watched watched(FileSync::kNever);
  watched.Commit(0, 1);
  const int before = watched.Syncs();
  for (std::int64_t to = 2; to <= 10; ++to) watched.Commit(0, to);
  CHECK(watched.Syncs() == before);
  REQUIRE(watched.store->Close(Soon()));
  CHECK(watched.AfterPowerCut() == "0=10");
}

TEST_CASE("sync=never: a group whose file was let go meanwhile is on the disk at the close too") {
  Watched watched(FileSync::kNever);
  REQUIRE(watched.store->Close(Soon()));
  watched.folder.options.max_open_groups = 1;
  watched.store = watched.folder.Open();
  watched.Commit(0, 5);
  for (const char* other : {"b", "c"}) {
    REQUIRE(TestGroup(*watched.store, other).Commit(Set(Part(0), 1)) == OutcomeCode::kApplied);
  }
  REQUIRE(watched.store->Close(Soon()));
  CHECK(watched.AfterPowerCut() == "0=5");
}

}  // namespace
}  // namespace offsetstore::testing
