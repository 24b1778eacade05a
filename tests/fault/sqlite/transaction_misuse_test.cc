// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Handlers that meddle with the transaction, and connections that do not fit: a clear refusal each,
// and results and position stay together.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <functional>
#include <string>
#include <vector>

#include "transaction_support.h"

namespace offsetstore::testing {
namespace {

/// A batch whose handler does `sql` after its first result.
struct Meddled {
  explicit Meddled(const std::function<void(OwnTransactions&)>& handler,
                   const char* begin = "BEGIN IMMEDIATE") {
    own.db.exec(begin);
    REQUIRE(own.Lock(Orders(0), claim).outcome.Ok());
    own.AddResult("first");
    handler(own);
    move = own.Move({First(Orders(0), 5, claim)});
  }

  void CheckNothingHappened() {
    CHECK(own.Results().empty());
    CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
    own.Try("ROLLBACK");
    // And the same claim goes on.
    own.db.exec("BEGIN IMMEDIATE");
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
    own.db.exec("BEGIN IMMEDIATE");
    own.AddResult("second");
  });
  CheckRefused(meddled, "not the transaction of the lock");
  meddled.CheckNothingHappened();
}

TEST_CASE("so is one that commits by the release of the outermost savepoint") {
  Meddled meddled(
      [](OwnTransactions& own) { CHECK(Tells(own.Try("RELEASE outermost"), "COMMIT refused")); },
      "SAVEPOINT outermost");
  CheckRefused(meddled, "not the transaction of the lock");
  meddled.CheckNothingHappened();
}

TEST_CASE("a handler that rolls back is refused at the move") {
  Meddled meddled([](OwnTransactions& own) { own.db.exec("ROLLBACK"); });
  CheckRefused(meddled, "no transaction is open");
  meddled.CheckNothingHappened();
}

TEST_CASE("a handler that rolls back and begins again is refused at the move") {
  Meddled meddled([](OwnTransactions& own) {
    own.db.exec("ROLLBACK; BEGIN IMMEDIATE");
    own.AddResult("second");
  });
  CheckRefused(meddled, "not the transaction of the lock");
  meddled.CheckNothingHappened();
}

TEST_CASE("a failed statement that rolls back is told at the move") {
  Meddled meddled([](OwnTransactions& own) {
    CHECK_FALSE(own.Try("INSERT OR ROLLBACK INTO results (id) SELECT id FROM results").empty());
  });
  CheckRefused(meddled, "no transaction is open");
  meddled.CheckNothingHappened();
}

TEST_CASE("a savepoint that is left open is committed with the rest") {
  Meddled meddled([](OwnTransactions& own) {
    own.db.exec("SAVEPOINT mine");
    own.AddResult("inside");
  });
  CHECK(AllApplied(meddled.move));
  CHECK(meddled.own.Commit().empty());
  CHECK(meddled.own.Results() == "first inside");
  CHECK(meddled.own.group.PositionOf(Orders(0)) == 5);
}

TEST_CASE("savepoints, DDL and pragmas of a handler do no harm") {
  Meddled meddled([](OwnTransactions& own) {
    own.db.exec("SAVEPOINT a; INSERT INTO results (total) VALUES ('undone'); ROLLBACK TO a");
    own.db.exec("RELEASE a; CREATE TABLE more (x); INSERT INTO more VALUES (1)");
    own.db.exec("PRAGMA read_uncommitted = ON; PRAGMA query_only = OFF");
    own.Try("PRAGMA journal_mode = DELETE");
    CHECK_FALSE(own.Try("INSERT INTO results (id) SELECT id FROM results").empty());
  });
  CHECK(AllApplied(meddled.move));
  CHECK(meddled.own.Commit().empty());
  CHECK(meddled.own.Results() == "first");
  CHECK(meddled.own.group.PositionOf(Orders(0)) == 5);
}

TEST_CASE("a handler that throws leaves a transaction that cannot be committed") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.exec("BEGIN IMMEDIATE");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  own.AddResult("half");
  own.positions.reset();
  CHECK(Tells(own.Commit(), "COMMIT refused"));
  CHECK(own.Results().empty());
}

TEST_CASE("without a transaction nothing is locked and nothing moves") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  const Error lock = own.LockError(claim);
  CHECK(lock.code == ErrorCode::kInvalidArgument);
  CHECK(Says(lock, "BEGIN IMMEDIATE"));
  CHECK(lock.operation == "lock");
  CHECK(Says(own.MoveError(First(Orders(0), 5, claim)), "no transaction is open"));
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
}

TEST_CASE("steps that are left out, made twice or out of order are refused") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  const Move move = First(Orders(0), 5, claim);
  own.db.exec("BEGIN IMMEDIATE");
  CHECK(Says(own.MoveError(move), "not the transaction of the lock"));
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  CHECK(Says(own.LockError(claim), "locked in this transaction already"));
  CHECK(AllApplied(own.Move({move})));
  CHECK(Says(own.MoveError(move), "moved already"));
  CHECK(Says(own.LockError(claim), "moved already"));
  CHECK(own.Commit().empty());
  CHECK(own.group.PositionOf(Orders(0)) == 5);
}

TEST_CASE("a malformed move is refused before anything is written") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  const ClaimToken other = own.group.MustClaim(Orders(1));
  own.db.exec("BEGIN IMMEDIATE");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  CHECK(Says(own.MoveError(Advance(Orders(0), 5, claim)), "`from`"));
  CHECK(Says(own.MoveError(Advance(Orders(0), 5, {}, From(Absent{}))), "under a claim"));
  CHECK(Says(own.MoveError(Rewind(Orders(0), 5, claim)), "no advance"));
  CHECK(Says(own.MoveError(FromTo(Orders(0), 5, 5, claim)), "does not go forward"));
  CHECK(Says(own.MoveError(First(Orders(1), 5, other)), "was not locked"));
  CHECK(Says(own.MoveError(First(Orders(0), 5, other)), "another claim"));
  CHECK(AllApplied(own.Move({First(Orders(0), 5, claim)})));
  CHECK(own.Commit().empty());
}

TEST_CASE("a deferred transaction that read before somebody else wrote is refused") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.exec("BEGIN; SELECT count(*) FROM results");
  REQUIRE(own.group.Commit(Advance(Orders(0), 5, claim)).Ok());
  const Error error = own.LockError(claim);
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK(Says(error, "BEGIN IMMEDIATE"));
  own.db.exec("ROLLBACK");
}

TEST_CASE("another writer is waited for until the deadline") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  SQLite::Database other = Connect(own.path);
  other.exec("BEGIN IMMEDIATE");
  own.db.setBusyTimeout(0);
  own.db.exec("BEGIN");
  const auto answers = own.positions->Lock(std::vector<Claimed>{{Orders(0), claim}},
                                           Deadline::After(std::chrono::milliseconds(50)));
  REQUIRE_FALSE(answers);
  CHECK(answers.error().code == ErrorCode::kDeadlineExceeded);
  other.exec("ROLLBACK");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
}

Error OpenRefusal(SQLite::Database& db, const StoreInfo& store) {
  const auto opened = OpenSqliteTransactional(db.getHandle(), store, "billing", Soon());
  if (opened) throw std::runtime_error("it opened");
  return opened.error();
}

TEST_CASE("a connection to another database than the store's is refused") {
  const OwnTransactions own;
  const OwnTransactions other;
  SQLite::Database db = Connect(other.path);
  const Error error = OpenRefusal(db, own.store->Info());
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Says(error, own.store->Info().store_id));
  CHECK(Says(error, other.store->Info().store_id));
  SQLite::Database empty = Connect(own.folder / "empty.db");
  CHECK(OpenRefusal(empty, own.store->Info()).code == ErrorCode::kConfigInvalid);
}

TEST_CASE("a database that became another one is refused at the lock") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.exec("UPDATE offsetstore_meta SET value = 'x' WHERE key = 'store-id'; BEGIN IMMEDIATE");
  CHECK(own.LockError(claim).code == ErrorCode::kConfigInvalid);
  own.db.exec("ROLLBACK");
}

TEST_CASE("a database that was replaced while it was open is refused at the lock") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  std::filesystem::rename(own.path, own.folder / "away.db");
  own.db.exec("BEGIN IMMEDIATE");
  CHECK(own.LockError(claim).code == ErrorCode::kUnavailable);
  own.db.exec("ROLLBACK");
}

TEST_CASE("a read-only database is refused") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  SQLite::Database reading(own.path.string(), SQLite::OPEN_READONLY);
  CHECK(OpenRefusal(reading, own.store->Info()).code == ErrorCode::kPermissionDenied);
  own.db.exec("PRAGMA query_only = ON; BEGIN");
  CHECK(own.LockError(claim).code == ErrorCode::kPermissionDenied);
  own.db.exec("ROLLBACK");
}

TEST_CASE("a store that cannot share a transaction is refused by name") {
  const OwnTransactions own;
  StoreInfo info = own.store->Info();
  info.scheme = "kafka";
  SQLite::Database db = Connect(own.path);
  const Error error = OpenRefusal(db, info);
  CHECK(error.code == ErrorCode::kUnsupported);
  CHECK(Says(error, "kafka"));
}

TEST_CASE("a row that somebody edited by hand fails alone, naming what is wrong") {
  OwnTransactions own;
  const ClaimToken edited = own.group.MustClaim(Orders(0));
  const ClaimToken fine = own.group.MustClaim(Orders(1));
  own.db.exec("UPDATE offsetstore_positions SET position = 'ten' WHERE part = 0; BEGIN IMMEDIATE");
  const std::vector<Claimed> claims = {{Orders(0), edited}, {Orders(1), fine}};
  const auto answers = own.positions->Lock(claims, Soon());
  REQUIRE(answers);
  REQUIRE((*answers)[0].outcome.error);
  CHECK((*answers)[0].outcome.error->code == ErrorCode::kCorrupt);
  CHECK(Says(*(*answers)[0].outcome.error, "'ten'"));
  CHECK(AllApplied(own.Move({First(Orders(1), 5, fine)})));
  CHECK(own.Commit().empty());
}

TEST_CASE("a row that somebody edits inside the transaction is refused at the move") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  for (const char* edit : {"position = 3", "counter = counter + 1", "released = 1"}) {
    own.db.exec("BEGIN IMMEDIATE");
    CHECK(own.Lock(Orders(0), claim).outcome.Ok());
    own.db.exec(std::string("UPDATE offsetstore_positions SET ") + edit);
    const auto answers = own.Move({First(Orders(0), 5, claim)});
    CHECK_FALSE(AllApplied(answers));
    CHECK_FALSE(own.Commit().empty());
  }
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
}

TEST_CASE("a trigger that keeps the row from being written is told") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.exec(
      "CREATE TRIGGER keep BEFORE UPDATE ON offsetstore_positions BEGIN SELECT RAISE(IGNORE); END;"
      "BEGIN IMMEDIATE");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  const Status moved = AllApplied(own.Move({First(Orders(0), 5, claim)}));
  REQUIRE_FALSE(moved);
  CHECK(moved.error().code == ErrorCode::kCorrupt);
  CHECK(Says(moved.error(), "trigger"));
  CHECK_FALSE(own.Commit().empty());
}

}  // namespace
}  // namespace offsetstore::testing
