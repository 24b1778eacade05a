// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>
#include <memory>
#include <string>

#include "offsetstore/backends/sqlite.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::sql {

using Connection = std::unique_ptr<SQLite::Database>;

/// Opens a connection that never waits by itself: no busy handler, since each wait has a deadline
/// of its own. The schema of the file is not trusted and no extension loads.
[[nodiscard]] Result<Connection> OpenConnection(const std::filesystem::path& path);

/// Makes commits of this connection durable as the options and the journal mode ask for.
[[nodiscard]] Status SetSynchronous(SQLite::Database& db,
                                    SqliteOptions::Synchronous synchronous,
                                    bool wal);

/// `Unavailable` where the open file is not the one at its path any more: what would be written
/// or read there is nobody's.
[[nodiscard]] Status CheckStillThere(sqlite3* db);

/// Runs one statement without a result, again and again while others are in the way.
[[nodiscard]] Status ExecuteWaiting(sqlite3* db, const char* sql, Deadline deadline);

/// The first column of the first row, as text; empty where there is no row.
[[nodiscard]] Result<std::string> QueryText(sqlite3* db, const char* sql, Deadline deadline);

}  // namespace offsetstore::sql
