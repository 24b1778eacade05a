// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "offsetstore/backends/postgres.h"
#include "offsetstore/transaction.h"
#include "postgres_support.h"

namespace offsetstore::testing {

/// An application's own connection and results, the plain store in the same database, and what
/// moves positions inside the application's transactions.
struct OwnTransactions {
  OwnTransactions() { db.Run("CREATE TABLE " + results + " (total text PRIMARY KEY)"); }
  OwnTransactions(const OwnTransactions&) = delete;
  OwnTransactions& operator=(const OwnTransactions&) = delete;
  ~OwnTransactions() {
    positions.reset();
    db = PostgresClient(tables.server);
    db.Run("DROP TABLE " + results);
  }

  [[nodiscard]] PostgresOptions Options() const {
    PostgresOptions options;
    options.table = tables.stem;
    return options;
  }
  [[nodiscard]] Result<std::unique_ptr<TransactionalPositions>> TryOpen(
      const PostgresClient& on, const std::string& of_group = "billing") const {
    return OpenPostgresTransactional(on.get(), Options(), store->Info(), of_group, Soon());
  }
  [[nodiscard]] std::unique_ptr<TransactionalPositions> Open(
      const PostgresClient& on, const std::string& of_group = "billing") const {
    auto opened = TryOpen(on, of_group);
    if (!opened) throw std::runtime_error("open: " + ToString(opened.error()));
    return *std::move(opened);
  }

  /// One locked partition's answer; throws where the call fails as a whole.
  LockAnswer Lock(const TopicPartition& at, const ClaimToken& claim) const {
    auto answers = positions->Lock(std::vector<Claimed>{{at, claim}}, Soon());
    if (!answers) throw std::runtime_error("lock: " + ToString(answers.error()));
    return answers->front();
  }
  /// The error of a lock that must be refused as a whole.
  [[nodiscard]] Error LockError(const ClaimToken& claim) const {
    const auto answers = positions->Lock(std::vector<Claimed>{{Orders(0), claim}}, Soon());
    if (answers) throw std::runtime_error("it locked");
    return answers.error();
  }
  [[nodiscard]] Answers<Outcome> Move(const std::vector<offsetstore::Move>& moves) const {
    return positions->Move(moves, Member(), Soon());
  }
  [[nodiscard]] Error MoveError(const offsetstore::Move& move) const {
    const auto answers = Move({move});
    if (answers) throw std::runtime_error("it answered " + Describe(answers->front()));
    return answers.error();
  }

  void AddResult(const std::string& result) {
    db.Run("INSERT INTO " + results + " VALUES ('" + result + "')");
  }
  /// What others see of them.
  [[nodiscard]] std::string Results() const {
    return PostgresClient(tables.server)
        .Ask("SELECT coalesce(string_agg(total, ' ' ORDER BY total), '') FROM " + results);
  }
  /// What the server says; empty: it was done.
  std::string Try(const std::string& sql) {
    try {
      db.Run(sql);
      return {};
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }
  /// The same of a COMMIT, which in a failed transaction is a rollback without an error.
  [[nodiscard]] std::string Commit() {
    const bool failed = PQtransactionStatus(db.get()) == PQTRANS_INERROR;
    const std::string said = Try("COMMIT");
    return failed && said.empty() ? "rolled back" : said;
  }

  Tables tables;
  std::string results = tables.stem + "_results";
  PostgresClient db{tables.server};
  std::unique_ptr<OffsetStore> store = MustOpen(tables.uri());
  TestGroup group{*store, "billing"};
  std::unique_ptr<TransactionalPositions> positions = Open(db);
};

[[nodiscard]] inline bool Tells(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

[[nodiscard]] inline offsetstore::Move FromTo(const TopicPartition& at,
                                              std::int64_t from,
                                              std::int64_t to,
                                              const ClaimToken& claim) {
  return Advance(at, to, claim, From(Position(from)));
}
[[nodiscard]] inline offsetstore::Move First(const TopicPartition& at,
                                             std::int64_t to,
                                             const ClaimToken& claim) {
  return Advance(at, to, claim, From(Absent{}));
}

}  // namespace offsetstore::testing
