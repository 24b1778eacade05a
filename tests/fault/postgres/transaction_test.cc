// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Results and positions in one transaction of the caller's.
#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "eventually.h"
#include "transaction_support.h"

namespace offsetstore::testing {
namespace {

using namespace std::chrono_literals;

TEST_CASE("results and position are committed together, and only together") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.Run("BEGIN");
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
    own.db.Run("BEGIN");
    CHECK(own.Lock(Orders(0), claim).outcome.Ok());
    own.AddResult(end);
    CHECK(AllApplied(own.Move({First(Orders(0), 7, claim)})));
    CHECK(own.Try(end).empty());
  }
  CHECK(own.Results() == "COMMIT");
  own.db.Run("BEGIN");
  CHECK(PositionIn(own.Lock(Orders(0), claim).slot) == 7);
  CHECK(AllApplied(own.Move({WithMetadata(FromTo(Orders(0), 7, 9, claim), "m")})));
  CHECK(own.Commit().empty());
  CHECK(own.group.EntryOf(Orders(0)).metadata == "m");
}

TEST_CASE("a rollback between the steps leaves nothing that stands in the way") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.Run("BEGIN");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  own.db.Run("ROLLBACK");
  own.db.Run("BEGIN");
  own.AddResult("without-us");
  CHECK(own.Commit().empty());
  CHECK(own.Results() == "without-us");
  own.db.Run("BEGIN");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  own.db.Run("ROLLBACK");
}

TEST_CASE("a claim that is not the newest is fenced at the lock, and the others go on") {
  OwnTransactions own;
  const ClaimToken old = own.group.MustClaim(Orders(0));
  const ClaimToken mine = own.group.MustClaim(Orders(1));
  REQUIRE(own.group.Claim(Orders(0), Any{}, Member("thief")).outcome.Ok());
  own.db.Run("BEGIN");
  // Not in the order of their keys.
  const std::vector<Claimed> claims = {{Orders(1), mine}, {Orders(0), old}, {Orders(2), mine}};
  const auto answers = own.positions->Lock(claims, Soon());
  REQUIRE(answers);
  CHECK((*answers)[0].outcome.Ok());
  CHECK((*answers)[1].outcome.code == OutcomeCode::kFenced);
  REQUIRE((*answers)[1].outcome.holder);
  CHECK((*answers)[1].outcome.holder->owner.name == "thief");
  CHECK((*answers)[2].outcome.code == OutcomeCode::kFenced);
  const Status all = AllApplied(answers);
  REQUIRE_FALSE(all);
  CHECK(Says(all.error(), "thief"));
  CHECK(own.MoveError(First(Orders(0), 5, old)).code == ErrorCode::kInvalidArgument);
  CHECK(AllApplied(own.Move({First(Orders(1), 5, mine)})));
  CHECK(own.Commit().empty());
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
  CHECK(own.group.PositionOf(Orders(1)) == 5);
}

TEST_CASE("claims that were released, set over or removed are fenced, and nothing is in the way") {
  OwnTransactions own;
  const ClaimToken released = own.group.MustClaim(Orders(0));
  REQUIRE(own.group.Release(Orders(0), released).Ok());
  const ClaimToken set = own.group.MustClaim(Orders(1));
  REQUIRE(own.group.Commit(Set(Orders(1), 3), Operator()).Ok());
  const ClaimToken removed = own.group.MustClaim(Orders(2));
  REQUIRE(own.group.Remove(Orders(2)).Ok());
  const std::vector<Claimed> claims = {
      {Orders(0), released}, {Orders(1), set}, {Orders(2), removed}};
  own.db.Run("BEGIN");
  const auto answers = own.positions->Lock(claims, Soon());
  REQUIRE(answers);
  for (const LockAnswer& answer : *answers) CHECK(answer.outcome.code == OutcomeCode::kFenced);
  own.AddResult("mine");
  CHECK(own.Commit().empty());
}

TEST_CASE("a batch that was applied already is refused and cannot be committed") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  REQUIRE(own.group.Commit(Advance(Orders(0), 5, claim)).Ok());
  for (const std::string result : {"first", "second"}) {
    const bool is_first = result == "first";
    own.db.Run("BEGIN");
    CHECK(own.Lock(Orders(0), claim).outcome.Ok());
    own.AddResult(result);
    const auto answers = own.Move({FromTo(Orders(0), 5, 9, claim)});
    REQUIRE(answers);
    CHECK(answers->front().code == (is_first ? OutcomeCode::kApplied : OutcomeCode::kConflict));
    CHECK(own.Commit().empty() == is_first);
  }
  CHECK(own.Results() == "first");
  CHECK(own.group.PositionOf(Orders(0)) == 9);
}

TEST_CASE("a move from another position than the stored one is refused") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  REQUIRE(own.group.Commit(Advance(Orders(0), 5, claim)).Ok());
  const std::vector<Move> wrong = {
      FromTo(Orders(0), 4, 9, claim), FromTo(Orders(0), 6, 9, claim), First(Orders(0), 9, claim)};
  for (const Move& move : wrong) {
    own.db.Run("BEGIN");
    CHECK(own.Lock(Orders(0), claim).outcome.Ok());
    own.AddResult("x");
    const auto answers = own.Move({move});
    REQUIRE(answers);
    REQUIRE(answers->front().code == OutcomeCode::kConflict);
    CHECK(std::get<Entry>(answers->front().conflict->stored).position == Position(5));
    CHECK(Says(own.MoveError(move), "refused"));
    CHECK_FALSE(own.Commit().empty());
  }
  CHECK(own.Results().empty());
  CHECK(own.group.PositionOf(Orders(0)) == 5);
}

TEST_CASE("of a batch all positions move or none") {
  OwnTransactions own;
  const ClaimToken first = own.group.MustClaim(Orders(0));
  const ClaimToken second = own.group.MustClaim(Orders(1));
  const std::vector<Claimed> claims = {{Orders(0), first}, {Orders(1), second}};
  own.db.Run("BEGIN");
  REQUIRE(AllApplied(own.positions->Lock(claims, Soon())));
  const auto answers = own.Move({FromTo(Orders(1), 3, 5, second), First(Orders(0), 5, first)});
  REQUIRE(answers);
  CHECK((*answers)[0].code == OutcomeCode::kConflict);
  CHECK((*answers)[1].code == OutcomeCode::kNotApplied);
  CHECK_FALSE(own.Commit().empty());
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
}

TEST_CASE("who claims a locked partition waits, and gets the position that was committed") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  const ClaimToken other = own.group.MustClaim(Orders(1));
  const ClaimRequest request = Request(Orders(0));
  own.db.Run("BEGIN");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  const auto early = own.store->Claim("billing", std::span(&request, 1), Member("next"), In(200ms));
  REQUIRE_FALSE(early);
  CHECK(early.error().code == ErrorCode::kDeadlineExceeded);
  // Other partitions are free meanwhile.
  CHECK(own.group.Commit(Advance(Orders(1), 3, other)).Ok());
  CHECK(AllApplied(own.Move({First(Orders(0), 5, claim)})));
  CHECK(own.Commit().empty());
  CHECK(PositionIn(own.group.Claim(Orders(0), Any{}, Member("next")).slot) == 5);
  own.db.Run("BEGIN");
  CHECK(own.Lock(Orders(0), claim).outcome.code == OutcomeCode::kFenced);
  own.db.Run("ROLLBACK");
}

TEST_CASE("a lock waits for a claim that is under way, sees it, and gives up at its deadline") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  PostgresClient other(own.tables.server);
  other.Run("BEGIN");
  other.Run("UPDATE " + own.tables.positions() + " SET counter = counter + 1");
  own.db.Run("BEGIN");
  const auto early = own.positions->Lock(std::vector<Claimed>{{Orders(0), claim}}, In(200ms));
  REQUIRE_FALSE(early);
  CHECK(early.error().code == ErrorCode::kDeadlineExceeded);
  // The connection stays of use.
  own.db.Run("ROLLBACK");
  own.db.Run("BEGIN");
  std::thread committing([&] {
    const std::string waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = " +
                                std::to_string(PQbackendPID(own.db.get()));
    PostgresClient watching(own.tables.server);
    (void)Eventually([&] { return watching.Ask(waiting) == "1"; });
    other.Run("COMMIT");
  });
  const auto answers = own.positions->Lock(std::vector<Claimed>{{Orders(0), claim}}, Soon());
  committing.join();
  REQUIRE(answers);
  CHECK(answers->front().outcome.code == OutcomeCode::kFenced);
}

TEST_CASE("a group goes from the plain store to transactions and back") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  REQUIRE(own.group.Commit(Advance(Orders(0), 5, claim)).Ok());
  own.db.Run("BEGIN");
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
    own.db.Run("BEGIN");
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

TEST_CASE("ten thousand partitions move in one transaction") {
  OwnTransactions own;
  const auto partitions = PartitionsOf("orders", 10'000);
  std::vector<ClaimRequest> requests;
  for (const TopicPartition& at : partitions) requests.push_back(Request(at));
  std::vector<Claimed> claims;
  std::vector<Move> moves;
  for (const ClaimResult& claimed : own.group.ClaimAll(requests)) {
    claims.push_back({claimed.outcome.at, claimed.token});
    moves.push_back(First(claimed.outcome.at, 7, claimed.token));
  }
  own.db.Run("BEGIN");
  REQUIRE(AllApplied(own.positions->Lock(claims, Soon())));
  REQUIRE(AllApplied(own.Move(moves)));
  CHECK(own.Commit().empty());
  CHECK(own.group.PositionOf(partitions.back()) == 7);
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

TEST_CASE("a commit of ours refuses what was locked and not moved, and what has failed") {
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
  own.db.Run("ALTER TABLE " + own.results + " ADD CHECK (total <> 'bad')");
  REQUIRE(own.positions->Begin(Soon()));
  CHECK_FALSE(own.Try("INSERT INTO " + own.results + " VALUES ('bad')").empty());
  CHECK(Says(own.positions->Commit(Soon()).error(), "failed already"));
  own.positions->Rollback();
  CHECK(own.Results().empty());
}

TEST_CASE("a deferred constraint of the results that is violated rolls the batch back") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.Run("ALTER TABLE " + own.results + " ADD COLUMN of text REFERENCES " + own.results +
             " DEFERRABLE INITIALLY DEFERRED");
  REQUIRE(own.positions->Begin(Soon()));
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  own.db.Run("INSERT INTO " + own.results + " VALUES ('a', 'missing')");
  CHECK(AllApplied(own.Move({First(Orders(0), 5, claim)})));
  const Status refused = own.positions->Commit(Soon());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kInvalidArgument);
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
  CHECK(own.positions->Begin(Soon()));
}

}  // namespace
}  // namespace offsetstore::testing
