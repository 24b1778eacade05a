// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Handlers that meddle with the transaction, and connections that do not fit: a clear refusal each,
// and results and position stay together.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "transaction_support.h"

namespace offsetstore::testing {
namespace {

/// A batch whose handler meddles after its first result.
struct Meddled {
  explicit Meddled(const std::function<void(OwnTransactions&)>& handler,
                   const std::string& begin = "BEGIN") {
    own.db.Run(begin);
    REQUIRE(own.Lock(Orders(0), claim).outcome.Ok());
    own.AddResult("first");
    handler(own);
    move = own.Move({First(Orders(0), 5, claim)});
  }

  void CheckNothingHappened() {
    own.Try("COMMIT");
    CHECK(own.Results().empty());
    CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
    own.Try("ROLLBACK");
    // And the same claim goes on.
    own.db.Run("BEGIN");
    CHECK(own.Lock(Orders(0), claim).outcome.Ok());
    own.AddResult("again");
    CHECK(AllApplied(own.Move({First(Orders(0), 5, claim)})));
    CHECK(own.Commit().empty());
    CHECK(own.Results() == "again");
    CHECK(own.group.PositionOf(Orders(0)) == 5);
  }

  OwnTransactions own;
  ClaimToken claim = own.group.MustClaim(Orders(0));
  Answers<Outcome> move = MakeError(ErrorCode::kInternal, "not moved");
};

void CheckRefused(const Meddled& meddled, const std::string& words) {
  REQUIRE_FALSE(meddled.move);
  CHECK(meddled.move.error().code == ErrorCode::kInvalidArgument);
  CHECK(meddled.move.error().operation == "move");
  CHECK_MESSAGE(Says(meddled.move.error(), words), meddled.move.error().message);
}

TEST_CASE("a handler that commits by itself loses its results and not its records") {
  Meddled meddled([](OwnTransactions& own) {
    CHECK(Tells(own.Commit(), "a handler must not commit by itself"));
  });
  CheckRefused(meddled, "no transaction is open");
  meddled.CheckNothingHappened();
}

TEST_CASE("a handler that commits by itself and begins again is refused at the move") {
  Meddled meddled([](OwnTransactions& own) {
    CHECK_FALSE(own.Commit().empty());
    own.db.Run("BEGIN");
    own.AddResult("second");
  });
  CheckRefused(meddled, "not the transaction of the lock");
  meddled.CheckNothingHappened();
}

TEST_CASE("so is one that commits and chains") {
  Meddled meddled([](OwnTransactions& own) {
    CHECK(Tells(own.Try("COMMIT AND CHAIN"), "COMMIT refused"));
    own.Try("BEGIN");
    own.Try("INSERT INTO " + own.results + " VALUES ('second')");
  });
  CheckRefused(meddled, "not the transaction of the lock");
  meddled.CheckNothingHappened();
}

TEST_CASE("a handler that rolls back is refused at the move") {
  Meddled meddled([](OwnTransactions& own) { own.db.Run("ROLLBACK"); });
  CheckRefused(meddled, "no transaction is open");
  meddled.CheckNothingHappened();
}

TEST_CASE("a handler that rolls back and begins again is refused at the move") {
  Meddled meddled([](OwnTransactions& own) {
    own.db.Run("ROLLBACK");
    own.db.Run("BEGIN");
    own.AddResult("second");
  });
  CheckRefused(meddled, "not the transaction of the lock");
  meddled.CheckNothingHappened();
}

TEST_CASE("a failed statement that the handler passes over is told at the move") {
  Meddled meddled([](OwnTransactions& own) { CHECK_FALSE(own.Try("SELECT 1 / 0").empty()); });
  CheckRefused(meddled, "failed already");
  meddled.CheckNothingHappened();
}

TEST_CASE("another isolation level in the middle of a batch is refused by the server and told") {
  Meddled meddled([](OwnTransactions& own) {
    CHECK_FALSE(own.Try("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").empty());
  });
  CheckRefused(meddled, "failed already");
  meddled.CheckNothingHappened();
}

TEST_CASE("a handler that goes back to a savepoint from before the lock is refused at the move") {
  Meddled meddled([](OwnTransactions& own) { own.db.Run("ROLLBACK TO SAVEPOINT before"); },
                  "BEGIN; SAVEPOINT before");
  CheckRefused(meddled, "savepoint from before the lock");
  meddled.CheckNothingHappened();
}

TEST_CASE("a handler that closes all cursors is refused at the move") {
  Meddled meddled([](OwnTransactions& own) { own.db.Run("CLOSE ALL"); });
  CheckRefused(meddled, "cursors");
  meddled.CheckNothingHappened();
}

TEST_CASE("a savepoint that is left open is committed with the rest") {
  Meddled meddled([](OwnTransactions& own) {
    own.db.Run("SAVEPOINT mine");
    own.AddResult("inside");
  });
  CHECK(AllApplied(meddled.move));
  CHECK(meddled.own.Commit().empty());
  CHECK(meddled.own.Results() == "first inside");
  CHECK(meddled.own.group.PositionOf(Orders(0)) == 5);
}

TEST_CASE("savepoints, DDL, cursors and settings of a handler do no harm") {
  Meddled meddled([](OwnTransactions& own) {
    own.db.Run("SAVEPOINT a");
    CHECK_FALSE(own.Try("SELECT 1 / 0").empty());
    own.db.Run("ROLLBACK TO SAVEPOINT a; RELEASE SAVEPOINT a");
    own.db.Run("CREATE TEMP TABLE more (x int) ON COMMIT DROP; INSERT INTO more VALUES (1)");
    own.db.Run("DECLARE mine CURSOR FOR SELECT 1; FETCH mine; CLOSE mine");
    own.db.Run("SET LOCAL search_path = pg_temp; SET LOCAL bytea_output = escape; RESET ALL");
  });
  CHECK(AllApplied(meddled.move));
  CHECK(meddled.own.Commit().empty());
  CHECK(meddled.own.Results() == "first");
  CHECK(meddled.own.group.PositionOf(Orders(0)) == 5);
}

TEST_CASE("a handler that throws leaves a transaction that cannot be committed") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.Run("BEGIN");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  own.AddResult("half");
  own.positions.reset();
  CHECK(Tells(own.Commit(), "COMMIT refused"));
  CHECK(own.Results().empty());
}

TEST_CASE("a session that was ended is unavailable, and nothing is applied") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.Run("BEGIN");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  own.AddResult("half");
  PostgresClient(own.tables.server)
      .Run("SELECT pg_terminate_backend(" + std::to_string(PQbackendPID(own.db.get())) + ")");
  const auto answers = own.Move({First(Orders(0), 5, claim)});
  REQUIRE_FALSE(answers);
  CHECK(answers.error().code == ErrorCode::kUnavailable);
  CHECK(own.LockError(claim).code == ErrorCode::kUnavailable);
  CHECK_FALSE(own.positions->Commit(Soon()));
  own.positions->Rollback();
  CHECK(own.Results().empty());
  CHECK(own.group.Claim(Orders(0)).outcome.Ok());
}

TEST_CASE("without a transaction nothing is locked and nothing moves") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  const Error lock = own.LockError(claim);
  CHECK(lock.code == ErrorCode::kInvalidArgument);
  CHECK(Says(lock, "no transaction is open"));
  CHECK(lock.operation == "lock");
  CHECK(Says(own.MoveError(First(Orders(0), 5, claim)), "lock first"));
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
}

TEST_CASE("steps that are left out or made twice are refused") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  const Move move = First(Orders(0), 5, claim);
  own.db.Run("BEGIN");
  CHECK(Says(own.MoveError(move), "lock first"));
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  CHECK(Says(own.LockError(claim), "locked in this transaction already"));
  CHECK_FALSE(own.Commit().empty());
  own.db.Run("BEGIN");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  CHECK(AllApplied(own.Move({move})));
  CHECK(Says(own.MoveError(move), "moved already"));
  CHECK(Says(own.LockError(claim), "moved already"));
  CHECK_FALSE(own.Commit().empty());
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
}

TEST_CASE("a malformed move is refused before anything is written") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.Run("BEGIN");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  CHECK(Says(own.MoveError(Advance(Orders(0), 5, claim)), "`from`"));
  CHECK(Says(own.MoveError(FromTo(Orders(0), 5, 5, claim)), "does not go forward"));
  CHECK(Says(own.MoveError(First(Orders(1), 5, claim)), "was not locked"));
  CHECK(AllApplied(own.Move({First(Orders(0), 5, claim)})));
  CHECK(own.Commit().empty());
}

TEST_CASE("a row that somebody edited by hand fails alone, naming what is wrong") {
  OwnTransactions own;
  const ClaimToken edited = own.group.MustClaim(Orders(0));
  const ClaimToken fine = own.group.MustClaim(Orders(1));
  own.db.Run("UPDATE " + own.tables.positions() + " SET position = -7 WHERE part = 0");
  own.db.Run("BEGIN");
  const std::vector<Claimed> claims = {{Orders(0), edited}, {Orders(1), fine}};
  const auto answers = own.positions->Lock(claims, Soon());
  REQUIRE(answers);
  REQUIRE((*answers)[0].outcome.error);
  CHECK((*answers)[0].outcome.error->code == ErrorCode::kCorrupt);
  CHECK(Says(*(*answers)[0].outcome.error, "'-7'"));
  CHECK(AllApplied(own.Move({First(Orders(1), 5, fine)})));
  CHECK(own.Commit().empty());
}

TEST_CASE("a row that somebody edits inside the transaction is refused at the move") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  for (const std::string edit : {"position = 3", "counter = counter + 1", "released = 1"}) {
    own.db.Run("BEGIN");
    CHECK(own.Lock(Orders(0), claim).outcome.Ok());
    own.db.Run("UPDATE " + own.tables.positions() + " SET " + edit);
    CHECK_FALSE(AllApplied(own.Move({First(Orders(0), 5, claim)})));
    CHECK_FALSE(own.Commit().empty());
  }
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
}

TEST_CASE("a trigger that keeps the row from being written is told") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  const std::string function = own.tables.stem + "_keep()";
  own.db.Run("CREATE FUNCTION " + function +
             " RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$");
  own.db.Run("CREATE TRIGGER keep BEFORE UPDATE ON " + own.tables.positions() +
             " FOR EACH ROW EXECUTE FUNCTION " + function);
  own.db.Run("BEGIN");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  const Status moved = AllApplied(own.Move({First(Orders(0), 5, claim)}));
  REQUIRE_FALSE(moved);
  CHECK(moved.error().code == ErrorCode::kCorrupt);
  CHECK(Says(moved.error(), "trigger"));
  CHECK_FALSE(own.Commit().empty());
  own.db.Run("DROP FUNCTION " + function + " CASCADE");
}

}  // namespace
}  // namespace offsetstore::testing
