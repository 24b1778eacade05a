// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Results and positions in one transaction of the caller's.
#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

#include "transaction_support.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("results and position are committed together, and only together") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.exec("BEGIN IMMEDIATE");
  const LockAnswer locked = own.Lock(Orders(0), claim);
  CHECK(locked.outcome.code == OutcomeCode::kApplied);
  CHECK(std::holds_alternative<Absent>(locked.slot));
  own.AddResult("a");
  CHECK(AllApplied(own.Move({First(Orders(0), 7, claim)})));
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
  CHECK(own.Results().empty());
  CHECK(own.Commit().empty());
  CHECK(own.group.PositionOf(Orders(0)) == 7);
  CHECK(own.Results() == "a");
  CHECK(own.group.EntryOf(Orders(0)).writer.find("member-1") != std::string::npos);
}

TEST_CASE("a rollback takes both back, and the next batch goes on from what is stored") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  for (const char* end : {"ROLLBACK", "COMMIT"}) {
    own.db.exec("BEGIN IMMEDIATE");
    CHECK(own.Lock(Orders(0), claim).outcome.Ok());
    own.AddResult(end);
    CHECK(AllApplied(own.Move({First(Orders(0), 7, claim)})));
    CHECK(own.Try(end).empty());
  }
  CHECK(own.Results() == "COMMIT");
  own.db.exec("BEGIN IMMEDIATE");
  CHECK(PositionIn(own.Lock(Orders(0), claim).slot) == 7);
  CHECK(AllApplied(own.Move({WithMetadata(FromTo(Orders(0), 7, 9, claim), "m")})));
  CHECK(own.Commit().empty());
  CHECK(own.group.EntryOf(Orders(0)).metadata == "m");
}

TEST_CASE("a rollback between the steps leaves nothing that stands in the way") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.exec("BEGIN IMMEDIATE");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  own.db.exec("ROLLBACK");
  own.AddResult("by itself");
  own.db.exec("BEGIN; INSERT INTO results (total) VALUES ('without us'); COMMIT");
  CHECK(own.Results() == "by itself without us");
  own.db.exec("BEGIN IMMEDIATE");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  own.db.exec("ROLLBACK");
}

TEST_CASE("a claim that is not the newest is fenced at the lock, and the others go on") {
  OwnTransactions own;
  const ClaimToken old = own.group.MustClaim(Orders(0));
  const ClaimToken mine = own.group.MustClaim(Orders(1));
  REQUIRE(own.group.Claim(Orders(0), Any{}, Member("thief")).outcome.Ok());
  own.db.exec("BEGIN IMMEDIATE");
  const std::vector<Claimed> claims = {{Orders(0), old}, {Orders(1), mine}};
  const auto answers = own.positions->Lock(claims, Soon());
  REQUIRE(answers);
  CHECK((*answers)[0].outcome.code == OutcomeCode::kFenced);
  REQUIRE((*answers)[0].outcome.holder);
  CHECK((*answers)[0].outcome.holder->owner.name == "thief");
  CHECK((*answers)[1].outcome.Ok());
  const Status all = AllApplied(answers);
  REQUIRE_FALSE(all);
  CHECK(all.error().code == ErrorCode::kFenced);
  CHECK(Says(all.error(), "thief"));
  CHECK(own.MoveError(First(Orders(0), 5, old)).code == ErrorCode::kInvalidArgument);
  CHECK(AllApplied(own.Move({First(Orders(1), 5, mine)})));
  CHECK(own.Commit().empty());
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
  CHECK(own.group.PositionOf(Orders(1)) == 5);
}

TEST_CASE("a claim that was released, set over or removed is fenced at the lock") {
  OwnTransactions own;
  const ClaimToken released = own.group.MustClaim(Orders(0));
  REQUIRE(own.group.Release(Orders(0), released).Ok());
  const ClaimToken set = own.group.MustClaim(Orders(1));
  REQUIRE(own.group.Commit(Set(Orders(1), 3), Operator()).Ok());
  const ClaimToken removed = own.group.MustClaim(Orders(2));
  REQUIRE(own.group.Remove(Orders(2)).Ok());
  const std::vector<Claimed> claims = {
      {Orders(0), released}, {Orders(1), set}, {Orders(2), removed}, {Orders(3), removed}};
  own.db.exec("BEGIN IMMEDIATE");
  const auto answers = own.positions->Lock(claims, Soon());
  REQUIRE(answers);
  for (const LockAnswer& answer : *answers) CHECK(answer.outcome.code == OutcomeCode::kFenced);
  // Nothing is locked, so nothing holds the transaction back.
  CHECK(own.Commit().empty());
}

TEST_CASE("a batch that was applied already is refused and cannot be committed") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  const Move batch = FromTo(Orders(0), 5, 9, claim);
  REQUIRE(own.group.Commit(Advance(Orders(0), 5, claim)).Ok());
  for (const bool is_first : {true, false}) {
    own.db.exec("BEGIN IMMEDIATE");
    CHECK(own.Lock(Orders(0), claim).outcome.Ok());
    own.AddResult("x");
    const auto answers = own.Move({batch});
    REQUIRE(answers);
    CHECK(answers->front().code == (is_first ? OutcomeCode::kApplied : OutcomeCode::kConflict));
    CHECK(own.Commit().empty() == is_first);
    if (!is_first) {
      const Status refused = AllApplied(answers);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == ErrorCode::kConflict);
      CHECK(Says(refused.error(), "9 (by member member-1"));
    }
  }
  CHECK(own.Results() == "x");
  CHECK(own.group.PositionOf(Orders(0)) == 9);
}

TEST_CASE("a move from another position than the stored one is refused") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  REQUIRE(own.group.Commit(Advance(Orders(0), 5, claim)).Ok());
  const std::vector<Move> wrong = {
      FromTo(Orders(0), 4, 9, claim), FromTo(Orders(0), 6, 9, claim), First(Orders(0), 9, claim)};
  for (const Move& move : wrong) {
    own.db.exec("BEGIN IMMEDIATE");
    CHECK(own.Lock(Orders(0), claim).outcome.Ok());
    own.AddResult("x");
    const auto answers = own.Move({move});
    REQUIRE(answers);
    REQUIRE(answers->front().code == OutcomeCode::kConflict);
    CHECK(std::get<Entry>(answers->front().conflict->stored).position == Position(5));
    CHECK(answers->front().conflict->expected == move.from);
    CHECK(Tells(own.Commit(), "the move of this batch was refused"));
  }
  CHECK(own.Results().empty());
  CHECK(own.group.PositionOf(Orders(0)) == 5);
}

TEST_CASE("of a batch all positions move or none") {
  OwnTransactions own;
  const ClaimToken first = own.group.MustClaim(Orders(0));
  const ClaimToken second = own.group.MustClaim(Orders(1));
  const std::vector<Claimed> claims = {{Orders(0), first}, {Orders(1), second}};
  own.db.exec("BEGIN IMMEDIATE");
  REQUIRE(AllApplied(own.positions->Lock(claims, Soon())));
  const auto answers = own.Move({First(Orders(0), 5, first), FromTo(Orders(1), 3, 5, second)});
  REQUIRE(answers);
  CHECK((*answers)[0].code == OutcomeCode::kNotApplied);
  CHECK((*answers)[1].code == OutcomeCode::kConflict);
  REQUIRE((*answers)[1].conflict);
  CHECK((*answers)[1].conflict->expected == From(Position(3)));
  CHECK(Says(own.MoveError(First(Orders(0), 5, first)), "refused"));
  CHECK_FALSE(own.Commit().empty());
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
}

TEST_CASE("who claims a locked partition waits, and gets the position that was committed") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  const ClaimRequest request = Request(Orders(0));
  own.db.exec("BEGIN");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  const auto early = own.store->Claim("billing",
                                      std::span(&request, 1),
                                      Member("next"),
                                      Deadline::After(std::chrono::milliseconds(50)));
  REQUIRE_FALSE(early);
  CHECK(early.error().code == ErrorCode::kDeadlineExceeded);
  CHECK(AllApplied(own.Move({First(Orders(0), 5, claim)})));
  CHECK(own.Commit().empty());
  const ClaimResult next = own.group.Claim(Orders(0), Any{}, Member("next"));
  CHECK(PositionIn(next.slot) == 5);
  own.db.exec("BEGIN IMMEDIATE");
  CHECK(own.Lock(Orders(0), claim).outcome.code == OutcomeCode::kFenced);
  own.db.exec("ROLLBACK");
}

TEST_CASE("a group goes from the plain store to transactions and back") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  REQUIRE(own.group.Commit(Advance(Orders(0), 5, claim)).Ok());
  own.db.exec("BEGIN IMMEDIATE");
  CHECK(PositionIn(own.Lock(Orders(0), claim).slot) == 5);
  CHECK(AllApplied(own.Move({FromTo(Orders(0), 5, 8, claim)})));
  CHECK(own.Commit().empty());
  CHECK(own.group.Commit(FromTo(Orders(0), 8, 10, claim)) == OutcomeCode::kApplied);
  CHECK(own.group.Release(Orders(0), claim).Ok());
  CHECK(own.group.PositionOf(Orders(0)) == 10);
}

TEST_CASE("two groups on one connection share a transaction, and each must move") {
  OwnTransactions own;
  const TestGroup second(*own.store, "audit");
  const auto others = own.Open(own.db, "audit");
  const ClaimToken mine = own.group.MustClaim(Orders(0));
  const ClaimToken other = second.MustClaim(Orders(0));
  for (const bool both : {false, true}) {
    own.db.exec("BEGIN IMMEDIATE");
    CHECK(own.Lock(Orders(0), mine).outcome.Ok());
    CHECK(AllApplied(others->Lock(std::vector<Claimed>{{Orders(0), other}}, Soon())));
    CHECK(AllApplied(own.Move({First(Orders(0), 5, mine)})));
    if (both) {
      const std::vector<Move> moves = {First(Orders(0), 6, other)};
      CHECK(AllApplied(others->Move(moves, Member(), Soon())));
    }
    CHECK(own.Commit().empty() == both);
  }
  CHECK(own.group.PositionOf(Orders(0)) == 5);
  CHECK(second.PositionOf(Orders(0)) == 6);
}

TEST_CASE("a batch may be begun and ended by us as well") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  REQUIRE(own.positions->Begin(Soon()));
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  own.AddResult("a");
  CHECK(AllApplied(own.Move({First(Orders(0), 5, claim)})));
  CHECK(own.positions->Commit(Soon()));
  REQUIRE(own.positions->Begin(Soon()));
  own.AddResult("b");
  const Status again = own.positions->Begin(Soon());
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::kInvalidArgument);
  own.positions->Rollback();
  own.positions->Rollback();
  CHECK(own.Results() == "a");
  CHECK(own.group.PositionOf(Orders(0)) == 5);
}

TEST_CASE("a commit of ours refuses what was locked and not moved, and what was ended") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  REQUIRE(own.positions->Begin(Soon()));
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  own.AddResult("a");
  for (const char* why : {"not moved", "no transaction is open"}) {
    const Status refused = own.positions->Commit(Soon());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kInvalidArgument);
    CHECK(Says(refused.error(), why));
  }
  CHECK(own.Results().empty());
}

TEST_CASE("a deferred constraint of the results that is violated rolls the batch back") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.exec(
      "PRAGMA foreign_keys = ON; CREATE TABLE details (id REFERENCES results DEFERRABLE INITIALLY "
      "DEFERRED)");
  REQUIRE(own.positions->Begin(Soon()));
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  own.db.exec("INSERT INTO details VALUES (99)");
  CHECK(AllApplied(own.Move({First(Orders(0), 5, claim)})));
  const Status refused = own.positions->Commit(Soon());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kInvalidArgument);
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
  CHECK(own.positions->Begin(Soon()));
}

int CountCommit(void* count) {
  ++*static_cast<int*>(count);
  return 0;
}

TEST_CASE("the caller's commit hook and last row id stay his") {
  OwnTransactions own;
  int commits = 0;
  sqlite3_commit_hook(own.db.getHandle(), &CountCommit, &commits);
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.AddResult("one");
  own.AddResult("two");
  own.db.exec("BEGIN IMMEDIATE");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  CHECK(AllApplied(own.Move({First(Orders(0), 5, claim)})));
  CHECK(own.db.getLastInsertRowid() == 2);
  CHECK(own.Commit().empty());
  CHECK(commits == 3);
}

TEST_CASE("a space has its own positions inside transactions too") {
  OwnTransactions own;
  SqliteOptions options = At(own.path);
  options.space = "eu";
  const auto store = MustOpen(options);
  const TestGroup group(*store, "billing");
  const ClaimToken claim = group.MustClaim(Orders(0));
  auto positions = OpenSqliteTransactional(own.db.getHandle(), store->Info(), "billing", Soon());
  REQUIRE(positions);
  own.db.exec("BEGIN IMMEDIATE");
  CHECK(own.Lock(Orders(0), claim).outcome.code == OutcomeCode::kFenced);
  CHECK(AllApplied((*positions)->Lock(std::vector<Claimed>{{Orders(0), claim}}, Soon())));
  const std::vector<Move> moves = {First(Orders(0), 5, claim)};
  CHECK(AllApplied((*positions)->Move(moves, Member(), Soon())));
  CHECK(own.Commit().empty());
  CHECK(group.PositionOf(Orders(0)) == 5);
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
}

}  // namespace
}  // namespace offsetstore::testing
