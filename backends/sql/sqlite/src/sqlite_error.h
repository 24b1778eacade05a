// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <string>
#include <string_view>

#include "offsetstore/error.h"

namespace offsetstore::sql {

/// The only place that turns SQLite's codes into errors. `doing` says what was tried; `code` may be
/// an extended one. All of them mean that nothing was applied, but see `CommitError`.
[[nodiscard]] Error SqliteError(int code,
                                std::string_view text,
                                std::string_view doing,
                                std::string_view path);

/// The last error of a connection.
[[nodiscard]] Error SqliteError(sqlite3* db, std::string_view doing);

/// The last error of a connection whose COMMIT failed: an I/O error leaves it in doubt, since the
/// commit record may have reached the file.
[[nodiscard]] Error CommitError(sqlite3* db);

/// Whether a code says that another connection is in the way.
[[nodiscard]] bool IsBusy(int code) noexcept;

/// The file of a connection.
[[nodiscard]] std::string PathOf(sqlite3* db);

}  // namespace offsetstore::sql
