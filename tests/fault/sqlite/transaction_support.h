// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <memory>
#include <string>
#include <vector>

#include "offsetstore/transaction.h"
#include "sqlite_support.h"
#include "temp_dir.h"

namespace offsetstore::testing {

/// An application's own database with its results, the plain store in it, and what moves positions
/// inside the application's transactions.
struct OwnTransactions {
  OwnTransactions()
      : db(Connect(path)), store(MakeStore()), group(*store, "billing"), positions(Open(db)) {}

  [[nodiscard]] std::unique_ptr<TransactionalPositions> Open(
      SQLite::Database& on, const std::string& of_group = "billing") const {
    auto opened = OpenSqliteTransactional(on.getHandle(), store->Info(), of_group, Soon());
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
    db.exec("INSERT INTO results (total) VALUES ('" + result + "')");
  }
  /// What others see of them.
  [[nodiscard]] std::string Results() const {
    return Ask(path, "SELECT ifnull(group_concat(total, ' '), '') FROM results");
  }
  /// What a COMMIT says; empty: it was done.
  [[nodiscard]] std::string Commit() { return Try("COMMIT"); }
  std::string Try(const char* sql) {
    return db.tryExec(sql) == SQLITE_OK ? std::string() : std::string(db.getErrorMsg());
  }

  TempDir folder;
  std::filesystem::path path = folder / "application.db";
  SQLite::Database db;
  std::unique_ptr<OffsetStore> store;
  TestGroup group;
  std::unique_ptr<TransactionalPositions> positions;

 private:
  std::unique_ptr<OffsetStore> MakeStore() {
    db.exec("PRAGMA journal_mode = WAL; CREATE TABLE results (id INTEGER PRIMARY KEY, total TEXT)");
    return MustOpen(At(path));
  }
};

/// Whether SQLite's own words hold `words`.
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
