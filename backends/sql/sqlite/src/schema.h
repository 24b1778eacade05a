// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <string>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::sql {

/// What a database turned out to be.
struct Schema {
  std::string store_id;
  bool wal = false;  ///< Its journal: write-ahead log, or a rollback journal.
};

/// Finds or makes our tables. A database that holds nothing but ours gets a write-ahead log; one
/// that holds other tables is somebody's own, and beside our two tables nothing of it changes.
/// The lock of `database` is the side file that serialises this among processes; it is not made
/// where the file is refused. Errors: `ConfigInvalid` (no database; no tables and `create` is
/// false), `Unsupported` (newer format, UTF-16), `Corrupt`, `DeadlineExceeded`, and what the disk
/// says.
[[nodiscard]] Result<Schema> PrepareSchema(sqlite3* db,
                                           const std::filesystem::path& database,
                                           bool create,
                                           Deadline deadline);

/// What is there, changing nothing; the journal as it will be once a store opens it. Errors as
/// `PrepareSchema` without `create`.
[[nodiscard]] Result<Schema> LookAtSchema(sqlite3* db, Deadline deadline);

/// The statements that make our tables, with a store id of their own, in one transaction.
[[nodiscard]] std::string SchemaText();

}  // namespace offsetstore::sql
