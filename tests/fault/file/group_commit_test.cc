// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "eventually.h"
#include "file_test.h"

namespace offsetstore::testing {
namespace {

/// A disk whose data syncs wait until they are let go.
class SlowDisk {
 public:
  explicit SlowDisk(FaultFileSystem& fs) {
    fs.SetRule([this](std::string_view call) {
      if (call == "sync-data") Wait();
      return 0;
    });
  }
  SlowDisk(const SlowDisk&) = delete;
  SlowDisk& operator=(const SlowDisk&) = delete;
  ~SlowDisk() { Go(); }

  void Go() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] int syncs() const { return syncs_; }

 private:
  void Wait() {
    ++syncs_;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  std::atomic<int> syncs_{0};
};

TEST_CASE("threads share a sync, and each is acknowledged by one that began after its write") {
  FileFolder folder;
  FaultFileSystem fs;
  auto store = folder.OpenOn(fs);
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  constexpr std::int32_t kThreads = 16;
  std::vector<std::thread> threads;
  std::atomic<int> applied{0};
  {
    SlowDisk disk(fs);
    for (std::int32_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        if (GroupOf(*store).Commit(Set(Part(i), 2)).Ok()) ++applied;
      });
    }
    // All have written, as a reader sees; one syncs, the others wait for the next one.
    CHECK(Eventually([&] { return GroupOf(*store).All().size() == kThreads; }));
    CHECK(Eventually([&] { return folder.options.stats->appends == kThreads; }));
    CHECK(applied == 0);
    CHECK(disk.syncs() == 1);
    disk.Go();
    for (std::thread& thread : threads) thread.join();
    CHECK(disk.syncs() <= 3);
  }
  CHECK(applied == kThreads);
}

TEST_CASE("a thread whose sync another one leads answers by its deadline, in doubt") {
  FileFolder folder;
  FaultFileSystem fs;
  auto store = folder.OpenOn(fs);
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  SlowDisk disk(fs);
  std::thread leader([&] { CHECK(GroupOf(*store).Commit(Set(Part(0), 2)).Ok()); });
  CHECK(Eventually([&] { return disk.syncs() == 1; }));
  const Move move = Set(Part(1), 1);
  const auto answers = store->Commit("g",
                                     std::span(&move, 1),
                                     Member(),
                                     Atomicity::kEach,
                                     Deadline::After(std::chrono::milliseconds(50)));
  REQUIRE(answers);
  CHECK(Answer{answers->front()} == ErrorCode::kInDoubt);
  // A refusal acknowledges nothing and waits for no disk.
  CHECK(GroupOf(*store).Commit(Advance(Part(1), 5, ClaimToken{7, {}})) == OutcomeCode::kFenced);
  disk.Go();
  leader.join();
}

TEST_CASE("while a sync runs another store of the folder appends and is acknowledged") {
  FileFolder folder;
  FaultFileSystem fs;
  auto store = folder.OpenOn(fs);
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  SlowDisk disk(fs);
  std::thread stuck([&] { CHECK(GroupOf(*store).Commit(Set(Part(0), 2)).Ok()); });
  CHECK(Eventually([&] { return disk.syncs() == 1; }));
  auto other = folder.Open();
  CHECK(GroupOf(*other).Commit(Set(Part(1), 1)).Ok());
  disk.Go();
  stuck.join();
}

TEST_CASE("the durable mark moves only with a sync") {
  FileFolder folder;
  folder.options.sync = FileSync::kNever;
  auto store = folder.Open();
  for (std::int64_t to = 1; to <= 5; ++to) REQUIRE(GroupOf(*store).Commit(Set(Part(0), to)).Ok());
  auto report = CheckGroupFile(folder.options, "g");
  REQUIRE(report);
  CHECK(report->durable_mark == 1);
  folder.options.sync = FileSync::kAlways;
  auto careful = folder.Open();
  for (std::int64_t to = 6; to <= 7; ++to) REQUIRE(GroupOf(*careful).Commit(Set(Part(0), to)).Ok());
  report = CheckGroupFile(folder.options, "g");
  REQUIRE(report);
  CHECK(report->durable_mark == report->last_number - 1);
}

TEST_CASE("sync=interval syncs by itself, sync=never only at the close") {
  FileFolder folder;
  FaultFileSystem fs;
  folder.options.sync = FileSync::kInterval;
  folder.options.sync_interval = Duration(1);
  {
    auto store = folder.OpenOn(fs);
    REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
    REQUIRE(GroupOf(*store).Commit(Set(Part(0), 2)).Ok());
    CHECK(Eventually([&] { return folder.options.stats->syncs > 0; }));
  }
  folder.options.sync = FileSync::kNever;
  folder.options.stats = std::make_shared<FileStats>();
  auto store = folder.OpenOn(fs);
  for (std::int64_t to = 3; to <= 9; ++to) REQUIRE(GroupOf(*store).Commit(Set(Part(0), to)).Ok());
  CHECK(folder.options.stats->syncs == 0);
  REQUIRE(store->Close(Soon()));
  CHECK(folder.options.stats->syncs == 1);
}

TEST_CASE("threads that commit, read and compact at once agree") {
  FileFolder folder;
  folder.options.compact_above = 4096;
  auto store = folder.Open();
  constexpr std::int32_t kThreads = 6;
  constexpr std::int64_t kCommits = 60;
  std::vector<std::thread> threads;
  std::atomic<bool> done{false};
  std::thread reader([&] {
    std::int64_t seen = 0;
    while (!done) {
      const std::int64_t now = GroupOf(*store).PositionOf(Part(0)).value_or(0);
      CHECK(now >= seen);
      seen = now;
    }
  });
  for (std::int32_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const TestGroup group = GroupOf(*store);
      const ClaimToken claim = group.MustClaim(Part(i));
      for (std::int64_t to = 1; to <= kCommits; ++to) {
        CHECK(group.Commit(Advance(Part(i), to, claim)).Ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  done = true;
  reader.join();
  CHECK(folder.options.stats->compactions > 1);
  auto later = folder.Open();
  for (std::int32_t i = 0; i < kThreads; ++i) {
    CHECK(GroupOf(*later).PositionOf(Part(i)) == kCommits);
  }
}

}  // namespace
}  // namespace offsetstore::testing
