// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules C10, C50, C51: several processes on one storage.
#include "gates.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "offsetstore/testing/child_process.h"

namespace offsetstore::testing::cases {

namespace {

constexpr int kProcesses = 3;

/// Another process on the subject's storage; null: no other process reaches it, and then the store
/// may promise nothing beyond this one.
[[nodiscard]] std::unique_ptr<ChildProcess> StartChild(Subject& subject) {
  const std::optional<std::string> uri = subject.storage.Uri();
  if (!uri) {
    CHECK((subject.store->Info().durability == Durability::kProcess));
    return nullptr;
  }
  return std::make_unique<ChildProcess>("contract child process<" + subject.storage.Name() + '>',
                                        *uri);
}

/// `contract 3`: a partition as orders name it.
std::string Word(const TopicPartition& at) {
  return at.topic + ' ' + std::to_string(at.partition);
}

}  // namespace

void C10Killed(Subject& subject) {
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  std::int64_t last = 0;
  for (int round = 1; round <= 3; ++round) {
    const auto child = StartChild(subject);
    if (!child) return;
    child->Order("commit " + group.name() + ' ' + Word(at) + ' ' + std::to_string(last + 1) +
                 " 1000000");
    for (int count = 0; count < 5 * round; ++count) {
      const auto line = child->NextLine();
      REQUIRE(line.has_value());
      REQUIRE(*line == "applied " + std::to_string(++last));
    }
    child->Kill();
    // It may have gone on until the signal came; what it was told then counts as well.
    while (const auto line = child->NextLine()) {
      CHECK(*line == "applied " + std::to_string(++last));
    }
    const auto later = subject.Open();
    const std::int64_t stored = group.In(*later).PositionOf(at).value_or(-1);
    CHECK(stored >= last);
    CHECK(stored <= last + 1);  // One commit may have been applied before it was told.
    last = stored;
    CHECK(group.In(*later).Commit(Advance(at, ++last)) == OutcomeCode::kApplied);
  }
}

void C50Commit(Subject& subject) {
  const auto at = subject.Partitions(kProcesses);
  const TestGroup group = subject.Group();
  std::vector<std::unique_ptr<ChildProcess>> children;
  for (const auto& one : at) {
    auto child = StartChild(subject);
    if (!child) return;
    child->Order("commit " + group.name() + ' ' + Word(one) + " 1 25");
    children.push_back(std::move(child));
  }
  for (const auto& child : children) CHECK(child->LinesUntilDone().size() == 25);
  for (const auto& one : at) CHECK(group.PositionOf(one) == 25);
}

void C50Fight(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  std::vector<std::unique_ptr<ChildProcess>> children;
  for (int i = 0; i < kProcesses; ++i) {
    auto child = StartChild(subject);
    if (!child) return;
    child->Order("fight " + group.name() + ' ' + Word(at) + " 10 3 child-" + std::to_string(i));
    children.push_back(std::move(child));
  }
  auto all = Fight(group, at, 10, 3, Member("parent"));
  for (const auto& child : children) {
    for (const auto& commit : ParseApplied(child->LinesUntilDone())) all.push_back(commit);
  }
  CHECK(Violation(all, group.PositionOf(at).value_or(0)) == "");
}

void C50Fence(Subject& subject) {
  if (!Fences(subject)) return;
  const auto child = StartChild(subject);
  if (!child) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const std::string where = group.name() + ' ' + Word(at);
  child->Order("claim " + where);
  const std::string claimed = child->NextLine().value_or("");
  REQUIRE(claimed.starts_with("claimed "));
  const std::string token = claimed.substr(std::string("claimed").size());
  child->Order("move " + where + " 5" + token);
  CHECK(child->NextLine() == std::string(ToString(OutcomeCode::kApplied)));
  CHECK(group.PositionOf(at) == 5);
  CHECK(group.ClaimOf(at)->owner.pid != Member().pid);
  const ClaimToken mine = group.MustClaim(at);
  child->Order("move " + where + " 6" + token);
  CHECK(child->NextLine() == std::string(ToString(OutcomeCode::kFenced)));
  CHECK(group.Commit(Advance(at, 6, mine)) == OutcomeCode::kApplied);
  child->Order("claim " + where);
  REQUIRE(child->NextLine().has_value());
  CHECK(group.Commit(Advance(at, 7, mine)) == OutcomeCode::kFenced);
}

void C51Blocks(Subject& subject) {
  const auto at = subject.Partitions(2);
  const TestGroup group = subject.Group();
  std::int64_t mine = 0;
  for (int round = 0; round < 5; ++round) {
    const auto child = StartChild(subject);
    if (!child) return;
    const std::int64_t from = group.PositionOf(at[1]).value_or(0);
    child->Order("commit " + group.name() + ' ' + Word(at[1]) + ' ' + std::to_string(from + 1) +
                 " 1000000");
    for (int count = 0; count <= round; ++count) REQUIRE(child->NextLine().has_value());
    // In the middle of its next commit, most likely.
    child->Kill();
    CHECK(group.Commit(Advance(at[0], ++mine)) == OutcomeCode::kApplied);
    CHECK(group.PositionOf(at[0]) == mine);
    CHECK(group.PositionOf(at[1]).value_or(0) > from);
  }
}

}  // namespace offsetstore::testing::cases
