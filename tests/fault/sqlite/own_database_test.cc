// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "sqlite_support.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

std::string BytesOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// An application's own database, with everything that an eager guest could change.
struct OwnDatabase {
  OwnDatabase() {
    SQLite::Database db = Connect(path);
    db.exec(
        "PRAGMA application_id = 4711; PRAGMA user_version = 42; PRAGMA auto_vacuum = NONE;"
        "CREATE TABLE results (id INTEGER PRIMARY KEY, total TEXT);"
        "CREATE INDEX results_by_total ON results (total);"
        "INSERT INTO results VALUES (1, 'one'), (2, 'two')");
  }

  [[nodiscard]] std::string Ask(const std::string& sql) const {
    return offsetstore::testing::Ask(path, sql);
  }

  TempDir folder;
  std::filesystem::path path = folder / "application.db";
};

std::string OwnSchema(const OwnDatabase& own) {
  return own.Ask(
      "SELECT group_concat(type || name || tbl_name || sql) FROM sqlite_master"
      " WHERE name NOT LIKE 'offsetstore%' AND name NOT LIKE 'sqlite%'");
}

void CheckUnchanged(const OwnDatabase& own) {
  CHECK(own.Ask("PRAGMA application_id") == "4711");
  CHECK(own.Ask("PRAGMA user_version") == "42");
  CHECK(own.Ask("PRAGMA auto_vacuum") == "0");
  CHECK(own.Ask("SELECT group_concat(id || total) FROM results") == "1one,2two");
}

TEST_CASE("the caller's own database gets two tables and nothing else changes") {
  const OwnDatabase own;
  const std::string schema = OwnSchema(own);
  {
    const auto store = MustOpen(At(own.path));
    const TestGroup group(*store, "billing");
    const ClaimToken token = group.MustClaim(Orders(0));
    CHECK(group.Commit(Advance(Orders(0), 5, token)) == OutcomeCode::kApplied);
    CHECK(store->Close(Soon()));
  }
  CheckUnchanged(own);
  CHECK(own.Ask("PRAGMA journal_mode") == "delete");
  CHECK(OwnSchema(own) == schema);
  CHECK(own.Ask("SELECT count(*) FROM sqlite_master WHERE name LIKE 'offsetstore%'") == "2");
  CHECK(own.Ask("PRAGMA integrity_check") == "ok");
}

TEST_CASE("a rollback journal of the caller's stays, is synced and is said") {
  const OwnDatabase own;
  const auto store = MustOpen(At(own.path));
  CHECK(store->Info().durability == Durability::kPowerLoss);
  CHECK(store->Info().durability_note.find("rollback journal") != std::string::npos);
  SqliteOptions normal = At(own.path);
  normal.synchronous = SqliteOptions::Synchronous::kNormal;
  CHECK(MustOpen(normal)->Info().durability == Durability::kPowerLoss);
}

TEST_CASE("with a rollback journal a commit waits for a reader and gives up at its deadline") {
  const OwnDatabase own;
  const auto store = MustOpen(At(own.path));
  const TestGroup group(*store, "billing");
  SQLite::Database reader = Connect(own.path);
  reader.exec("BEGIN; SELECT count(*) FROM results");
  const Move move = Advance(Orders(0), 5);
  const auto refused = store->Commit("billing",
                                     std::span(&move, 1),
                                     Member(),
                                     Atomicity::kEach,
                                     Deadline::After(std::chrono::milliseconds(100)));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kDeadlineExceeded);
  CHECK(group.PositionOf(Orders(0)) == std::nullopt);
  reader.exec("ROLLBACK");
  CHECK(group.Commit(move) == OutcomeCode::kApplied);
}

TEST_CASE("a write-ahead log of the caller's stays") {
  const OwnDatabase own;
  CHECK(own.Ask("PRAGMA journal_mode = WAL") == "wal");
  CHECK(MustOpen(At(own.path))->Info().durability_note.find("write-ahead") != std::string::npos);
  CHECK(own.Ask("PRAGMA journal_mode") == "wal");
  CheckUnchanged(own);
}

TEST_CASE("a database of ours only gets a write-ahead log again, e.g. a backup made by VACUUM") {
  const TempDir folder;
  MustOpen(At(folder / "offsets.db"));
  const std::filesystem::path copy = folder / "copy.db";
  Connect(folder / "offsets.db").exec("VACUUM INTO '" + copy.string() + "'");
  REQUIRE(Ask(copy, "PRAGMA journal_mode") == "delete");
  const std::string id = MustOpen(At(folder / "offsets.db"))->Info().store_id;
  CHECK(MustOpen(At(copy))->Info().store_id == id);
  CHECK(Ask(copy, "PRAGMA journal_mode") == "wal");
}

TEST_CASE("create=false adds nothing to a database and leaves no file behind") {
  const OwnDatabase own;
  const std::string before = BytesOf(own.path);
  SqliteOptions options = At(own.path);
  options.create = false;
  CHECK(OpenError(options).code == ErrorCode::kConfigInvalid);
  CHECK(BytesOf(own.path) == before);
  options.path = own.folder / "missing.db";
  CHECK(OpenError(options).code == ErrorCode::kConfigInvalid);
  CHECK(std::distance(std::filesystem::directory_iterator(own.folder.path()), {}) == 1);
}

TEST_CASE("a UTF-16 database is refused as it is") {
  const TempDir folder;
  const std::filesystem::path path = folder / "wide.db";
  Connect(path).exec("PRAGMA encoding = 'UTF-16le'; CREATE TABLE results (id)");
  const std::string before = BytesOf(path);
  const Error error = OpenError(At(path));
  CHECK(error.code == ErrorCode::kUnsupported);
  CHECK(Says(error, "UTF-16le"));
  CHECK(BytesOf(path) == before);
}

TEST_CASE("the store id is made once and is another for every database") {
  const TempDir folder;
  const std::string first = MustOpen(At(folder / "a.db"))->Info().store_id;
  CHECK(first.size() == 32);
  CHECK(MustOpen(At(folder / "a.db"))->Info().store_id == first);
  CHECK(MustOpen(At(folder / "b.db"))->Info().store_id != first);
}

}  // namespace
}  // namespace offsetstore::testing
