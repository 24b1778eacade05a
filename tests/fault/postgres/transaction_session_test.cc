// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The caller's session and server under a batch: bounds, isolation levels, rights, a pooler.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "eventually.h"
#include "own_server.h"
#include "transaction_support.h"

namespace offsetstore::testing {
namespace {

using namespace std::chrono_literals;

TEST_CASE("whoever stops inside the transaction is ended, and the rows are free") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  auto positions = OpenPostgresTransactional(
      own.db.get(), own.Options(), own.store->Info(), "billing", Soon(), 100ms);
  REQUIRE(positions);
  own.db.Run("BEGIN");
  CHECK(AllApplied((*positions)->Lock(std::vector<Claimed>{{Orders(0), claim}}, Soon())));
  own.AddResult("half");
  CHECK(own.group.Claim(Orders(0), Any{}, Member("next")).outcome.Ok());
  CHECK_FALSE(own.Commit().empty());
  CHECK(own.Results().empty());
}

TEST_CASE("a batch changes no setting of the session but the bound for idleness, until its end") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.Run("SET lock_timeout = '7s'");
  struct Case {
    const char* before;
    const char* inside;
  };
  for (const Case& bound : {Case{"0", "30s"}, Case{"2s", "2s"}, Case{"1h", "30s"}}) {
    own.db.Run(std::string("SET idle_in_transaction_session_timeout = '") + bound.before + "'");
    own.db.Run("BEGIN");
    CHECK(own.Lock(Orders(0), claim).outcome.Ok());
    CHECK(own.db.Ask("SHOW lock_timeout") == "7s");
    CHECK(own.db.Ask("SHOW idle_in_transaction_session_timeout") == bound.inside);
    own.db.Run("ROLLBACK");
    CHECK(own.db.Ask("SHOW lock_timeout") == "7s");
    CHECK(own.db.Ask("SHOW idle_in_transaction_session_timeout") == bound.before);
  }
  CHECK(own.db.Ask("SELECT count(*) FROM pg_cursors") == "0");
  CHECK(own.db.Ask("SELECT count(*) FROM pg_prepared_statements") == "0");
}

TEST_CASE("every isolation level will do") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  std::int64_t position = 0;
  for (const std::string level : {"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"}) {
    CAPTURE(level);
    own.db.Run("BEGIN ISOLATION LEVEL " + level);
    CHECK(own.Lock(Orders(0), claim).outcome.Ok());
    const Move move = position == 0 ? First(Orders(0), 1, claim)
                                    : FromTo(Orders(0), position, position + 1, claim);
    CHECK(AllApplied(own.Move({move})));
    CHECK(own.Commit().empty());
    ++position;
  }
  CHECK(own.group.PositionOf(Orders(0)) == position);
}

TEST_CASE("what changed since a snapshot cannot be locked, and a new transaction can") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.Run("BEGIN ISOLATION LEVEL REPEATABLE READ");
  own.db.Run("SELECT 1");
  REQUIRE(own.group.Commit(Advance(Orders(0), 5, claim)).Ok());
  const Error error = own.LockError(claim);
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK(error.retry == Retry::kSafe);
  own.db.Run("ROLLBACK");
  own.db.Run("BEGIN ISOLATION LEVEL REPEATABLE READ");
  CHECK(PositionIn(own.Lock(Orders(0), claim).slot) == 5);
}

TEST_CASE("a read-only transaction is refused") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.Run("BEGIN READ ONLY");
  const Error error = own.LockError(claim);
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK(Says(error, "read-only"));
}

TEST_CASE("a connection to another database than the store's, or without its tables, is refused") {
  const OwnTransactions own;
  const OwnTransactions other;
  const auto wrong = OpenPostgresTransactional(
      own.db.get(), other.Options(), own.store->Info(), "billing", Soon());
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == ErrorCode::kConfigInvalid);
  CHECK(Says(wrong.error(), own.store->Info().store_id));
  CHECK(Says(wrong.error(), other.store->Info().store_id));
  PostgresClient elsewhere(WithDatabase(own.tables.server, "postgres"));
  elsewhere.Run("BEGIN");
  const auto missing = own.TryOpen(elsewhere);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::kConfigInvalid);
  // And the caller's transaction goes on.
  CHECK(elsewhere.Ask("SELECT 1") == "1");
}

TEST_CASE("a database that became another one is refused at the lock") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.Run("UPDATE " + own.tables.meta() + " SET value = 'x' WHERE key = 'store-id'");
  own.db.Run("BEGIN");
  CHECK(own.LockError(claim).code == ErrorCode::kConfigInvalid);
  CHECK(Says(own.MoveError(First(Orders(0), 5, claim)), "roll back"));
  CHECK_FALSE(own.Commit().empty());
}

TEST_CASE("other kinds of stores, other encodings and missing rights are refused at open") {
  const OwnTransactions own;
  StoreInfo info = own.store->Info();
  info.scheme = "redis";
  const auto kind = OpenPostgresTransactional(own.db.get(), own.Options(), info, "billing", Soon());
  REQUIRE_FALSE(kind);
  CHECK(kind.error().code == ErrorCode::kUnsupported);
  PostgresClient latin(own.tables.server);
  latin.Run("SET client_encoding = LATIN1");
  const auto encoding = own.TryOpen(latin);
  REQUIRE_FALSE(encoding);
  CHECK(encoding.error().code == ErrorCode::kConfigInvalid);
  CHECK(Says(encoding.error(), "UTF8"));
  const auto rights = own.TryOpen(PostgresClient(WithUser(own.tables.server, "app:app-secret")));
  REQUIRE_FALSE(rights);
  CHECK(rights.error().code == ErrorCode::kPermissionDenied);
}

TEST_CASE("a connection in the middle of a statement is refused and not disturbed") {
  OwnTransactions own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.Run("BEGIN");
  REQUIRE(PQsendQuery(own.db.get(), "SELECT 1") == 1);
  CHECK(Says(own.LockError(claim), "in the middle of a statement"));
  PGresult* result = PQgetResult(own.db.get());
  CHECK(PQresultStatus(result) == PGRES_TUPLES_OK);
  PQclear(result);
  CHECK(PQgetResult(own.db.get()) == nullptr);
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
}

TEST_CASE("it works behind a pooler that lends its sessions by the transaction") {
  const Tables tables;
  const OwnServer pooler{"pgbouncer"};
  const auto store = MustOpen(tables.uri());
  const TestGroup group(*store, "billing");
  const ClaimToken claim = group.MustClaim(Orders(0));
  PostgresOptions options;
  options.table = tables.stem;
  PostgresClient db(pooler.address());
  auto positions = OpenPostgresTransactional(db.get(), options, store->Info(), "billing", Soon());
  REQUIRE(positions);
  for (std::int64_t position = 0; position < 5; ++position) {
    REQUIRE((*positions)->Begin(Soon()));
    CHECK(AllApplied((*positions)->Lock(std::vector<Claimed>{{Orders(0), claim}}, Soon())));
    const std::vector<Move> moves = {position == 0
                                         ? First(Orders(0), 1, claim)
                                         : FromTo(Orders(0), position, position + 1, claim)};
    CHECK(AllApplied((*positions)->Move(moves, Member(), Soon())));
    CHECK((*positions)->Commit(Soon()));
  }
  CHECK(group.PositionOf(Orders(0)) == 5);
  REQUIRE((*positions)->Begin(Soon()));
  CHECK(AllApplied((*positions)->Lock(std::vector<Claimed>{{Orders(0), claim}}, Soon())));
  CHECK_THROWS(db.Run("COMMIT"));
}

}  // namespace
}  // namespace offsetstore::testing
