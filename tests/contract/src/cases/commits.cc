// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules C08 to C19: what a commit does.
#include "gates.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace offsetstore::testing::cases {

void C08Answered(Subject& subject) {
  const auto at = subject.Partitions(4);
  const TestGroup group = subject.Group();
  const std::vector<Move> moves = {
      Advance(at[3], 3), Advance(at[0], 0), Advance(at[2], 2), Advance(at[1], 1)};
  // CommitAll itself checks that the answers name these partitions in this order.
  for (const auto& answer : group.CommitAll(moves)) CHECK(answer == OutcomeCode::kApplied);
  for (const auto& one : at) CHECK(group.PositionOf(one) == one.partition);
}

void C09Durable(Subject& subject) {
  const auto at = subject.Partitions(2);
  const TestGroup group = subject.Group();
  const auto other = subject.Open();
  REQUIRE(group.Commit(Advance(at[0], 5)) == OutcomeCode::kApplied);
  CHECK(group.In(*other).PositionOf(at[0]) == 5);
  REQUIRE(group.In(*other).Commit(Advance(at[1], 6)) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at[1]) == 6);
  subject.Reopen();
  CHECK(group.In(*subject.store).PositionOf(at[0]) == 5);
  CHECK(group.In(*subject.store).PositionOf(at[1]) == 6);
}

void C09NoClose(Subject& subject) {
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  for (std::int64_t to = 1; to <= 10; ++to) {
    REQUIRE(group.Commit(Advance(at, to)) == OutcomeCode::kApplied);
  }
  subject.store.reset();
  const auto later = subject.Open();
  CHECK(group.In(*later).PositionOf(at) == 10);
}

namespace {

/// What is stored, as a conflict or an entry tells it; -1 = absent.
std::int64_t StoredIn(const Conflict& conflict) {
  const Entry* entry = std::get_if<Entry>(&conflict.stored);
  return entry == nullptr ? -1 : entry->position.value();
}

}  // namespace

void C11Monotone(Subject& subject) {
  if (!ChecksPositions(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  REQUIRE(group.Commit(Advance(at, 10), Member("first")).Ok());
  const Answer refused = group.Commit(Advance(at, 9), Member("second"));
  CHECK(refused == OutcomeCode::kConflict);
  REQUIRE(refused.conflict.has_value());
  CHECK(StoredIn(*refused.conflict) == 10);
  CHECK_FALSE(refused.conflict->expected.has_value());
  CHECK(std::get<Entry>(refused.conflict->stored).writer.find("first") != std::string::npos);
  CHECK_FALSE(refused.conflict->advice.empty());
  CHECK(group.PositionOf(at) == 10);
  CHECK(group.EntryOf(at).writer.find("first") != std::string::npos);
}

void C11Claimed(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken token = group.MustClaim(at);
  REQUIRE(group.Commit(Advance(at, 10, token)) == OutcomeCode::kApplied);
  CHECK(group.Commit(Advance(at, 9, token)) == OutcomeCode::kConflict);
  CHECK(group.PositionOf(at) == 10);
  CHECK(group.Commit(Advance(at, 11, token)) == OutcomeCode::kApplied);
}

void C12Rewind(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken token = group.MustClaim(at);
  REQUIRE(group.Commit(Advance(at, 10, token)).Ok());
  CHECK(group.Commit(Rewind(at, 3, token)) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at) == 3);
  CHECK(group.Commit(Rewind(at, 30, token)) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at) == 30);
  CHECK(group.ClaimOf(at)->token == token);

  Move unclaimed = Rewind(at, 2, token);
  unclaimed.claim.reset();
  CHECK(group.Commit(unclaimed) == ErrorCode::kInvalidArgument);
  CHECK(group.PositionOf(at) == 30);
  const ClaimToken newer = group.MustClaim(at, Member("member-2"));
  CHECK(group.Commit(Rewind(at, 2, token)) == OutcomeCode::kFenced);
  CHECK(group.PositionOf(at) == 30);
  CHECK(newer.counter > token.counter);
}

void C13From(Subject& subject) {
  if (!ChecksPositions(subject)) return;
  const auto at = subject.Partitions(2);
  const TestGroup group = subject.Group();
  REQUIRE(group.Commit(Advance(at[0], 10), Member("first")).Ok());
  CHECK(group.Commit(Advance(at[0], 12, {}, From(Position(10)))) == OutcomeCode::kApplied);
  const Answer refused = group.Commit(Advance(at[0], 20, {}, From(Position(10))));
  CHECK(refused == OutcomeCode::kConflict);
  REQUIRE(refused.conflict.has_value());
  CHECK(StoredIn(*refused.conflict) == 12);
  REQUIRE(refused.conflict->expected.has_value());
  CHECK(std::get<Position>(*refused.conflict->expected) == Position(10));
  CHECK_FALSE(refused.conflict->advice.empty());
  CHECK(group.PositionOf(at[0]) == 12);

  const Answer missing = group.Commit(Advance(at[1], 20, {}, From(Position(0))));
  CHECK(missing == OutcomeCode::kConflict);
  REQUIRE(missing.conflict.has_value());
  CHECK(std::holds_alternative<Absent>(missing.conflict->stored));
  CHECK(group.PositionOf(at[1]) == std::nullopt);
}

void C13Claimed(Subject& subject) {
  if (!Fences(subject) || !ChecksPositions(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken token = group.MustClaim(at);
  CHECK(group.Commit(Advance(at, 5, token, From(Position(4)))) == OutcomeCode::kConflict);
  CHECK(group.Commit(Advance(at, 5, token, From(Absent{}))) == OutcomeCode::kApplied);
  CHECK(group.Commit(Advance(at, 6, token, From(Absent{}))) == OutcomeCode::kConflict);
  CHECK(group.Commit(Advance(at, 6, token, From(Position(5)))) == OutcomeCode::kApplied);
  Move back = Rewind(at, 1, token);
  back.from = From(Position(5));
  CHECK(group.Commit(back) == OutcomeCode::kConflict);
  CHECK(group.PositionOf(at) == 6);
}

void C14Insert(Subject& subject) {
  if (!ChecksPositions(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  CHECK(group.Commit(Advance(at, 100, {}, From(Absent{}))) == OutcomeCode::kApplied);
  const Answer late = group.Commit(Advance(at, 200, {}, From(Absent{})));
  CHECK(late == OutcomeCode::kConflict);
  REQUIRE(late.conflict.has_value());
  CHECK(StoredIn(*late.conflict) == 100);
  CHECK(group.PositionOf(at) == 100);
}

void C15Again(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken token = group.MustClaim(at);
  const Move move = WithMetadata(Advance(at, 5, token), subject.can().keeps_metadata ? "m" : "");
  CHECK(group.Commit(move) == OutcomeCode::kApplied);
  CHECK(group.Commit(move) == OutcomeCode::kAlreadyApplied);
  Move conditional = move;
  conditional.from = From(Absent{});
  if (subject.can().conditional_commits) {
    CHECK(group.Commit(conditional) == OutcomeCode::kAlreadyApplied);
  }
  CHECK(group.PositionOf(at) == 5);
  if (!subject.can().keeps_metadata) return;
  CHECK(group.Commit(WithMetadata(move, "other")) == OutcomeCode::kApplied);
  CHECK(group.EntryOf(at).metadata == "other");
}

void C16Empty(Subject& subject) {
  const TestGroup group = subject.Group();
  CHECK(group.CommitAll({}).empty());
  const auto removed = group.store().Remove(group.name(), {}, Operator(), Soon());
  REQUIRE(removed.has_value());
  CHECK(removed->empty());
  CHECK(group.All().empty());
  if (!Fences(subject)) return;
  CHECK(group.ClaimAll({}).empty());
  const auto released = group.store().Release(group.name(), {}, Soon());
  REQUIRE(released.has_value());
  CHECK(released->empty());
  CHECK(group.All().empty());
}

void C17Twice(Subject& subject) {
  const auto at = subject.Partitions(2);
  const TestGroup group = subject.Group();
  const std::vector<Move> moves = {Advance(at[0], 1), Advance(at[1], 2), Advance(at[0], 3)};
  const auto refused =
      group.store().Commit(group.name(), moves, Member(), Atomicity::kEach, Soon());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::kInvalidArgument);
  CHECK(group.All().empty());
  if (!Fences(subject)) return;
  const std::vector<ClaimRequest> requests = {Request(at[0]), Request(at[0])};
  const auto claimed = group.store().Claim(group.name(), requests, Member(), Soon());
  REQUIRE_FALSE(claimed.has_value());
  CHECK(claimed.error().code == ErrorCode::kInvalidArgument);
  CHECK(group.All().empty());
}

void C18Many(Subject& subject) {
  std::vector<TopicPartition> at;
  for (int topic = 0; topic < 10; ++topic) {
    for (auto& one : PartitionsOf("contract-many-" + std::to_string(topic), 1000)) {
      at.push_back(std::move(one));
    }
  }
  subject.storage.Prepare(at);
  const TestGroup group = subject.Group();
  std::vector<Move> moves;
  for (std::size_t i = 0; i < at.size(); ++i) {
    moves.push_back(Advance(at[i], static_cast<std::int64_t>(i)));
  }
  std::size_t applied = 0;
  for (const auto& answer : group.CommitAll(moves)) {
    applied += answer == OutcomeCode::kApplied ? 1U : 0U;
  }
  CHECK(applied == at.size());
  const auto all = group.All();
  REQUIRE(all.size() == at.size());
  std::size_t right = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool same = all[i].at == at[i] && PositionIn(all[i].slot) == static_cast<std::int64_t>(i);
    right += same ? 1U : 0U;
  }
  CHECK(right == at.size());
}

void C19Malformed(Subject& subject) {
  const auto at = subject.Partitions(2);
  const TestGroup group = subject.Group();
  const auto refuses = [&](const Move& bad) {
    const std::vector<Move> moves = {Advance(at[1], 1), bad};
    const auto answers =
        group.store().Commit(group.name(), moves, Member(), Atomicity::kEach, Soon());
    return !answers && answers.error().code == ErrorCode::kInvalidArgument;
  };
  CHECK(refuses(Advance({at[0].topic, -1}, 1)));
  Move set = Set(at[0], 1);
  set.claim = ClaimToken{1, Nonce::Random()};
  CHECK(refuses(set));
  Move rewind = Advance(at[0], 1);
  rewind.kind = Kind::kRewind;
  CHECK(refuses(rewind));
  Move expecting = Advance(at[0], 1);
  expecting.expect = Nobody{};
  CHECK(refuses(expecting));
  CHECK(group.All().empty());
}

}  // namespace offsetstore::testing::cases
