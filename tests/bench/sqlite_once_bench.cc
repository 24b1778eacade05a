// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlite_once.h"

namespace offsetstore::bench {
namespace {

void Raw(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  SqliteOnce database;
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
    SqliteOnce::Run(begin);
    database.Insert(position, count);
    sqlite3_bind_int64(update, 1, position + count);
    sqlite3_bind_int64(update, 2, Now().time_since_epoch().count());
    sqlite3_bind_text(update, 3, kWriter.data(), static_cast<int>(kWriter.size()), nullptr);
    sqlite3_bind_text(update, 4, nonce.data(), static_cast<int>(nonce.size()), nullptr);
    sqlite3_bind_int64(update, 5, position);
    SqliteOnce::Run(update);
    Require(sqlite3_changes(database.db()) == 1, "update");
    SqliteOnce::Run(commit);
    position += count;
  }
  state.SetItemsProcessed(state.iterations() * count);
}

const OnceRows kRows(
    "sqlite, exactly once",
    {.name = {},
     .items = "records",
     .raw_does = "`BEGIN IMMEDIATE`, one `INSERT` per record, one `UPDATE` of the same "
                 "position with the same fence in its `WHERE`, `COMMIT`; all prepared "
                 "once; WAL, `synchronous=FULL`",
     .raw = Raw,
     .ours = OnceIntoSqlite});

}  // namespace
}  // namespace offsetstore::bench
