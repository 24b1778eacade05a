// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <optional>
#include <vector>

#include "internal/rules.h"
#include "rules_fixture.h"

namespace offsetstore::internal {
namespace {

Move To(std::int64_t position, std::optional<ClaimToken> claim = {}, Kind kind = Kind::kAdvance) {
  Move move;
  move.at = Place();
  move.to = Position(position);
  move.kind = kind;
  move.claim = claim;
  return move;
}

Move FromThen(std::optional<From> from, Move move) {
  move.from = from;
  return move;
}

OutcomeCode CodeOf(const Record& record, const Move& move) {
  return DecideMove(record, move, Member("a")).outcome.code;
}

TEST_CASE("the holder of a claim moves the position on") {
  const Decision decision = DecideMove(Held(7, 100), To(101, Token(7)), Member("a"));
  CHECK(decision.outcome.code == OutcomeCode::kApplied);
  REQUIRE(decision.next);
  CHECK(decision.next->entry->position == Position(101));
  CHECK(decision.next->entry->writer == "member a (host h, pid 1)");
  CHECK(decision.next->entry->commit_time.has_value());
  CHECK(decision.next->claim == Held(7, 100).claim);
}

TEST_CASE("the first commit under a claim sets the position") {
  const Decision decision = DecideMove(HeldWithout(7), To(0, Token(7)), Member("a"));
  REQUIRE(decision.next);
  CHECK(decision.next->entry->position == Position(0));
}

TEST_CASE("a commit under any other claim is fenced and names the newest") {
  ClaimToken other_nonce = Token(7);
  other_nonce.nonce = Nonce::Random();
  for (const ClaimToken& token : {Token(6), Token(8), other_nonce}) {
    const Decision decision = DecideMove(Held(7, 100), To(101, token), Member("b"));
    CHECK(decision.outcome.code == OutcomeCode::kFenced);
    CHECK(decision.outcome.holder == Held(7, 100).claim);
    CHECK_FALSE(decision.next);
  }
}

TEST_CASE("a released or removed claim is fenced, and a claim that never was") {
  CHECK(CodeOf(Released(7, 100), To(101, Token(7))) == OutcomeCode::kFenced);
  CHECK(CodeOf(Tombstone(7), To(101, Token(7))) == OutcomeCode::kFenced);
  CHECK(CodeOf(NoRecord(), To(101, Token(7))) == OutcomeCode::kFenced);
  CHECK(CodeOf(Unclaimed(100), To(101, Token(7))) == OutcomeCode::kFenced);
}

TEST_CASE("a fence comes before an equal target: a late original is never fine") {
  CHECK(CodeOf(Held(8, 100), To(100, Token(7))) == OutcomeCode::kFenced);
}

TEST_CASE("the same target again is already applied") {
  const Decision again = DecideMove(Held(7, 100), To(100, Token(7)), Member("a"));
  CHECK(again.outcome.code == OutcomeCode::kAlreadyApplied);
  CHECK_FALSE(again.next);
  CHECK(CodeOf(Held(7, 100), FromThen(Position(90), To(100, Token(7)))) ==
        OutcomeCode::kAlreadyApplied);
  CHECK(CodeOf(Unclaimed(100), To(100)) == OutcomeCode::kAlreadyApplied);
}

TEST_CASE("the same position with other metadata or epoch is another target") {
  Move move = To(100, Token(7));
  move.metadata = "m";
  CHECK(CodeOf(Held(7, 100), move) == OutcomeCode::kApplied);
  move = To(100, Token(7));
  move.leader_epoch = 4;
  CHECK(CodeOf(Held(7, 100), move) == OutcomeCode::kApplied);
}

TEST_CASE("a commit never moves backwards, a rewind does") {
  const Decision back = DecideMove(Held(7, 100), To(99, Token(7)), Member("a"));
  CHECK(back.outcome.code == OutcomeCode::kConflict);
  CHECK_FALSE(back.next);
  REQUIRE(back.outcome.conflict);
  CHECK(std::get<Entry>(back.outcome.conflict->stored).position == Position(100));
  CHECK_FALSE(back.outcome.conflict->expected);
  CHECK_FALSE(back.outcome.conflict->advice.empty());
  CHECK(CodeOf(Unclaimed(100), To(99)) == OutcomeCode::kConflict);
  CHECK(CodeOf(Held(7, 100), To(99, Token(7), Kind::kRewind)) == OutcomeCode::kApplied);
  CHECK(CodeOf(Held(7, 100), To(101, Token(7), Kind::kRewind)) == OutcomeCode::kApplied);
  CHECK(CodeOf(Held(8, 100), To(99, Token(7), Kind::kRewind)) == OutcomeCode::kFenced);
}

TEST_CASE("offsets near 2^31, 2^53 and 2^63 are compared exactly") {
  for (const std::int64_t position :
       {std::int64_t{1} << 31U, (std::int64_t{1} << 53U) + 1, Position::kMax}) {
    CHECK(CodeOf(Held(7, position - 1), To(position, Token(7))) == OutcomeCode::kApplied);
    CHECK(CodeOf(Held(7, position), To(position - 1, Token(7))) == OutcomeCode::kConflict);
  }
}

TEST_CASE("a condition on the position must hold") {
  const auto code = [](const Record& record, From from) {
    return CodeOf(record, FromThen(from, To(200, Token(7))));
  };
  CHECK(code(Held(7, 100), Position(100)) == OutcomeCode::kApplied);
  CHECK(code(Held(7, 100), Position(101)) == OutcomeCode::kConflict);
  CHECK(code(Held(7, 100), Absent{}) == OutcomeCode::kConflict);
  CHECK(code(HeldWithout(7), Absent{}) == OutcomeCode::kApplied);
  CHECK(code(HeldWithout(7), Position(0)) == OutcomeCode::kConflict);
  const Outcome outcome =
      DecideMove(HeldWithout(7), FromThen(Position(5), To(200, Token(7))), Member("a")).outcome;
  CHECK(std::holds_alternative<Absent>(outcome.conflict->stored));
  CHECK(std::get<Position>(*outcome.conflict->expected) == Position(5));
}

TEST_CASE("without a claim a commit is accepted only where nobody holds one") {
  CHECK(CodeOf(NoRecord(), To(5)) == OutcomeCode::kApplied);
  CHECK(CodeOf(Unclaimed(4), To(5)) == OutcomeCode::kApplied);
  CHECK(CodeOf(Released(7, 4), To(5)) == OutcomeCode::kApplied);
  CHECK(CodeOf(Tombstone(7), To(5)) == OutcomeCode::kApplied);
  CHECK(CodeOf(Held(7, 4), To(5)) == OutcomeCode::kFenced);
  CHECK(CodeOf(HeldWithout(7), FromThen(Absent{}, To(5))) == OutcomeCode::kFenced);
}

TEST_CASE("an unclaimed commit leaves the counter where it was") {
  const Decision released = DecideMove(Released(7, 4), To(5), Member("a"));
  CHECK(released.next->claim->token == Token(7));
  CHECK(released.next->claim->released);
  const Decision removed = DecideMove(Tombstone(7), To(5), Member("a"));
  CHECK(removed.next->claim->token == Token(7));
  CHECK_FALSE(removed.next->removed);
  CHECK_FALSE(DecideMove(NoRecord(), To(5), Member("a")).next->claim);
}

TEST_CASE("a start commit inserts once: the second finds a conflict, even with the same target") {
  const Move start = FromThen(Absent{}, To(5));
  CHECK(CodeOf(NoRecord(), start) == OutcomeCode::kApplied);
  CHECK(CodeOf(Tombstone(7), start) == OutcomeCode::kApplied);
  CHECK(CodeOf(Unclaimed(5), start) == OutcomeCode::kConflict);
  CHECK(CodeOf(Released(7, 9), start) == OutcomeCode::kConflict);
}

TEST_CASE("a set raises the counter, moves either way and leaves the claim released") {
  for (const std::int64_t target : {50, 100, 150}) {
    const Decision decision = DecideMove(Held(7, 100), To(target, {}, Kind::kSet), Operator());
    CHECK(decision.outcome.code == OutcomeCode::kApplied);
    REQUIRE(decision.next);
    CHECK(decision.next->entry->position == Position(target));
    CHECK(decision.next->claim->token.counter == 8);
    CHECK(decision.next->claim->token.nonce != Token(7).nonce);
    CHECK(decision.next->claim->released);
    CHECK(decision.next->claim->owner == Operator());
    CHECK(CodeOf(*decision.next, To(target + 1, Token(7))) == OutcomeCode::kFenced);
  }
}

TEST_CASE("a set of what was never stored starts the counter") {
  const Decision decision = DecideMove(NoRecord(), To(5, {}, Kind::kSet), Operator());
  CHECK(decision.next->claim->token.counter == 1);
  const Decision revived = DecideMove(Tombstone(7), To(5, {}, Kind::kSet), Operator());
  CHECK(revived.next->claim->token.counter == 8);
  CHECK_FALSE(revived.next->removed);
}

TEST_CASE("a set acts only on the claim and the position that its plan saw") {
  const auto set = [](const Record& record, Expect expect, std::optional<From> from) {
    Move move = FromThen(from, To(50, {}, Kind::kSet));
    move.expect = expect;
    return CodeOf(record, move);
  };
  CHECK(set(Held(7, 100), Token(7), Position(100)) == OutcomeCode::kApplied);
  CHECK(set(Held(7, 100), Token(6), {}) == OutcomeCode::kFenced);
  CHECK(set(Held(7, 100), Nobody{}, {}) == OutcomeCode::kFenced);
  CHECK(set(Released(7, 100), Nobody{}, {}) == OutcomeCode::kApplied);
  CHECK(set(NoRecord(), Token(1), {}) == OutcomeCode::kFenced);
  CHECK(set(Held(7, 100), Any{}, Position(99)) == OutcomeCode::kConflict);
  CHECK(set(NoRecord(), Any{}, Absent{}) == OutcomeCode::kApplied);
  CHECK(set(Unclaimed(1), Any{}, Absent{}) == OutcomeCode::kConflict);
}

TEST_CASE("a move that knows no topic or cluster id keeps the stored one") {
  Record record = Held(7, 100);
  record.entry->topic_id = "T";
  record.entry->cluster_id = "C";
  record.entry->metadata = "old";
  const Decision plain = DecideMove(record, To(101, Token(7)), Member("a"));
  CHECK(plain.next->entry->topic_id == "T");
  CHECK(plain.next->entry->cluster_id == "C");
  CHECK(plain.next->entry->metadata.empty());
  Move move = To(101, Token(7));
  move.topic_id = "T2";
  move.cluster_id = "C2";
  const Decision known = DecideMove(record, move, Member("a"));
  CHECK(known.next->entry->topic_id == "T2");
  CHECK(known.next->entry->cluster_id == "C2");
}

std::vector<Move> Three(std::int64_t last) {
  std::vector<Move> moves = {To(11), To(12), To(last)};
  for (std::size_t i = 0; i < moves.size(); ++i) moves[i].at.partition = static_cast<int>(i);
  return moves;
}

RecordMap LastAt(std::int64_t position) {
  return {{{"t", 2}, Unclaimed(position)}};
}

TEST_CASE("of a batch of singles one refusal stops no other") {
  const auto batch = DecideMoves(LastAt(100), Three(99), Member("a"), Atomicity::kEach);
  REQUIRE(batch.outcomes.size() == 3);
  CHECK(batch.outcomes[0].code == OutcomeCode::kApplied);
  CHECK(batch.outcomes[1].code == OutcomeCode::kApplied);
  CHECK(batch.outcomes[2].code == OutcomeCode::kConflict);
  REQUIRE(batch.changes.size() == 2);
  CHECK(batch.changes[1].first == TopicPartition{"t", 1});
}

TEST_CASE("of an atomic batch one refusal leaves nothing") {
  const auto batch = DecideMoves(LastAt(100), Three(99), Member("a"), Atomicity::kAll);
  CHECK(batch.outcomes[0].code == OutcomeCode::kNotApplied);
  CHECK(batch.outcomes[1].code == OutcomeCode::kNotApplied);
  CHECK(batch.outcomes[2].code == OutcomeCode::kConflict);
  CHECK(batch.changes.empty());
}

TEST_CASE("an atomic batch with nothing to refuse is applied, with what is so already") {
  const auto batch = DecideMoves(LastAt(100), Three(100), Member("a"), Atomicity::kAll);
  CHECK(batch.outcomes[0].code == OutcomeCode::kApplied);
  CHECK(batch.outcomes[2].code == OutcomeCode::kAlreadyApplied);
  CHECK(batch.changes.size() == 2);
  CHECK(DecideMoves({}, {}, Member("a"), Atomicity::kAll).outcomes.empty());
}

}  // namespace
}  // namespace offsetstore::internal
