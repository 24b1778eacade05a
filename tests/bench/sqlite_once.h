// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include "offsetstore/backends/sqlite.h"
#include "once.h"
#include "stores.h"
#include "temp_dir.h"

namespace offsetstore::bench {

/// A database with a store's tables and a table of results, and a connection that writes both.
class SqliteOnce {
 public:
  SqliteOnce() {
    static const testing::TempDir dir;
    static int files = 0;
    const std::string path = (dir.path() / (std::to_string(files++) + ".db")).string();
    store_ = Open("sqlite://" + path);
    held_ = Started(*store_, "bench", 1);
    Require(sqlite3_open(path.c_str(), &db_) == SQLITE_OK, "open");
    const char* prepare =
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE results (part INT NOT NULL, pos INT NOT NULL, value TEXT)";
    Require(sqlite3_exec(db_, prepare, nullptr, nullptr, nullptr) == SQLITE_OK, prepare);
    insert_ = Prepare("INSERT INTO results VALUES (?1, ?2, ?3)");
  }
  SqliteOnce(const SqliteOnce&) = delete;
  SqliteOnce& operator=(const SqliteOnce&) = delete;
  ~SqliteOnce() {
    for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }

  [[nodiscard]] sqlite3* db() const { return db_; }
  [[nodiscard]] Held& held() { return held_; }
  [[nodiscard]] const StoreInfo& info() const { return store_->Info(); }

  sqlite3_stmt* Prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    Require(sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) == SQLITE_OK, sql);
    statements_.push_back(statement);
    return statement;
  }
  static void Run(sqlite3_stmt* statement) {
    Require(sqlite3_step(statement) == SQLITE_DONE, "step");
    sqlite3_reset(statement);
  }
  /// The results of `count` records from `position` on.
  void Insert(std::int64_t position, int count) {
    for (int i = 0; i < count; ++i) {
      sqlite3_bind_int(insert_, 1, 0);
      sqlite3_bind_int64(insert_, 2, position + i);
      sqlite3_bind_text(insert_, 3, kResult.data(), static_cast<int>(kResult.size()), nullptr);
      Run(insert_);
    }
  }

 private:
  std::unique_ptr<OffsetStore> store_;
  Held held_;
  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
  sqlite3_stmt* insert_ = nullptr;
};

/// A whole side: `state.range(0)` rows and one position in each transaction.
inline void OnceIntoSqlite(benchmark::State& state) {
  SqliteOnce database;
  auto positions = OpenSqliteTransactional(database.db(), database.info(), "bench", Soon());
  Require(static_cast<bool>(positions), positions ? "" : ToString(positions.error()));
  MoveInTransactions(state, **positions, database.held(), [&](std::int64_t from, int count) {
    database.Insert(from, count);
  });
}

}  // namespace offsetstore::bench
