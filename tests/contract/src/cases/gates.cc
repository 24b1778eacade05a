// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "gates.h"

#include <optional>
#include <vector>

namespace offsetstore::testing::cases {

bool Fences(Subject& subject) {
  if (subject.can().fenced_commits) return true;
  const TestGroup group = subject.Group("no-claims");
  const TopicPartition at = subject.Partition();
  const ClaimToken token{1, Nonce::Random()};
  CHECK(group.Claim(at) == ErrorCode::kUnsupported);
  CHECK(group.Commit(Advance(at, 5, token)) == ErrorCode::kUnsupported);
  CHECK(group.Commit(Rewind(at, 5, token)) == ErrorCode::kUnsupported);
  CHECK(group.Commit(Set(at, 5, token)) == ErrorCode::kUnsupported);
  CHECK(group.Release(at, token) == ErrorCode::kUnsupported);
  CHECK(group.PositionOf(at) == std::nullopt);
  CHECK_FALSE(group.ClaimOf(at).has_value());
  return false;
}

bool ChecksPositions(Subject& subject) {
  if (subject.can().conditional_commits) return true;
  const TestGroup group = subject.Group("no-conditions");
  const TopicPartition at = subject.Partition();
  CHECK(group.Commit(Advance(at, 5, {}, From(Absent{}))) == ErrorCode::kUnsupported);
  CHECK(group.PositionOf(at) == std::nullopt);
  return false;
}

bool IsAtomic(Subject& subject) {
  if (subject.can().atomic_batch) return true;
  const auto at = subject.Partitions(2);
  const TestGroup group = subject.Group("no-batch");
  const std::vector<Move> moves = {Advance(at[0], 1), Advance(at[1], 1)};
  for (const auto& answer : group.CommitAll(moves, Atomicity::kAll)) {
    CHECK(answer == ErrorCode::kUnsupported);
  }
  CHECK(group.All().empty());
  return false;
}

bool Removes(Subject& subject) {
  if (subject.can().fenced_commits) return true;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group("removes");
  REQUIRE(group.Commit(Advance(at, 1)).Ok());
  const Answer removed = group.Remove(at);
  if (removed == OutcomeCode::kApplied) return true;
  CHECK(removed == ErrorCode::kUnsupported);
  CHECK(group.PositionOf(at) == 1);
  return false;
}

}  // namespace offsetstore::testing::cases
