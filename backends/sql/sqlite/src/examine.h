// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "offsetstore/backends/sqlite.h"
#include "offsetstore/examine.h"

namespace offsetstore::sql {

/// Looks at the database, its folder and its disk. Makes nothing, not even the lock file, and
/// leaves the journal mode as it is.
[[nodiscard]] Result<Examination> ExamineSqliteStore(const SqliteOptions& options,
                                                     Deadline deadline);

}  // namespace offsetstore::sql
