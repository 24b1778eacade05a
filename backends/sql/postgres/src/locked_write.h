// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "commands.h"
#include "connection.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "rows.h"
#include "statements.h"
#include "transaction.h"

namespace offsetstore::postgres {

/// Says what becomes of each row: one element per key, in the order of the keys; none: it stays.
/// May be asked again about rows that were read anew.
using Decide =
    std::function<std::vector<std::optional<internal::Record>>(std::span<const Found> rows)>;

/// Reads and locks the rows of `keys` (in any order, each once), asks `decide`, writes what it says
/// and commits, in two round trips. Returns what the server warned of on the commit. Errors as
/// `Transaction::Whole`.
[[nodiscard]] Result<std::string> WriteLocked(Transaction& transaction,
                                              const Statements& statements,
                                              const Scope& scope,
                                              const Keys& keys,
                                              const Decide& decide);

/// The rows of `keys` as `lock_rows` and `read_rows` answer.
struct KeyedRows {
  std::vector<Found> rows;    ///< By key; no record where there is no row.
  std::vector<bool> present;  ///< By key: whether there is a row.
};

/// `order`: the keys in the order in which they were asked for, as `SortedByKey` gives it.
[[nodiscard]] KeyedRows ToKeyedRows(const PGresult* result, const std::vector<std::size_t>& order);

/// The numbers 0 to `keys.size()-1` in the order of their keys.
[[nodiscard]] std::vector<std::size_t> SortedByKey(const Keys& keys);

}  // namespace offsetstore::postgres
