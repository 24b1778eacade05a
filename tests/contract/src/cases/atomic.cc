// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules C42 to C44: what one partition of a batch means for the others.
#include "gates.h"

#include <cstddef>
#include <vector>

namespace offsetstore::testing::cases {

void C42Each(Subject& subject) {
  if (!Fences(subject) || !ChecksPositions(subject)) return;
  const auto at = subject.Partitions(5);
  const TestGroup group = subject.Group();
  const ClaimToken mine = group.MustClaim(at[0]);
  const ClaimToken lost = group.MustClaim(at[1]);
  REQUIRE(group.MustClaim(at[1], Member("other")).counter > lost.counter);
  REQUIRE(group.Commit(Advance(at[2], 50)).Ok());
  const std::vector<Move> moves = {Advance(at[0], 1, mine),
                                   Advance(at[1], 1, lost),
                                   Advance(at[2], 49),
                                   Advance(at[3], 1, {}, From(Position(9))),
                                   Advance(at[4], 1)};
  const auto answers = group.CommitAll(moves, Atomicity::kEach);
  CHECK(answers[0] == OutcomeCode::kApplied);
  CHECK(answers[1] == OutcomeCode::kFenced);
  CHECK(answers[2] == OutcomeCode::kConflict);
  CHECK(answers[3] == OutcomeCode::kConflict);
  CHECK(answers[4] == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at[0]) == 1);
  CHECK(group.PositionOf(at[1]) == std::nullopt);
  CHECK(group.PositionOf(at[2]) == 50);
  CHECK(group.PositionOf(at[3]) == std::nullopt);
  CHECK(group.PositionOf(at[4]) == 1);
}

void C43Everything(Subject& subject) {
  if (!IsAtomic(subject)) return;
  const auto at = subject.Partitions(3);
  const TestGroup group = subject.Group();
  for (const auto& answer : group.CommitAll(AdvanceEach(at, 4), Atomicity::kAll)) {
    CHECK(answer == OutcomeCode::kApplied);
  }
  for (const auto& one : at) CHECK(group.PositionOf(one) == 4);
}

void C43Fenced(Subject& subject) {
  if (!IsAtomic(subject) || !Fences(subject)) return;
  const auto at = subject.Partitions(3);
  const TestGroup group = subject.Group();
  const ClaimToken first = group.MustClaim(at[0]);
  const ClaimToken lost = group.MustClaim(at[1]);
  const ClaimToken newer = group.MustClaim(at[1], Member("newer"));
  const std::vector<Move> moves = {
      Advance(at[0], 1, first), Advance(at[1], 1, lost), Set(at[2], 1)};
  const auto answers = group.CommitAll(moves, Atomicity::kAll);
  CHECK(answers[0] == OutcomeCode::kNotApplied);
  CHECK(answers[1] == OutcomeCode::kFenced);
  CHECK(answers[2] == OutcomeCode::kNotApplied);
  REQUIRE(answers[1].holder.has_value());
  CHECK(answers[1].holder->token == newer);
  for (const auto& one : at) CHECK(group.PositionOf(one) == std::nullopt);
  CHECK_FALSE(group.ClaimOf(at[2]).has_value());
  CHECK(group.Commit(Advance(at[0], 1, first)) == OutcomeCode::kApplied);
}

void C43Conflict(Subject& subject) {
  if (!IsAtomic(subject) || !ChecksPositions(subject)) return;
  const auto at = subject.Partitions(3);
  const TestGroup group = subject.Group();
  REQUIRE(group.Commit(Advance(at[1], 7)).Ok());
  const auto start = AdvanceEach(at, 9, From(Absent{}));
  const auto answers = group.CommitAll(start, Atomicity::kAll);
  CHECK(answers[0] == OutcomeCode::kNotApplied);
  CHECK(answers[1] == OutcomeCode::kConflict);
  CHECK(answers[2] == OutcomeCode::kNotApplied);
  CHECK(group.PositionOf(at[0]) == std::nullopt);
  CHECK(group.PositionOf(at[1]) == 7);
  CHECK(group.PositionOf(at[2]) == std::nullopt);
  subject.Reopen();
  CHECK(group.In(*subject.store).All().size() == 1);
}

void C43Again(Subject& subject) {
  if (!IsAtomic(subject) || !Fences(subject)) return;
  const auto at = subject.Partitions(2);
  const TestGroup group = subject.Group();
  const ClaimToken first = group.MustClaim(at[0]);
  const ClaimToken second = group.MustClaim(at[1]);
  REQUIRE(group.Commit(Advance(at[0], 3, first)) == OutcomeCode::kApplied);
  const std::vector<Move> moves = {Advance(at[0], 3, first), Advance(at[1], 3, second)};
  const auto answers = group.CommitAll(moves, Atomicity::kAll);
  CHECK(answers[0] == OutcomeCode::kAlreadyApplied);
  CHECK(answers[1] == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at[1]) == 3);
}

void C44Limit(Subject& subject) {
  if (!IsAtomic(subject)) return;
  const std::size_t limit = subject.limits().atomic_batch;
  REQUIRE(limit >= 1);
  const TestGroup group = subject.Group();
  std::vector<Move> moves;
  for (auto& one : PartitionsOf("contract-batch", static_cast<int>(limit) + 1)) {
    moves.push_back(Advance(one, 1));
  }
  const auto beyond = subject.store->Commit(group.name(), moves, Member(), Atomicity::kAll, Soon());
  REQUIRE_FALSE(beyond.has_value());
  CHECK(beyond.error().code == ErrorCode::kUnsupported);
  CHECK(group.All().empty());
  moves.pop_back();
  std::size_t applied = 0;
  const auto answers = group.CommitAll(moves, Atomicity::kAll);
  for (const auto& answer : answers) applied += answer.Ok() ? 1U : 0U;
  CAPTURE(Describe(answers.front()));
  CHECK(applied == limit);
}

}  // namespace offsetstore::testing::cases
