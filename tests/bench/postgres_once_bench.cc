// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <libpq-fe.h>

#include <array>
#include <string>

#include "offsetstore/backends/postgres.h"
#include "once.h"

namespace offsetstore::bench {
namespace {

constexpr const char* kServer = "OFFSETSTORE_TEST_POSTGRES";

/// A table of results beside a store's tables, and a connection that writes both.
class Database {
 public:
  Database() : store_(Open(ServerOf(kServer))), db_(PQconnectdb(ServerOf(kServer).c_str())) {
    Require(PQstatus(db_) == CONNECTION_OK, PQerrorMessage(db_));
    static int groups = 0;
    group_ = "once-" + std::to_string(groups++) + Nonce::Random().Hex();
    held_ = Started(*store_, group_, 1);
    Run("SET client_min_messages = warning");
    Run("CREATE TABLE IF NOT EXISTS bench_results (part int NOT NULL, pos bigint NOT NULL, value "
        "text)");
    // Runs of both sides begin alike.
    Run("TRUNCATE bench_results");
    Prepare("insert",
            "INSERT INTO bench_results SELECT 0, $1::int8 + i, $3::text"
            " FROM generate_series(0, $2::int4 - 1) AS i");
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { PQfinish(db_); }

  [[nodiscard]] PGconn* db() const { return db_; }
  [[nodiscard]] Held& held() { return held_; }
  [[nodiscard]] const StoreInfo& info() const { return store_->Info(); }
  [[nodiscard]] const std::string& group() const { return group_; }

  void Run(const char* sql) { Check(PQexec(db_, sql), ""); }
  void Prepare(const char* name, const char* sql) {
    Check(PQprepare(db_, name, sql, 0, nullptr), "");
  }
  /// Requires that it touched `rows` rows.
  template <std::size_t N>
  void Execute(const char* name, const std::array<std::string, N>& values, const char* rows) {
    std::array<const char*, N> texts{};
    for (std::size_t i = 0; i < N; ++i) texts[i] = values[i].c_str();
    Check(PQexecPrepared(db_, name, static_cast<int>(N), texts.data(), nullptr, nullptr, 0), rows);
  }
  /// The results of `count` records from `position` on, in one statement.
  void Insert(std::int64_t position, int count) {
    const std::string rows = std::to_string(count);
    Execute(
        "insert", std::array{std::to_string(position), rows, std::string(kResult)}, rows.c_str());
  }

 private:
  void Check(PGresult* result, std::string_view rows) {
    const ExecStatusType status = PQresultStatus(result);
    const bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    Require(fine, PQerrorMessage(db_));
    Require(rows.empty() || PQcmdTuples(result) == rows, "rows");
    PQclear(result);
  }

  std::unique_ptr<OffsetStore> store_;
  std::string group_;
  Held held_;
  PGconn* db_;
};

void Raw(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  Database database;
  const Move& held = database.held().moves.front();
  database.Prepare("move",
                   "UPDATE offsetstore_positions SET position=$1, leader_epoch=NULL,"
                   " metadata=NULL, commit_time=$2, writer=$3 WHERE space='' AND grp=$4 AND"
                   " topic='t' AND part=0 AND counter=1 AND nonce=$5 AND released=0 AND removed=0"
                   " AND position=$6");
  std::int64_t position = held.to.value();
  for (auto _ : state) {
    database.Run("BEGIN");
    database.Insert(position, count);
    database.Execute("move",
                     std::array{std::to_string(position + count),
                                std::to_string(Now().time_since_epoch().count()),
                                std::string(kWriter),
                                database.group(),
                                held.claim->nonce.Hex(),
                                std::to_string(position)},
                     "1");
    database.Run("COMMIT");
    position += count;
  }
  state.SetItemsProcessed(state.iterations() * count);
}

void Ours(benchmark::State& state) {
  Database database;
  const auto uri = ParseUri(ServerOf(kServer));
  Require(static_cast<bool>(uri), "uri");
  const auto options = PostgresOptions::FromUri(*uri);
  Require(static_cast<bool>(options), "options");
  auto positions =
      OpenPostgresTransactional(database.db(), *options, database.info(), database.group(), Soon());
  Require(static_cast<bool>(positions), positions ? "" : ToString(positions.error()));
  MoveInTransactions(state, **positions, database.held(), [&](std::int64_t from, int count) {
    database.Insert(from, count);
  });
}

const OnceRows kRows("postgresql, exactly once",
                     {.name = {},
                      .items = "records",
                      .raw_does = "libpq: `BEGIN`, one `INSERT` of all rows, one `UPDATE` of the "
                                  "same position with the same fence in its `WHERE`, `COMMIT`; "
                                  "prepared once; `fsync=on`",
                      .raw = Raw,
                      .ours = Ours,
                      .server = kServer});

}  // namespace
}  // namespace offsetstore::bench
