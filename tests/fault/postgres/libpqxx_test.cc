// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// libpqxx as an example of another client: its own connection, its own transaction object.
#include <doctest/doctest.h>

#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "transaction_support.h"

namespace offsetstore::testing {
namespace {

/// `transaction` is the one that is open at the moment.
struct PqxxPort final : PostgresPort {
  [[nodiscard]] Result<Rows> Execute(const std::string& statement,
                                     std::span<const Value> parameters,
                                     Deadline /*deadline*/) override try {
    std::vector<Value> values(parameters.begin(), parameters.end());
    Rows rows;
    for (const auto& row :
         transaction->exec_params(statement, pqxx::prepare::make_dynamic_params(values))) {
      std::vector<Value>& to = rows.emplace_back();
      for (const auto& field : row) {
        to.push_back(field.is_null() ? Value() : Value(field.c_str()));
      }
    }
    return rows;
  } catch (const pqxx::sql_error& error) {
    return PostgresRefusal(error.sqlstate(), error.what());
  } catch (const std::exception& error) {
    return PostgresRefusal("", error.what());
  }

  pqxx::transaction_base* transaction = nullptr;
};

TEST_CASE("libpqxx moves positions in its own transactions, by a port") {
  const OwnTransactions own;
  pqxx::connection connection(own.tables.server);
  PqxxPort port;
  std::unique_ptr<TransactionalPositions> positions;
  {
    pqxx::work opening(connection);
    port.transaction = &opening;
    auto opened =
        OpenPostgresTransactional(port, own.Options(), own.store->Info(), "billing", Soon());
    REQUIRE(opened);
    positions = *std::move(opened);
  }
  const ClaimToken claim = own.group.MustClaim(Orders(0));
  const std::vector<Claimed> claims = {{Orders(0), claim}};
  const std::vector<Move> moves = {First(Orders(0), 5, claim)};
  {
    pqxx::work batch(connection);
    port.transaction = &batch;
    REQUIRE(AllApplied(positions->Lock(claims, Soon())));
    batch.exec("INSERT INTO " + own.results + " VALUES ('half')");
    CHECK_THROWS_WITH_AS(batch.commit(), doctest::Contains("COMMIT refused"), pqxx::sql_error);
  }
  {
    pqxx::work batch(connection);
    port.transaction = &batch;
    REQUIRE(AllApplied(positions->Lock(claims, Soon())));
    batch.exec("INSERT INTO " + own.results + " VALUES ('whole')");
    REQUIRE(AllApplied(positions->Move(moves, Member(), Soon())));
    batch.commit();
  }
  CHECK(own.Results() == "whole");
  CHECK(own.group.PositionOf(Orders(0)) == 5);
}

}  // namespace
}  // namespace offsetstore::testing
