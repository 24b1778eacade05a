// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace offsetstore::sql {

/// The pid of the process that has SQLite's write lock of a database, from /proc/locks; none where
/// nobody has it or it cannot be told. For messages only: it may be gone when this returns.
[[nodiscard]] std::optional<std::string> WriterOf(const std::filesystem::path& database);

}  // namespace offsetstore::sql
