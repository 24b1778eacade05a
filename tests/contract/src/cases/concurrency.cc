// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules C06, C14, C48, C49, C55: several threads and several stores at once.
#include "gates.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "offsetstore/testing/history.h"

namespace offsetstore::testing::cases {

namespace {

constexpr int kThreads = 4;

/// Runs `work(0)` to `work(kThreads - 1)` at the same time; returns what each returned. What one
/// throws is thrown here.
template <class Work>
auto InThreads(Work work) {
  std::vector<std::future<decltype(work(0))>> running;
  running.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    running.push_back(std::async(std::launch::async, work, i));
  }
  std::vector<decltype(work(0))> results;
  results.reserve(kThreads);
  for (auto& one : running) results.push_back(one.get());
  return results;
}

std::vector<std::unique_ptr<OffsetStore>> OpenForEachThread(Subject& subject) {
  std::vector<std::unique_ptr<OffsetStore>> stores(kThreads);
  for (auto& store : stores) store = subject.Open();
  return stores;
}

/// Reads until `done`; returns the first entry that is not what one commit wrote: metadata says the
/// position, and positions never go back. Empty: none.
std::string FirstTorn(const TestGroup& group,
                      const TopicPartition& at,
                      bool with_metadata,
                      const std::atomic<bool>& done) {
  std::int64_t before = 0;
  while (!done) {
    const Entry entry = group.EntryOf(at);
    const std::int64_t position = entry.position.value();
    if (position < before) return std::to_string(position) + " after " + std::to_string(before);
    if (with_metadata && entry.metadata != std::string(100, 'm') + std::to_string(position)) {
      return std::to_string(position) + " with " + entry.metadata;
    }
    before = position;
  }
  return "";
}

}  // namespace

void C06Whole(Subject& subject) {
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const bool with_metadata = subject.can().keeps_metadata;
  const auto commit = [&](std::int64_t to) {
    const std::string text = std::string(100, 'm') + std::to_string(to);
    return group.Commit(WithMetadata(Advance(at, to), with_metadata ? text : "")).Ok();
  };
  REQUIRE(commit(1));
  const auto other = subject.Open();
  std::atomic<bool> done{false};
  auto here =
      std::async(std::launch::async, [&] { return FirstTorn(group, at, with_metadata, done); });
  auto there = std::async(std::launch::async,
                          [&] { return FirstTorn(group.In(*other), at, with_metadata, done); });
  std::int64_t to = 2;
  while (to <= 100 && commit(to)) ++to;
  done = true;
  CHECK(to == 101);
  CHECK(here.get() == "");
  CHECK(there.get() == "");
  CHECK(group.PositionOf(at) == 100);
}

void C14Race(Subject& subject) {
  if (!ChecksPositions(subject)) return;
  const auto at = subject.Partitions(3);
  const TestGroup group = subject.Group();
  const bool atomic = subject.can().atomic_batch;
  const auto applied = InThreads([&](int i) {
    const auto moves = AdvanceEach(at, 100 + i, From(Absent{}));
    const auto answers = group.CommitAll(moves, atomic ? Atomicity::kAll : Atomicity::kEach);
    return std::count_if(answers.begin(), answers.end(), [](const Answer& answer) {
      return answer == OutcomeCode::kApplied;
    });
  });
  CHECK(std::accumulate(applied.begin(), applied.end(), std::ptrdiff_t{0}) == 3);
  if (!atomic) return;
  REQUIRE(std::count(applied.begin(), applied.end(), 3) == 1);
  const auto winner = std::find(applied.begin(), applied.end(), 3) - applied.begin();
  for (const auto& one : at) CHECK(group.PositionOf(one) == 100 + winner);
}

void C38Race(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken held = group.MustClaim(at);
  std::promise<void> under_way;
  std::atomic<bool> is_set{false};
  const Deadline until = Soon();
  auto last = std::async(std::launch::async, [&] {
    std::int64_t to = 100;
    Answer answer = group.Commit(Advance(at, to, held));
    under_way.set_value();
    // One commit that began after the set was answered is enough to see whether it fences.
    for (bool late = false; answer == OutcomeCode::kApplied && !late && !until.Passed();) {
      late = is_set;
      answer = group.Commit(Advance(at, ++to, held));
    }
    return answer;
  });
  under_way.get_future().wait();
  const Answer set = group.Commit(Set(at, 3), Operator());
  is_set = true;
  CHECK(set == OutcomeCode::kApplied);
  CHECK(last.get() == OutcomeCode::kFenced);
  CHECK(group.PositionOf(at) == 3);
}

void C48Threads(Subject& subject) {
  const auto at = subject.Partitions(kThreads);
  const TestGroup group = subject.Group();
  const auto applied = InThreads([&](int i) {
    std::int64_t to = 1;
    while (to <= 25 && group.Commit(Advance(at[static_cast<std::size_t>(i)], to)).Ok()) ++to;
    return to - 1;
  });
  for (const auto last : applied) CHECK(last == 25);
  subject.Reopen();
  for (const auto& one : at) CHECK(group.In(*subject.store).PositionOf(one) == 25);
}

void C48Stores(Subject& subject) {
  const auto at = subject.Partitions(kThreads);
  const TestGroup group = subject.Group();
  const auto stores = OpenForEachThread(subject);
  const auto applied = InThreads([&](int i) {
    const auto mine = static_cast<std::size_t>(i);
    std::int64_t to = 1;
    while (to <= 25 && group.In(*stores[mine]).Commit(Advance(at[mine], to)).Ok()) ++to;
    return to - 1;
  });
  for (const auto last : applied) CHECK(last == 25);
  for (const auto& one : at) CHECK(group.PositionOf(one) == 25);
}

namespace {

/// Threads fight for one claim, each through `store_of(i)`; what was acknowledged must be one
/// chain.
template <class StoreOf>
void FightsInThreads(Subject& subject, StoreOf store_of) {
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group("fight");
  const auto fought = InThreads([&](int i) {
    const Owner by = Member("member-" + std::to_string(i));
    return Fight(group.In(store_of(i)), at, 10, 3, by);
  });
  std::vector<AppliedCommit> all;
  for (const auto& one : fought) all.insert(all.end(), one.begin(), one.end());
  CHECK(all.size() >= 3);
  CHECK(Violation(all, group.PositionOf(at).value_or(0)) == "");
}

}  // namespace

void C49Threads(Subject& subject) {
  if (!Fences(subject)) return;
  FightsInThreads(subject, [&](int) -> OffsetStore& { return *subject.store; });
}

void C49Stores(Subject& subject) {
  if (!Fences(subject)) return;
  const auto stores = OpenForEachThread(subject);
  FightsInThreads(subject,
                  [&](int i) -> OffsetStore& { return *stores[static_cast<std::size_t>(i)]; });
}

void C55Clocks(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  Owner future = Member("future");
  future.since = Time(std::chrono::hours(24 * 365 * 200));
  Owner past = Member("past");
  past.since = Time(std::chrono::hours(-24 * 365));
  const ClaimResult one = group.Claim(at, Any{}, future);
  const ClaimResult two = group.Claim(at, Any{}, past);
  CHECK(two.token.counter > one.token.counter);
  CHECK(group.ClaimOf(at)->owner.since == past.since);
  CHECK(group.Commit(Advance(at, 1, one.token), future) == OutcomeCode::kFenced);
  CHECK(group.Commit(Advance(at, 1, two.token), past) == OutcomeCode::kApplied);
}

}  // namespace offsetstore::testing::cases
