// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "offsetstore/deadline.h"
#include "offsetstore/registry.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "offsetstore/transaction.h"
#include "offsetstore/uri.h"

struct sqlite3;

namespace [[gnu::visibility("default")]] offsetstore {

/// Positions in one SQLite database, which may be the application's own. See
/// docs/backends/sqlite.md for the tables, the durability and what can go wrong.
struct SqliteOptions {
  enum class Synchronous : std::uint8_t {
    kFull,    ///< Each commit is synced: it survives loss of power.
    kNormal,  ///< WAL only: a crash of the system may take the last commits back; `kill -9` none.
  };
  std::filesystem::path path;  ///< Absolute. The folder must exist, the database need not.
  std::string space;           ///< Valid UTF-8 without the byte 0.
  Synchronous synchronous = Synchronous::kFull;
  bool create = true;  ///< False: a missing database, or one without our tables, is an error.

  /// Reads `sqlite:///PATH?space=&synchronous=full|normal&create=true|false`. `ConfigInvalid` names
  /// what is wrong.
  [[nodiscard]] static Result<SqliteOptions> FromUri(const Uri& uri);
};

/// Opens the bare store (without layers); creates the database (0600) and its tables where they
/// are missing. Changes nothing else of a database that holds other tables, not even its journal
/// mode.
/// Errors: `ConfigInvalid` (relative path, missing folder, a folder, device or symlink, a file that
/// is no database, a network file system), `PermissionDenied`, `Unsupported` (a newer format, a
/// UTF-16 database), `Corrupt`, `DeadlineExceeded` (another process holds the database).
[[nodiscard]] Result<std::unique_ptr<OffsetStore>> OpenSqliteStore(const SqliteOptions& options,
                                                                   Deadline deadline);

/// Positions of `group` that move inside the transactions of the caller's own connection `db`,
/// which must lead to the database of `store` (`OffsetStore::Info()` of the plain store). Of a
/// `SQLite::Database` of SQLiteCpp pass `getHandle()`. May be called inside a transaction or
/// outside of one; writes nothing. One for each connection and group, kept as long as the
/// connection.
///
/// `Lock` makes the transaction the writer of the database. Begin with BEGIN IMMEDIATE: a deferred
/// one that has read before somebody else wrote cannot become the writer and is refused
/// (`Unavailable`). `Begin` does it, in turn with the other processes that write: SQLite itself
/// keeps no order, and one busy process can keep all others out. Whoever claims a partition
/// meanwhile waits for the end of the transaction. The connection may be used freely between the
/// steps, also with savepoints, hooks and DDL; nothing but COMMIT or ROLLBACK should follow `Move`.
/// Errors: `Unsupported` (a store of another kind), `ConfigInvalid` (another database, or one
/// without our tables), `PermissionDenied` (a read-only connection), `Corrupt`, `DeadlineExceeded`.
[[nodiscard]] Result<std::unique_ptr<TransactionalPositions>> OpenSqliteTransactional(
    sqlite3* db, const StoreInfo& store, std::string group, Deadline deadline);

/// Adds the scheme `sqlite`.
[[nodiscard]] Status RegisterSqliteBackend(BackendRegistry& registry);

}  // namespace offsetstore
