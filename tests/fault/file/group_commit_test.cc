// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
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
  std::vector<std::future<void>> threads;
  std::atomic<int> applied{0};
  {
    SlowDisk disk(fs);
    for (std::int32_t i = 0; i < kThreads; ++i) {
      threads.push_back(std::async(std::launch::async, [&, i] {
        if (GroupOf(*store).Commit(Set(Part(i), 2)).Ok()) ++applied;
      }));
    }
    // All have written, as a reader sees; one syncs, the others wait for the next one.
    CHECK(Eventually([&] { return GroupOf(*store).All().size() == kThreads; }));
    CHECK(Eventually([&] { return folder.options.stats->appends == kThreads; }));
    CHECK(applied == 0);
    CHECK(disk.syncs() == 1);
    disk.Go();
    for (auto& thread : threads) thread.get();
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
  auto leader =
      std::async(std::launch::async, [&] { return GroupOf(*store).Commit(Set(Part(0), 2)); });
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
  CHECK(leader.get() == OutcomeCode::kApplied);
}

TEST_CASE("while a sync runs another store of the folder appends and is acknowledged") {
  FileFolder folder;
  FaultFileSystem fs;
  auto store = folder.OpenOn(fs);
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  SlowDisk disk(fs);
  auto stuck =
      std::async(std::launch::async, [&] { return GroupOf(*store).Commit(Set(Part(0), 2)); });
  CHECK(Eventually([&] { return disk.syncs() == 1; }));
  auto other = folder.Open();
  CHECK(GroupOf(*other).Commit(Set(Part(1), 1)).Ok());
  disk.Go();
  CHECK(stuck.get() == OutcomeCode::kApplied);
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

/// How often a reader saw the position of partition 0 go back until `done`.
int StepsBack(OffsetStore& store, const std::atomic<bool>& done) {
  int steps = 0;
  std::int64_t seen = 0;
  while (!done) {
    const std::int64_t now = GroupOf(store).PositionOf(Part(0)).value_or(0);
    if (now < seen) ++steps;
    seen = now;
  }
  return steps;
}

/// Claims a partition and commits 1 to `last`, one by one; false where one was not applied.
bool CommitEach(const TestGroup& group, const TopicPartition& at, std::int64_t last) {
  const ClaimToken claim = group.MustClaim(at);
  std::int64_t to = 1;
  while (to <= last && group.Commit(Advance(at, to, claim)).Ok()) ++to;
  return to > last;
}

TEST_CASE("threads that commit, read and compact at once agree") {
  FileFolder folder;
  folder.options.compact_above = 4096;
  auto store = folder.Open();
  constexpr std::int32_t kThreads = 6;
  constexpr std::int64_t kCommits = 60;
  std::atomic<bool> done{false};
  auto reader = std::async(std::launch::async, [&] { return StepsBack(*store, done); });
  std::vector<std::future<bool>> threads;
  for (std::int32_t i = 0; i < kThreads; ++i) {
    threads.push_back(std::async(
        std::launch::async, [&, i] { return CommitEach(GroupOf(*store), Part(i), kCommits); }));
  }
  for (auto& thread : threads) thread.wait();
  done = true;
  CHECK(reader.get() == 0);
  for (auto& thread : threads) CHECK(thread.get());
  CHECK(folder.options.stats->compactions > 1);
  auto later = folder.Open();
  for (std::int32_t i = 0; i < kThreads; ++i) {
    CHECK(GroupOf(*later).PositionOf(Part(i)) == kCommits);
  }
}

}  // namespace
}  // namespace offsetstore::testing
