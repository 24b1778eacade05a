// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <unistd.h>
#include <csignal>

#include <array>
#include <chrono>
#include <random>
#include <set>
#include <string>

#include "file_test.h"
#include "internal/flock.h"

namespace offsetstore::testing {
namespace {

/// Commits positions from `first` on until it is killed, and tells each acknowledged one.
std::function<int(int)> CommitForEver(const FileFolder& folder, std::int32_t partition) {
  return [&folder, partition](int out) {
    auto store = folder.Open();
    const TestGroup group = GroupOf(*store);
    for (std::int64_t to = group.PositionOf(Part(partition)).value_or(0) + 1;; ++to) {
      if (!group.Commit(Set(Part(partition), to)).Ok()) return 1;
      Tell(out, to);
    }
  };
}

TEST_CASE("processes killed in mid-commit lose nothing that was acknowledged") {
  FileFolder folder;
  folder.options.compact_above = 4096;
  static_cast<void>(folder.Open());
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 15; ++round) {
    std::array<std::int64_t, 2> told{};
    {
      Forked first(CommitForEver(folder, 0));
      Forked second(CommitForEver(folder, 1));
      const auto commits = random() % 60 + 1;
      for (std::size_t i = 0; i < commits; ++i) told[0] = first.Next().value_or(-1);
      first.Signal(SIGKILL);
      second.Signal(SIGKILL);
      while (const auto more = first.Next()) told[0] = *more;
      while (const auto more = second.Next()) told[1] = *more;
    }
    REQUIRE(told[0] > 0);
    auto store = folder.Open();
    for (std::int32_t partition = 0; partition < 2; ++partition) {
      const std::int64_t acknowledged = told.at(static_cast<std::size_t>(partition));
      const auto position = GroupOf(*store).PositionOf(Part(partition)).value_or(0);
      CHECK(position >= acknowledged);
      CHECK(position <= acknowledged + 1 + (acknowledged == 0 ? 1'000'000 : 0));
    }
  }
}

TEST_CASE("a process stopped at any time blocks no other one") {
  FileFolder folder;
  static_cast<void>(folder.Open());
  int blocked = 0;
  constexpr int kRounds = 100;
  Forked busy(CommitForEver(folder, 0));
  REQUIRE(busy.Next());
  auto store = folder.Open();
  for (int round = 0; round < kRounds; ++round) {
    busy.Signal(SIGSTOP);
    busy.WaitStopped();
    const Move move = Set(Part(1), round);
    const auto answers = store->Commit("g",
                                       std::span(&move, 1),
                                       Member(),
                                       Atomicity::kEach,
                                       Deadline::After(std::chrono::milliseconds(500)));
    if (!answers || !answers->front().Ok()) ++blocked;
    busy.Signal(SIGCONT);
    REQUIRE(busy.Next());
  }
  // A stop can hit the few microseconds of an append, which a sanitizer makes longer; with the lock
  // held over the sync it is every stop.
  CHECK(blocked <= kRounds / 4);
}

TEST_CASE("processes that claim against each other never both commit under their claims") {
  FileFolder folder;
  folder.options.compact_above = 4096;
  static_cast<void>(folder.Open());
  const auto fight = [&folder](int out) {
    auto store = folder.Open();
    const TestGroup group = GroupOf(*store);
    for (int round = 0; round < 40; ++round) {
      const ClaimToken claim = group.MustClaim(Part(0));
      std::int64_t at = group.PositionOf(Part(0)).value_or(0);
      while (group.Commit(Advance(Part(0), at + 1, claim, From(Position(at)))).Ok() ||
             (at == 0 && group.Commit(Advance(Part(0), 1, claim, From(Absent{}))).Ok())) {
        Tell(out, ++at);
        if (at % 7 == 0) break;
      }
    }
    return 0;
  };
  std::multiset<std::int64_t> told;
  {
    Forked first(fight);
    Forked second(fight);
    Forked third(fight);
    for (Forked* one : {&first, &second, &third}) {
      while (const auto number = one->Next()) told.insert(*number);
      CHECK(one->Wait() == 0);
    }
  }
  // Each step from one position to the next was taken once.
  std::int64_t expected = 0;
  for (const std::int64_t number : told) CHECK(number == ++expected);
  CHECK(GroupOf(*folder.Open()).PositionOf(Part(0)) == expected);
}

TEST_CASE("two processes that are the first make one store") {
  for (int round = 0; round < 20; ++round) {
    FileFolder folder;
    const auto first_commit = [&folder](std::int32_t partition) {
      return [&folder, partition](int /*out*/) {
        auto store = folder.Open();
        return GroupOf(*store).Commit(Set(Part(partition), 1)).Ok() ? 0 : 1;
      };
    };
    Forked first(first_commit(0));
    Forked second(first_commit(1));
    CHECK(first.Wait() == 0);
    CHECK(second.Wait() == 0);
    CHECK(StateOf(*folder.Open()) == "0=1 1=1");
  }
}

TEST_CASE("after a fork every call of the child is refused, and the parent goes on") {
  FileFolder folder;
  folder.options.sync = FileSync::kInterval;
  auto store = folder.Open();
  const ClaimToken claim = GroupOf(*store).MustClaim(Part(0));
  Forked child([&](int /*out*/) {
    const TestGroup group = GroupOf(*store);
    const Answer answer = group.Commit(Advance(Part(0), 5, claim));
    if (!(answer == ErrorCode::kUnavailable)) return 1;
    if (answer.error->message.find("fork") == std::string::npos) return 2;
    if (!(group.Claim(Part(0)) == ErrorCode::kUnavailable)) return 3;
    if (!(group.Release(Part(0), claim) == ErrorCode::kUnavailable)) return 4;
    if (!(group.Remove(Part(0)) == ErrorCode::kUnavailable)) return 5;
    if (FetchError(*store).code != ErrorCode::kUnavailable) return 6;
    if (store->ListGroups({}, Soon())) return 7;
    if (store->Close(Soon())) return 8;
    store.reset();
    // The thread sanitizer cannot follow a forked child that starts a thread, as kInterval does.
    folder.options.sync = FileSync::kAlways;
    auto own = folder.Open();
    return GroupOf(*own).Commit(Advance(Part(0), 1, claim)).Ok() ? 0 : 9;
  });
  CHECK(child.Wait() == 0);
  CHECK(GroupOf(*store).Commit(Advance(Part(0), 2, claim)).Ok());
}

TEST_CASE("readers need no lock") {
  FileFolder folder;
  auto store = folder.Open();
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  auto lock = internal::LockFile::Open(folder.Groups() / "g.lock");
  REQUIRE(lock);
  REQUIRE(lock->Lock(Soon()));
  CHECK(StateOf(*store) == "0=1");
  CHECK(StateOf(*folder.Open()) == "0=1");
  CHECK(ListedGroups(*store, "") == std::vector<std::string>{"g"});
  const Move move = Set(Part(0), 2);
  const auto answers = store->Commit("g",
                                     std::span(&move, 1),
                                     Member(),
                                     Atomicity::kEach,
                                     Deadline::After(std::chrono::milliseconds(50)));
  REQUIRE_FALSE(answers);
  CHECK(answers.error().code == ErrorCode::kDeadlineExceeded);
  CHECK(answers.error().message.find("g.lock") != std::string::npos);
  CHECK(StateOf(*store) == "0=1");
}

}  // namespace
}  // namespace offsetstore::testing
