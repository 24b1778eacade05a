// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Builds the commands over rows from what a call names. Nothing here begins or ends a transaction:
// they work the same in one of ours and in a caller's own.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "internal/rules.h"
#include "offsetstore/store.h"
#include "pipeline.h"

namespace offsetstore::postgres {

/// Whose rows.
struct Scope {
  std::string_view space;
  std::string_view group;
};

using Keys = std::vector<const TopicPartition*>;

/// A row to write: its key and what it becomes.
struct Change {
  const TopicPartition* at = nullptr;
  const internal::Record* record = nullptr;
};

/// `lock_rows` or `read_rows`. Rows that are locked must be sorted by key.
[[nodiscard]] Command KeyedCommand(const Statement& statement,
                                   const Scope& scope,
                                   const Keys& keys);

/// `advance` or `insert_absent`, and their `_all`; sorted by key. `writer`: who moves.
[[nodiscard]] Command AdvanceCommand(const Statement& statement,
                                     const Scope& scope,
                                     std::span<const Move* const> moves,
                                     std::string_view writer);
[[nodiscard]] Command InsertAbsentCommand(const Statement& statement,
                                          const Scope& scope,
                                          std::span<const Move* const> moves,
                                          std::string_view writer);

/// `update_rows` or `insert_rows`; sorted by key.
[[nodiscard]] Command WriteCommand(const Statement& statement,
                                   const Scope& scope,
                                   std::span<const Change> changes);

}  // namespace offsetstore::postgres
