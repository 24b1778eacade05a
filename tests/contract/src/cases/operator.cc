// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules C38 to C41: the operator's set and remove.
#include "gates.h"

#include <cstdint>
#include <variant>
#include <vector>

namespace offsetstore::testing::cases {

void C38Set(Subject& subject) {
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  CHECK(group.Commit(Set(at, 10), Operator()) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at) == 10);
  CHECK(group.Commit(Set(at, 3), Operator()) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at) == 3);
  CHECK(group.Commit(Set(at, 30), Operator()) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at) == 30);
}

void C38Held(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken held = group.MustClaim(at);
  REQUIRE(group.Commit(Advance(at, 50, held)) == OutcomeCode::kApplied);
  REQUIRE(group.Commit(Set(at, 20, held), Operator("admin")) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at) == 20);
  const auto left = group.ClaimOf(at);
  REQUIRE(left.has_value());
  CHECK(left->released);
  CHECK(left->token.counter > held.counter);
  CHECK(left->owner.kind == Owner::Kind::kOperator);
  CHECK(left->owner.name == "admin");

  const Answer refused = group.Commit(Advance(at, 51, held));
  CHECK(refused == OutcomeCode::kFenced);
  REQUIRE(refused.holder.has_value());
  CHECK(refused.holder->token == left->token);
  CHECK(refused.holder->owner.kind == Owner::Kind::kOperator);
  CHECK(refused.holder->released);
  CHECK(group.PositionOf(at) == 20);

  const ClaimResult again = group.Claim(at, refused.holder->token);
  REQUIRE(again == OutcomeCode::kApplied);
  CHECK(PositionIn(again.slot) == 20);
  CHECK(group.Commit(Advance(at, 21, again.token)) == OutcomeCode::kApplied);
}

void C38TwoSets(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken held = group.MustClaim(at);
  REQUIRE(group.Commit(Set(at, 20), Operator()) == OutcomeCode::kApplied);
  const ClaimToken first = group.ClaimOf(at)->token;
  REQUIRE(group.Commit(Set(at, 10), Operator()) == OutcomeCode::kApplied);
  const ClaimToken second = group.ClaimOf(at)->token;
  CHECK(second.counter > first.counter);
  CHECK(group.Claim(at, held) == OutcomeCode::kFenced);
  CHECK(group.Claim(at, first) == OutcomeCode::kFenced);
  const ClaimResult again = group.Claim(at, second);
  CHECK(again == OutcomeCode::kApplied);
  CHECK(PositionIn(again.slot) == 10);
}

void C38Same(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken held = group.MustClaim(at);
  REQUIRE(group.Commit(Advance(at, 5, held)).Ok());
  // The holder may have delivered far beyond 5: it must start again from there.
  CHECK(group.Commit(Set(at, 5), Operator()) == OutcomeCode::kApplied);
  CHECK(group.Commit(Advance(at, 6, held)) == OutcomeCode::kFenced);
}

void C39Claim(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken seen = group.MustClaim(at);
  REQUIRE(group.Commit(Advance(at, 5, seen)).Ok());
  const ClaimToken newer = group.MustClaim(at, Member("newer"));
  const Answer refused = group.Commit(Set(at, 1, seen), Operator());
  CHECK(refused == OutcomeCode::kFenced);
  REQUIRE(refused.holder.has_value());
  CHECK(refused.holder->token == newer);
  CHECK(group.Commit(Set(at, 1, Nobody{}), Operator()) == OutcomeCode::kFenced);
  CHECK(group.PositionOf(at) == 5);
  CHECK(group.Commit(Advance(at, 6, newer)) == OutcomeCode::kApplied);
  REQUIRE(group.Release(at, newer) == OutcomeCode::kApplied);
  CHECK(group.Commit(Set(at, 1, Nobody{}), Operator()) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at) == 1);
}

void C39From(Subject& subject) {
  if (!ChecksPositions(subject)) return;
  const auto at = subject.Partitions(2);
  const TestGroup group = subject.Group();
  REQUIRE(group.Commit(Advance(at[0], 5)).Ok());
  const Answer refused = group.Commit(Set(at[0], 1, Any{}, From(Position(4))), Operator());
  CHECK(refused == OutcomeCode::kConflict);
  REQUIRE(refused.conflict.has_value());
  CHECK(std::get<Entry>(refused.conflict->stored).position == Position(5));
  CHECK(group.Commit(Set(at[0], 1, Any{}, From(Absent{})), Operator()) == OutcomeCode::kConflict);
  CHECK(group.PositionOf(at[0]) == 5);
  CHECK(group.Commit(Set(at[0], 1, Any{}, From(Position(5))), Operator()) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at[0]) == 1);
  CHECK(group.Commit(Set(at[1], 7, Any{}, From(Absent{})), Operator()) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at[1]) == 7);
}

void C39Untouched(Subject& subject) {
  if (!Fences(subject) || !ChecksPositions(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken held = group.MustClaim(at);
  REQUIRE(group.Commit(Advance(at, 5, held)).Ok());
  CHECK(group.Commit(Set(at, 1, held, From(Position(4))), Operator()) == OutcomeCode::kConflict);
  CHECK(group.ClaimOf(at)->token == held);
  CHECK(group.Commit(Advance(at, 6, held)) == OutcomeCode::kApplied);
}

void C40Remove(Subject& subject) {
  if (!Removes(subject)) return;
  const auto at = subject.Partitions(2);
  const TestGroup group = subject.Group();
  REQUIRE(group.Commit(Advance(at[0], 5)).Ok());
  REQUIRE(group.Commit(Advance(at[1], 6)).Ok());
  CHECK(group.Remove(at[0]) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at[0]) == std::nullopt);
  CHECK_FALSE(group.ClaimOf(at[0]).has_value());
  REQUIRE(group.All().size() == 1);
  CHECK(group.All()[0].at == at[1]);
  if (subject.can().lists_groups) CHECK(group.IsListed());
  CHECK(group.Remove(at[1]) == OutcomeCode::kApplied);
  CHECK(group.All().empty());
  if (subject.can().lists_groups) CHECK_FALSE(group.IsListed());
  subject.Reopen();
  CHECK(group.In(*subject.store).All().empty());
}

void C40Nothing(Subject& subject) {
  if (!Removes(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  CHECK(group.Remove(at) == OutcomeCode::kAlreadyApplied);
  REQUIRE(group.Commit(Advance(at, 1)).Ok());
  CHECK(group.Remove(at) == OutcomeCode::kApplied);
  CHECK(group.Remove(at) == OutcomeCode::kAlreadyApplied);
  CHECK(group.All().empty());
}

void C40Held(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken held = group.MustClaim(at);
  REQUIRE(group.Commit(Advance(at, 5, held)).Ok());
  CHECK(group.Remove(at, held, {}, Operator("admin")) == OutcomeCode::kApplied);
  CHECK(group.All().empty());
  const Answer refused = group.Commit(Advance(at, 6, held));
  CHECK(refused == OutcomeCode::kFenced);
  REQUIRE(refused.holder.has_value());
  CHECK(refused.holder->released);
  CHECK(refused.holder->owner.name == "admin");
  CHECK(refused.holder->token.counter > held.counter);
  CHECK(group.PositionOf(at) == std::nullopt);
  // The holder goes on by claiming exactly what the remove left; it finds absent.
  const ClaimResult again = group.Claim(at, refused.holder->token);
  CHECK(again == OutcomeCode::kApplied);
  CHECK(PositionIn(again.slot) == std::nullopt);
}

void C40ClaimOnly(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken held = group.MustClaim(at);
  CHECK(group.Remove(at) == OutcomeCode::kApplied);
  CHECK(group.All().empty());
  CHECK(group.Commit(Advance(at, 1, held)) == OutcomeCode::kFenced);
}

void C41Plan(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken seen = group.MustClaim(at);
  const ClaimToken newer = group.MustClaim(at, Member("newer"));
  REQUIRE(group.Commit(Advance(at, 5, newer)).Ok());
  const Answer refused = group.Remove(at, seen);
  CHECK(refused == OutcomeCode::kFenced);
  REQUIRE(refused.holder.has_value());
  CHECK(refused.holder->token == newer);
  CHECK(group.Remove(at, Nobody{}) == OutcomeCode::kFenced);
  CHECK(group.Commit(Advance(at, 6, newer)) == OutcomeCode::kApplied);
  if (!ChecksPositions(subject)) return;
  const Answer moved = group.Remove(at, newer, From(Position(5)));
  CHECK(moved == OutcomeCode::kConflict);
  REQUIRE(moved.conflict.has_value());
  CHECK(std::get<Entry>(moved.conflict->stored).position == Position(6));
  CHECK(group.Commit(Advance(at, 7, newer)) == OutcomeCode::kApplied);
  CHECK(group.Remove(at, newer, From(Position(7))) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at) == std::nullopt);
}

void C41Mixed(Subject& subject) {
  if (!Fences(subject)) return;
  const auto at = subject.Partitions(3);
  const TestGroup group = subject.Group();
  for (const auto& one : at) REQUIRE(group.Commit(Advance(one, 5)).Ok());
  const ClaimToken held = group.MustClaim(at[1]);
  const std::vector<Removal> removals = {
      {at[0], Nobody{}, {}}, {at[1], Nobody{}, {}}, {at[2], Nobody{}, {}}};
  const auto outcomes = subject.store->Remove(group.name(), removals, Operator(), Soon());
  REQUIRE(outcomes.has_value());
  REQUIRE(outcomes->size() == 3);
  CHECK((*outcomes)[0].code == OutcomeCode::kApplied);
  CHECK((*outcomes)[1].code == OutcomeCode::kFenced);
  CHECK((*outcomes)[2].code == OutcomeCode::kApplied);
  REQUIRE(group.All().size() == 1);
  CHECK(group.Commit(Advance(at[1], 6, held)) == OutcomeCode::kApplied);
}

}  // namespace offsetstore::testing::cases
