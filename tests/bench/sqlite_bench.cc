// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include "stores.h"
#include "temp_dir.h"

namespace offsetstore::bench {
namespace {

std::string NewPath(const std::string& name) {
  static const testing::TempDir dir;
  static int files = 0;
  return (dir.path() / (name + std::to_string(files++))).string();
}

void Execute(sqlite3* db, const std::string& sql) {
  Require(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK, sql);
}

/// What a careful user writes by hand: the same pragmas, the same fence, prepared once.
void ByHand(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  sqlite3* db = nullptr;
  Require(sqlite3_open(NewPath("raw").c_str(), &db) == SQLITE_OK, "open");
  Execute(db,
          "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
          "CREATE TABLE p(grp TEXT, topic TEXT, part INT, position INT, counter INT, nonce BLOB,"
          "committed INT, writer TEXT, PRIMARY KEY(grp, topic, part)) WITHOUT ROWID");
  Execute(db, "BEGIN");
  for (int i = 0; i < count; ++i) {
    Execute(db, "INSERT INTO p VALUES('bench','t'," + std::to_string(i) + ",0,1,x'00',0,'')");
  }
  Execute(db, "COMMIT");
  sqlite3_stmt* update = nullptr;
  sqlite3_prepare_v2(db,
                     "UPDATE p SET position=?1, committed=?2, writer=?3 WHERE grp='bench' AND "
                     "topic='t' AND part=?4 AND counter=1 AND nonce=x'00' AND position<=?1",
                     -1,
                     &update,
                     nullptr);
  std::int64_t position = 0;
  const std::string writer = "member bench (host localhost, pid 1)";
  for (auto _ : state) {
    ++position;
    Execute(db, "BEGIN IMMEDIATE");
    for (int i = 0; i < count; ++i) {
      sqlite3_bind_int64(update, 1, position);
      sqlite3_bind_int64(update, 2, Now().time_since_epoch().count());
      sqlite3_bind_text(update, 3, writer.c_str(), -1, SQLITE_STATIC);
      sqlite3_bind_int(update, 4, i);
      Require(sqlite3_step(update) == SQLITE_DONE && sqlite3_changes(db) == 1, "update");
      sqlite3_reset(update);
    }
    Execute(db, "COMMIT");
  }
  sqlite3_finalize(update);
  sqlite3_close(db);
  state.SetItemsProcessed(state.iterations() * count);
}

void Through(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  const auto store = Open("sqlite://" + NewPath("ours"));
  const Owner by = ThisProcess(Owner::Kind::kMember);
  std::vector<Move> moves = Claimed(*store, "t", count);
  for (auto _ : state) CommitNext(*store, moves, by);
  state.SetItemsProcessed(state.iterations() * count);
}

const PairOf kOne("sqlite, 1 position a commit, by hand", ByHand, Through, 1, 0, 1);
const PairOf kThousand("sqlite, 1000 positions a commit, by hand", ByHand, Through, 1, 0, 1000);

}  // namespace
}  // namespace offsetstore::bench
