// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

namespace offsetstore::testing {

/// The URI of the PostgreSQL that tests/run.sh started, without a query. Ends the program with 77
/// where there is none.
[[nodiscard]] std::string PostgresServer();

/// A value for `table=` that no other call of any process returns.
[[nodiscard]] std::string UniqueStem();

/// A plain connection, as any other program's. Blocks; throws where anything fails.
class PostgresClient {
 public:
  explicit PostgresClient(const std::string& uri);

  /// Runs one or more statements; returns how many rows the last one changed or gave.
  int Run(const std::string& sql);
  /// The first column of the first row, as text; empty for NULL or no row.
  [[nodiscard]] std::string Ask(const std::string& sql);
  [[nodiscard]] PGconn* get() const noexcept { return connection_.get(); }

 private:
  struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };
  struct Clear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
  };
  [[nodiscard]] std::unique_ptr<PGresult, Clear> Execute(const std::string& sql);

  std::unique_ptr<PGconn, Finish> connection_;
};

/// Drops what a store made with `table=stem` in the schema public; says so where it cannot.
void DropTables(const std::string& uri, const std::string& stem) noexcept;

}  // namespace offsetstore::testing
