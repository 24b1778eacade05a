// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "schema.h"

#include "connection.h"
#include "database_file.h"
#include "internal/flock.h"
#include "internal/macros.h"
#include "offsetstore/types.h"
#include "shared/format.h"
#include "sqlite_error.h"
#include "statement.h"

namespace offsetstore::sql {
namespace {

// docs/backends/sqlite.md describes both. No STRICT and no CHECK: an older SQLite of the
// application must still open its own database. Positions are no WITHOUT ROWID table: its rows are
// wide and its key is four columns of text, so a move costs a quarter more there, with two searches
// by key instead of one.
constexpr const char* kCreateTables =
    "CREATE TABLE main.offsetstore_meta (\n"
    "  key TEXT NOT NULL PRIMARY KEY,\n"
    "  value TEXT NOT NULL\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE main.offsetstore_positions (\n"
    "  space TEXT NOT NULL,\n"
    "  grp TEXT NOT NULL,\n"
    "  topic TEXT NOT NULL,\n"
    "  part INTEGER NOT NULL,\n"
    "  position INTEGER,\n"
    "  leader_epoch INTEGER,\n"
    "  topic_id TEXT,\n"
    "  cluster_id TEXT,\n"
    "  metadata BLOB,\n"
    "  commit_time INTEGER,\n"
    "  writer TEXT,\n"
    "  counter INTEGER NOT NULL,\n"
    "  nonce TEXT,\n"
    "  owner TEXT,\n"
    "  since INTEGER NOT NULL,\n"
    "  released INTEGER NOT NULL,\n"
    "  removed INTEGER NOT NULL,\n"
    "  PRIMARY KEY (space, grp, topic, part)\n"
    ");\n";

constexpr const char* kCountOurs =
    "SELECT count(*) FROM main.sqlite_master"
    " WHERE type = 'table' AND name IN ('offsetstore_meta', 'offsetstore_positions')";
constexpr const char* kCountOthers =
    "SELECT count(*) FROM main.sqlite_master"
    " WHERE name NOT IN ('offsetstore_meta', 'offsetstore_positions')"
    " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

struct Contents {
  bool ours = false;    // both tables are there
  bool others = false;  // and so is something else
};

Result<Contents> Look(sqlite3* db, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::string ours, QueryText(db, kCountOurs, deadline));
  OS_ASSIGN_OR_RETURN(const std::string others, QueryText(db, kCountOthers, deadline));
  if (ours == "1") {
    return MakeError(ErrorCode::kCorrupt,
                     "of the tables offsetstore_meta and offsetstore_positions only one is there; "
                     "restore the other from a backup, or drop it to start empty");
  }
  return Contents{ours == "2", others != "0"};
}

Result<std::string> Meta(sqlite3* db, const char* sql, const char* key, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(std::string value, QueryText(db, sql, deadline));
  if (!value.empty()) return value;
  return MakeError(
      ErrorCode::kCorrupt,
      std::string("offsetstore_meta has no '") + key + "'; restore the table from a backup");
}

Result<std::string> ReadStoreId(sqlite3* db, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(
      const std::string format,
      Meta(db, "SELECT value FROM main.offsetstore_meta WHERE key = 'format'", "format", deadline));
  OS_RETURN_IF_ERROR(CheckFormat(format));
  return Meta(
      db, "SELECT value FROM main.offsetstore_meta WHERE key = 'store-id'", "store-id", deadline);
}

Status CheckEncoding(sqlite3* db, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::string encoding, QueryText(db, "PRAGMA encoding", deadline));
  if (encoding == "UTF-8") return {};
  return MakeError(ErrorCode::kUnsupported,
                   "the database keeps its texts as " + encoding +
                       ", in which names sort and compare differently; use a UTF-8 database");
}

Status WriteMeta(sqlite3* db) {
  OS_ASSIGN_OR_RETURN(
      Statement insert,
      Statement::Prepare(db, "INSERT INTO main.offsetstore_meta (key, value) VALUES (?1, ?2)"));
  const std::string format = std::to_string(kFormat);
  const std::string store_id = NewStoreId();
  for (const auto& [key, value] :
       {std::pair<const char*, const std::string*>{"format", &format}, {"store-id", &store_id}}) {
    insert.BindText(1, key);
    insert.BindText(2, *value);
    if (insert.Run() != SQLITE_DONE) return SqliteError(db, "write offsetstore_meta");
  }
  return {};
}

Status CreateInTransaction(sqlite3* db, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const Contents contents, Look(db, deadline));
  if (contents.ours) return {};
  if (sqlite3_exec(db, kCreateTables, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return SqliteError(db, "create the tables");
  }
  return WriteMeta(db);
}

Status CreateTables(sqlite3* db, Deadline deadline) {
  OS_RETURN_IF_ERROR(ExecuteWaiting(db, "BEGIN IMMEDIATE", deadline));
  Status done = CreateInTransaction(db, deadline);
  if (done) done = ExecuteWaiting(db, "COMMIT", deadline);
  if (sqlite3_get_autocommit(db) == 0) {
    const int undone = sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
    if (undone != SQLITE_OK && done) return SqliteError(db, "roll back");
  }
  return done;
}

Error NoTables() {
  return MakeError(ErrorCode::kConfigInvalid,
                   "the database has no tables of offsetstore, and they are not to be made");
}

}  // namespace

Result<Schema> LookAtSchema(sqlite3* db, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const Contents contents, Look(db, deadline));
  OS_RETURN_IF_ERROR(CheckEncoding(db, deadline));
  OS_ASSIGN_OR_RETURN(const std::string journal,
                      QueryText(db, "PRAGMA main.journal_mode", deadline));
  if (!contents.ours) return NoTables();
  OS_ASSIGN_OR_RETURN(std::string store_id, ReadStoreId(db, deadline));
  return Schema{std::move(store_id), journal == "wal" || !contents.others};
}

std::string SchemaText() {
  return std::string("BEGIN IMMEDIATE;\n") + kCreateTables +
         "INSERT INTO main.offsetstore_meta (key, value) VALUES ('format', '" +
         std::to_string(kFormat) + "'), ('store-id', '" + NewStoreId() + "');\nCOMMIT;\n";
}

Result<Schema> PrepareSchema(sqlite3* db,
                             const std::filesystem::path& database,
                             bool create,
                             Deadline deadline) {
  // First without any trace: a file that is refused stays as it is, alone in its folder.
  OS_ASSIGN_OR_RETURN(const Contents before, Look(db, deadline));
  OS_RETURN_IF_ERROR(CheckEncoding(db, deadline));
  OS_ASSIGN_OR_RETURN(std::string journal, QueryText(db, "PRAGMA main.journal_mode", deadline));
  if (before.ours) {
    OS_ASSIGN_OR_RETURN(std::string store_id, ReadStoreId(db, deadline));
    // Nothing to do: then nothing to wait for either.
    if (journal == "wal" || before.others) return Schema{std::move(store_id), journal == "wal"};
  }
  if (!before.ours && !create) return NoTables();
  OS_ASSIGN_OR_RETURN(internal::LockFile lock, OpenLock(database));
  OS_RETURN_IF_ERROR(lock.Lock(deadline));
  const internal::LockGuard guard(lock);
  // Look again: another process may have been here before the lock.
  OS_ASSIGN_OR_RETURN(const Contents now, Look(db, deadline));
  OS_ASSIGN_OR_RETURN(journal, QueryText(db, "PRAGMA main.journal_mode", deadline));
  if (journal != "wal" && !now.others) {
    // Where the file system has no shared memory this answers with the old mode: also good.
    OS_ASSIGN_OR_RETURN(journal, QueryText(db, "PRAGMA main.journal_mode = WAL", deadline));
  }
  if (!now.ours) OS_RETURN_IF_ERROR(CreateTables(db, deadline));
  OS_ASSIGN_OR_RETURN(std::string store_id, ReadStoreId(db, deadline));
  return Schema{std::move(store_id), journal == "wal"};
}

}  // namespace offsetstore::sql
