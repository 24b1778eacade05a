// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include <stdexcept>

#include "offsetstore/backends/sqlite.h"
#include "result_table.h"

namespace offsetstore::testing {
namespace {

constexpr int kBusyMs = 20'000;

class SqliteResults final : public ResultTable {
 public:
  explicit SqliteResults(const std::string& path) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(db_));
    sqlite3_busy_timeout(db_, kBusyMs);
  }
  SqliteResults(const SqliteResults&) = delete;
  SqliteResults& operator=(const SqliteResults&) = delete;
  ~SqliteResults() override {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }

  void Create() override {
    Run("PRAGMA journal_mode = WAL");
    Run("CREATE TABLE IF NOT EXISTS results (part INTEGER NOT NULL, pos INTEGER NOT NULL)");
  }

  [[nodiscard]] Status Write(std::span<Record* const> records) override {
    if (insert_ == nullptr) insert_ = Prepare("INSERT INTO results VALUES (?, ?)");
    for (const Record* record : records) {
      sqlite3_bind_int(insert_, 1, record->partition());
      sqlite3_bind_int64(insert_, 2, record->offset());
      const int code = sqlite3_step(insert_);
      sqlite3_reset(insert_);
      if (code != SQLITE_DONE) return MakeError(ErrorCode::kUnavailable, sqlite3_errmsg(db_));
    }
    return {};
  }

  [[nodiscard]] Result<std::unique_ptr<TransactionalPositions>> Positions(
      const StoreInfo& store, const std::string& group, Deadline deadline) override {
    return OpenSqliteTransactional(db_, store, group, deadline);
  }

  [[nodiscard]] Tally Count() override {
    sqlite3_stmt* count = Prepare(
        "SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT part, pos FROM results)) "
        "FROM results");
    if (sqlite3_step(count) != SQLITE_ROW) throw std::runtime_error(sqlite3_errmsg(db_));
    const Tally tally{.rows = static_cast<std::uint64_t>(sqlite3_column_int64(count, 0)),
                      .distinct = static_cast<std::uint64_t>(sqlite3_column_int64(count, 1))};
    sqlite3_finalize(count);
    return tally;
  }

 private:
  void Run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(db_));
    }
  }
  sqlite3_stmt* Prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(db_));
    }
    return statement;
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

}  // namespace

std::unique_ptr<ResultTable> OpenSqliteResults(const std::string& path) {
  return std::make_unique<SqliteResults>(path);
}

}  // namespace offsetstore::testing
