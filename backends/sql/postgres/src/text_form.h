// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Our parameters and rows are binary. Clients that a port brings speak text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "handles.h"
#include "offsetstore/backends/postgres.h"
#include "offsetstore/result.h"
#include "parameters.h"
#include "pipeline.h"

namespace offsetstore::postgres {

/// A parameter of a type of ours, as PostgreSQL writes it.
[[nodiscard]] std::string ToText(Oid type, std::string_view binary);

/// Rows as a result in binary form with `columns`: kInt8, kText, kBytea. `Internal` where they do
/// not fit: the port gave other rows than the statement has.
[[nodiscard]] Result<PgResult> ToBinary(const PostgresPort::Rows& rows,
                                        const std::vector<Oid>& columns);

}  // namespace offsetstore::postgres
