// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include "stores.h"
#include "temp_dir.h"

namespace offsetstore::bench {
namespace {

std::string NewPath() {
  static const testing::TempDir dir;
  static int files = 0;
  return (dir.path() / (std::to_string(files++) + ".db")).string();
}

/// What a careful user writes by hand: the same table, pragmas and fence, prepared once.
class ByHand {
 public:
  ByHand(const std::string& path, int count) {
    const auto store = Open("sqlite://" + path);
    const Held held = Started(*store, "bench", count);
    for (const Move& move : held.moves) nonces_.push_back(move.claim->nonce.Hex());
    Require(static_cast<bool>(store->Close(Soon())), "close");
    Require(sqlite3_open(path.c_str(), &db_) == SQLITE_OK, "open");
    const char* pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL";
    Require(sqlite3_exec(db_, pragmas, nullptr, nullptr, nullptr) == SQLITE_OK, pragmas);
    begin_ = Prepare("BEGIN IMMEDIATE");
    update_ = Prepare(
        "UPDATE offsetstore_positions SET position=?1, leader_epoch=NULL, metadata=NULL,"
        " commit_time=?2, writer=?3 WHERE space='' AND grp='bench' AND topic='t' AND part=?4"
        " AND counter=1 AND nonce=?5 AND released=0 AND removed=0 AND position<?1");
    commit_ = Prepare("COMMIT");
  }
  ByHand(const ByHand&) = delete;
  ByHand& operator=(const ByHand&) = delete;
  ~ByHand() {
    for (sqlite3_stmt* statement : {begin_, update_, commit_}) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }

  void CommitNext() {
    ++position_;
    const std::int64_t time = Now().time_since_epoch().count();
    Run(begin_);
    for (std::size_t i = 0; i < nonces_.size(); ++i) {
      sqlite3_bind_int64(update_, 1, position_);
      sqlite3_bind_int64(update_, 2, time);
      sqlite3_bind_text(update_, 3, kWriter.data(), static_cast<int>(kWriter.size()), nullptr);
      sqlite3_bind_int64(update_, 4, static_cast<std::int64_t>(i));
      sqlite3_bind_text(
          update_, 5, nonces_[i].data(), static_cast<int>(nonces_[i].size()), nullptr);
      Run(update_);
      Require(sqlite3_changes(db_) == 1, "update");
    }
    Run(commit_);
  }

 private:
  static constexpr std::string_view kWriter = "member localhost (host localhost, pid 12345)";

  sqlite3_stmt* Prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    Require(sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) == SQLITE_OK, sql);
    return statement;
  }
  static void Run(sqlite3_stmt* statement) {
    Require(sqlite3_step(statement) == SQLITE_DONE, "step");
    sqlite3_reset(statement);
  }

  std::vector<std::string> nonces_;  // by partition
  sqlite3* db_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* update_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  std::int64_t position_ = 1;
};

void Raw(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  ByHand raw(NewPath(), count);
  for (auto _ : state) raw.CommitNext();
  state.SetItemsProcessed(state.iterations() * count);
}

void Ours(benchmark::State& state) {
  const auto store = Open("sqlite://" + NewPath());
  CommitLoop(state, *store);
}

Comparison Commits(const std::string& name, int count) {
  return {.name = name,
          .items = "positions",
          .raw_does =
              "`BEGIN IMMEDIATE`, for each position one `UPDATE` of the same table with the "
              "same fence in its `WHERE`, `COMMIT`; all prepared once; WAL, "
              "`synchronous=FULL`",
          .raw = Raw,
          .ours = Ours,
          .argument = count};
}

const PairOf kOne(Commits("sqlite: commit of 1", 1));
const PairOf kThousand(Commits("sqlite: commit of 1,000", 1000));

}  // namespace
}  // namespace offsetstore::bench
