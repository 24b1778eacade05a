// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "internal/flock.h"
#include "offsetstore/result.h"

namespace offsetstore::sql {

/// Checks `path` and, where nothing is there and `create` is set, makes an empty file (0600).
/// Returns the path with its folder free of links, so that all processes mean the same lock file.
/// Errors: `ConfigInvalid` for a relative path, a missing folder, a folder, device or symlink, a
/// file with several names, a network file system; `PermissionDenied`; `Unavailable` (disk full).
[[nodiscard]] Result<std::filesystem::path> PrepareFile(const std::filesystem::path& path,
                                                        bool create);

/// The side file at which the writers of a database take turns.
[[nodiscard]] inline std::filesystem::path LockPath(const std::filesystem::path& database) {
  return database.string() + "-offsetstore.lock";
}
/// Opens it. One that is made now has the database's owner and rights, as SQLite gives them to its
/// own files beside it: who may write the database may take his turn.
[[nodiscard]] Result<internal::LockFile> OpenLock(const std::filesystem::path& database);

}  // namespace offsetstore::sql
