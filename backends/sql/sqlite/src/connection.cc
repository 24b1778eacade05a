// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "connection.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "busy_wait.h"
#include "internal/flock.h"
#include "internal/macros.h"
#include "sqlite_error.h"
#include "statement.h"

namespace offsetstore::sql {
namespace {

/// SQLite says only "unable to open"; the system says why.
Error OpenError(const SQLite::Exception& failure, const std::filesystem::path& path) {
  const int code = failure.getExtendedErrorCode();
  const std::string doing = "open " + Printable(path.string());
  if (code == SQLITE_CANTOPEN && ::access(path.c_str(), R_OK | W_OK) != 0) {
    return internal::ErrnoError(errno, doing);
  }
  return SqliteError(code, failure.what(), doing, path.string());
}

Status Harden(sqlite3* db) {
  for (const auto& [option, value] : {std::pair{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                                      std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                      std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}}) {
    if (sqlite3_db_config(db, option, value, nullptr) != SQLITE_OK) {
      return SqliteError(db, "configure the connection");
    }
  }
  if (sqlite3_exec(db, "PRAGMA cell_size_check = ON", nullptr, nullptr, nullptr) != SQLITE_OK) {
    return SqliteError(db, "configure the connection");
  }
  return {};
}

}  // namespace

Result<Connection> OpenConnection(const std::filesystem::path& path) {
  constexpr int kFlags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  Connection connection;
  try {
    connection = std::make_unique<SQLite::Database>(path.string(), kFlags, 0);
  } catch (const SQLite::Exception& failure) {
    return OpenError(failure, path);
  }
  sqlite3* db = connection->getHandle();
  // Where writing is not allowed SQLite falls back to reading without a word.
  if (sqlite3_db_readonly(db, "main") == 1) {
    return MakeError(ErrorCode::kPermissionDenied,
                     Printable(path.string()) + " is read-only for this user; make it writable");
  }
  OS_RETURN_IF_ERROR(Harden(db));
  return connection;
}

Status SetSynchronous(SQLite::Database& db, SqliteOptions::Synchronous synchronous, bool wal) {
  // With a rollback journal only EXTRA syncs the folder after the journal is gone: without that a
  // power loss brings the journal back, and it undoes the commit.
  const char* sql = "PRAGMA synchronous = EXTRA";
  if (wal) {
    sql = synchronous == SqliteOptions::Synchronous::kFull ? "PRAGMA synchronous = FULL"
                                                           : "PRAGMA synchronous = NORMAL";
  }
  if (db.tryExec(sql) != SQLITE_OK) {
    return SqliteError(db.getHandle(), "set synchronous");
  }
  return {};
}

Status CheckStillThere(sqlite3* db) {
  int moved = 0;
  if (sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved == 0) {
    return {};
  }
  return SqliteError(
      SQLITE_READONLY_DBMOVED, "nothing was read or written", "check the file", PathOf(db));
}

Status ExecuteWaiting(sqlite3* db, const char* sql, Deadline deadline) {
  const int code =
      WhileBusy(deadline, [db, sql] { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr); });
  if (code == SQLITE_OK) return {};
  return IsBusy(code) ? BusyError(db) : SqliteError(db, "prepare the database");
}

Result<std::string> QueryText(sqlite3* db, const char* sql, Deadline deadline) {
  std::string text;
  const auto query = [db, sql, &text] {
    return sqlite3_exec(
        db,
        sql,
        [](void* into, int columns, char** values, char** /*names*/) {
          if (columns > 0 && values[0] != nullptr) *static_cast<std::string*>(into) = values[0];
          return 0;
        },
        &text,
        nullptr);
  };
  const int code = WhileBusy(deadline, query);
  if (code == SQLITE_OK) return text;
  if (IsBusy(code)) return BusyError(db);
  return SqliteError(db, "look at the database");
}

}  // namespace offsetstore::sql
