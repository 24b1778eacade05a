// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "transactor.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <utility>

#include "offsetstore/backends/sqlite.h"

namespace offsetstore::testing {

Database::Database(const std::string& path) {
  if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) throw std::runtime_error("sqlite3_open");
  sqlite3_busy_timeout(db_, 20'000);
}

Database::~Database() {
  sqlite3_close(db_);
}

int Database::Run(const std::string& sql) {
  return sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
}

std::int64_t Database::Number(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(db_));
  }
  const bool found = sqlite3_step(statement) == SQLITE_ROW;
  const std::int64_t number = found ? sqlite3_column_int64(statement, 0) : -1;
  sqlite3_finalize(statement);
  return number;
}

int Database::Insert(std::span<Record* const> records) {
  int code = SQLITE_OK;
  for (const Record* record : records) {
    code = Run("INSERT INTO results VALUES (" + std::to_string(record->partition()) + ", " +
               std::to_string(record->offset()) + ')');
    if (code != SQLITE_OK) break;
  }
  return code;
}

OnceTopic::OnceTopic(int count) : partitions(count) {
  cluster.CreateTopic("orders", count);
  for (int i = 0; i < count; ++i) Produce(cluster.brokers(), {"orders", i}, kRecords);
  config = Basic("g", "sqlite://" + path(), cluster.brokers());
  config["assign"] = "orders:0-" + std::to_string(count - 1);
  config["offsetstore.delivery"] = "exactly-once";
  config["offsetstore.batch.records"] = "64";
  config["offsetstore.batch.interval"] = "10ms";
  config["offsetstore.on.error.backoff"] = "1ms";
  Database db(path());
  REQUIRE(db.Run("PRAGMA journal_mode=WAL; CREATE TABLE results (part INT, pos INT)") == SQLITE_OK);
}

bool OnceTopic::IsDoneOnce() const {
  return Number("SELECT count(*) FROM results") == total() &&
         Number("SELECT count(*) FROM (SELECT DISTINCT part, pos FROM results)") == total() &&
         Number("SELECT sum(position) FROM offsetstore_positions") == total();
}

Status WriteResults(Database& db, std::span<Record* const> records) {
  if (db.Insert(records) == SQLITE_OK) return {};
  return MakeError(ErrorCode::kUnavailable, sqlite3_errmsg(db.get()));
}

Transactor::Transactor(const OnceTopic& topic, Work work)
    : db_(topic.path()),
      run_(topic.config, [this, work = std::move(work)](Consumer& consumer, std::stop_token stop) {
        return consumer.RunTransactions(
            [this](const StoreInfo& store, const std::string& group, Deadline deadline) {
              return OpenSqliteTransactional(db_.get(), store, group, deadline);
            },
            [&](std::span<Record* const> records) { return work(db_, records); },
            std::move(stop));
      }) {}

}  // namespace offsetstore::testing
