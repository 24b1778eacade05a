// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Exactly once: rows of results and one position in one transaction.
#include <sqlite3.h>

#include "offsetstore/backends/sqlite.h"
#include "stores.h"
#include "temp_dir.h"

namespace offsetstore::bench {
namespace {

const std::string kValue(100, 'x');

/// A database with a store's tables and a table of results, and a connection that writes both.
class Database {
 public:
  Database() {
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
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
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
      sqlite3_bind_text(insert_, 3, kValue.data(), static_cast<int>(kValue.size()), nullptr);
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

void Raw(benchmark::State& state) {
  static constexpr std::string_view kWriter = "member localhost (host localhost, pid 12345)";
  const auto count = static_cast<int>(state.range(0));
  Database database;
  const Move& held = database.held().moves.front();
  const std::string nonce = held.claim->nonce.Hex();
  sqlite3_stmt* begin = database.Prepare("BEGIN IMMEDIATE");
  sqlite3_stmt* update = database.Prepare(
      "UPDATE offsetstore_positions SET position=?1, leader_epoch=NULL, metadata=NULL,"
      " commit_time=?2, writer=?3 WHERE space='' AND grp='bench' AND topic='t' AND part=0"
      " AND counter=1 AND nonce=?4 AND released=0 AND removed=0 AND position=?5");
  sqlite3_stmt* commit = database.Prepare("COMMIT");
  std::int64_t position = held.to.value();
  for (auto _ : state) {
    Database::Run(begin);
    database.Insert(position, count);
    sqlite3_bind_int64(update, 1, position + count);
    sqlite3_bind_int64(update, 2, Now().time_since_epoch().count());
    sqlite3_bind_text(update, 3, kWriter.data(), static_cast<int>(kWriter.size()), nullptr);
    sqlite3_bind_text(update, 4, nonce.data(), static_cast<int>(nonce.size()), nullptr);
    sqlite3_bind_int64(update, 5, position);
    Database::Run(update);
    Require(sqlite3_changes(database.db()) == 1, "update");
    Database::Run(commit);
    position += count;
  }
  state.SetItemsProcessed(state.iterations() * count);
}

void Ours(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  Database database;
  auto positions = OpenSqliteTransactional(database.db(), database.info(), "bench", Soon());
  Require(static_cast<bool>(positions), positions ? "" : ToString(positions.error()));
  Held& held = database.held();
  std::vector<Move>& moves = held.moves;
  const std::vector<offsetstore::Claimed> claims = {{.at = moves[0].at, .token = *moves[0].claim}};
  const auto require = [](const Status& status) {
    Require(static_cast<bool>(status), status ? "" : ToString(status.error()));
  };
  for (auto _ : state) {
    const Position from = moves[0].to;
    require((*positions)->Begin(Soon()));
    require(AllApplied((*positions)->Lock(claims, Soon())));
    database.Insert(from.value(), count);
    moves[0].from = from;
    moves[0].to = Position(from.value() + count);
    require(AllApplied((*positions)->Move(moves, held.by, Soon())));
    require((*positions)->Commit(Soon()));
  }
  positions->reset();
  state.SetItemsProcessed(state.iterations() * count);
}

Comparison Batches(const std::string& name, int count) {
  return {.name = name,
          .items = "records",
          .raw_does =
              "`BEGIN IMMEDIATE`, one `INSERT` per record, one `UPDATE` of the same position with "
              "the same fence in its `WHERE`, `COMMIT`; all prepared once; WAL, `synchronous=FULL`",
          .raw = Raw,
          .ours = Ours,
          .argument = count};
}

const PairOf kOne(Batches("sqlite, exactly once: batches of 1", 1));
const PairOf kHundred(Batches("sqlite, exactly once: batches of 100", 100));
const PairOf kThousand(Batches("sqlite, exactly once: batches of 1,000", 1000));

}  // namespace
}  // namespace offsetstore::bench
