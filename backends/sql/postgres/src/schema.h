// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "connection.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "statements.h"

namespace offsetstore::postgres {

/// Finds or makes our tables; returns the store id. Several that make them at once wait for each
/// other. Nothing of an existing table changes. Errors: `ConfigInvalid` (no tables and `create` is
/// false, no such schema, tables or a view of somebody else), `Unsupported` (an old server, another
/// encoding, a newer format), `Corrupt`, and what the server says.
[[nodiscard]] Result<std::string> PrepareSchema(Connection& connection,
                                                const TableNames& names,
                                                bool create,
                                                Deadline deadline);

}  // namespace offsetstore::postgres
