// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Another client than libpq's pipelines: one that speaks text, one statement at a time.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "transaction_support.h"

namespace offsetstore::testing {
namespace {

/// The plainest of clients, which does not know whether a transaction is open.
struct TextPort final : PostgresPort {
  explicit TextPort(PGconn* on) : connection(on) {}

  [[nodiscard]] Result<Rows> Execute(const std::string& statement,
                                     std::span<const Value> parameters,
                                     Deadline /*deadline*/) override {
    std::vector<const char*> values;
    for (const Value& value : parameters) values.push_back(value ? value->c_str() : nullptr);
    PGresult* result = PQexecParams(connection,
                                    statement.c_str(),
                                    static_cast<int>(values.size()),
                                    nullptr,
                                    values.data(),
                                    nullptr,
                                    nullptr,
                                    0);
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    Result<Rows> rows = state == nullptr ? Result<Rows>(ToRows(result))
                                         : PostgresRefusal(state, PQresultErrorMessage(result));
    PQclear(result);
    return rows;
  }

  static Rows ToRows(const PGresult* result) {
    Rows rows(static_cast<std::size_t>(PQntuples(result)));
    for (int row = 0; row < PQntuples(result); ++row) {
      for (int column = 0; column < PQnfields(result); ++column) {
        Value value;
        if (PQgetisnull(result, row, column) == 0) value = PQgetvalue(result, row, column);
        rows[static_cast<std::size_t>(row)].push_back(std::move(value));
      }
    }
    return rows;
  }

  PGconn* connection;
};

struct Ported : OwnTransactions {
  Ported() {
    auto opened = OpenPostgresTransactional(port, Options(), store->Info(), "billing", Soon());
    if (!opened) throw std::runtime_error("open: " + ToString(opened.error()));
    positions = *std::move(opened);
  }
  ~Ported() { positions.reset(); }
  TextPort port{db.get()};
};

TEST_CASE("through a port of text results and position are committed together") {
  Ported own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.Run("BEGIN");
  CHECK(std::holds_alternative<Absent>(own.Lock(Orders(0), claim).slot));
  own.AddResult("a");
  CHECK(AllApplied(own.Move({First(Orders(0), 7, claim)})));
  CHECK(own.Commit().empty());
  CHECK(own.Results() == "a");
  CHECK(own.group.PositionOf(Orders(0)) == 7);
}

TEST_CASE("names and values of any shape go through a port of text and come back whole") {
  Ported own;
  const TopicPartition awkward{"a\"b\\c,{d} NULL é", 2};
  const ClaimToken claim = own.group.MustClaim(awkward);
  const std::string metadata("\0\\x\"{}\xff,", 8);
  Move move = WithMetadata(First(awkward, Position::kMax - 1, claim), metadata);
  move.leader_epoch = 7;
  move.topic_id = "NULL";
  own.db.Run("BEGIN");
  CHECK(own.Lock(awkward, claim).outcome.Ok());
  CHECK(AllApplied(own.Move({move})));
  CHECK(own.Commit().empty());
  const Entry stored = own.group.EntryOf(awkward);
  CHECK(stored.position == move.to);
  CHECK(stored.metadata == metadata);
  CHECK(stored.leader_epoch == 7);
  CHECK(stored.topic_id == "NULL");
  own.db.Run("BEGIN");
  const Slot slot = own.Lock(awkward, claim).slot;
  REQUIRE(std::holds_alternative<Entry>(slot));
  CHECK(std::get<Entry>(slot) == stored);
}

TEST_CASE("a port on a connection without a transaction is refused, and nothing moves") {
  Ported own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  CHECK(Says(own.LockError(claim), "no transaction is open"));
  // The handler ends the transaction and does not look at what became of it.
  own.db.Run("BEGIN");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  CHECK_FALSE(own.Commit().empty());
  CHECK(Says(own.MoveError(First(Orders(0), 5, claim)), "not the transaction of the lock"));
  CHECK(own.group.PositionOf(Orders(0)) == std::nullopt);
}

TEST_CASE("a port's failed transaction, refused move and second lock are told") {
  Ported own;
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  own.db.Run("BEGIN");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  CHECK(Says(own.LockError(claim), "locked in this transaction already"));
  CHECK(Says(own.LockError(claim), "failed already"));
  own.db.Run("ROLLBACK");
  own.db.Run("BEGIN");
  CHECK(own.Lock(Orders(0), claim).outcome.Ok());
  const auto answers = own.Move({FromTo(Orders(0), 3, 5, claim)});
  REQUIRE(answers);
  CHECK(answers->front().code == OutcomeCode::kConflict);
  CHECK_FALSE(own.Commit().empty());
}

TEST_CASE("a port's client begins and ends its transactions itself") {
  const Ported own;
  CHECK(own.positions->Begin(Soon()).error().code == ErrorCode::kUnsupported);
  CHECK(own.positions->Commit(Soon()).error().code == ErrorCode::kUnsupported);
}

TEST_CASE("a port that gives other rows than the statement has is an error and no position") {
  struct Wrong final : PostgresPort {
    Result<Rows> Execute(const std::string& /*statement*/,
                         std::span<const Value> /*parameters*/,
                         Deadline /*deadline*/) override {
      return rows;
    }
    Rows rows;
  };
  const OwnTransactions own;
  Wrong port;
  for (const PostgresPort::Rows& rows :
       {PostgresPort::Rows{}, PostgresPort::Rows{{"1"}}, PostgresPort::Rows{{"one", "UTF8"}}}) {
    port.rows = rows;
    const auto opened =
        OpenPostgresTransactional(port, own.Options(), own.store->Info(), "billing", Soon());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::kInternal);
  }
}

}  // namespace
}  // namespace offsetstore::testing
