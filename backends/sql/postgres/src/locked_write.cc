// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "locked_write.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "internal/macros.h"

namespace offsetstore::postgres {

KeyedRows ToKeyedRows(const PGresult* result, const std::vector<std::size_t>& order) {
  KeyedRows keyed;
  keyed.rows.assign(order.size(), Found(internal::NoRecord()));
  keyed.present.assign(order.size(), false);
  for (int i = 0; i < PQntuples(result); ++i) {
    FoundRow row = ToFoundRow(result, i);
    const std::size_t key = order[row.key];
    keyed.rows[key] = std::move(row.found);
    keyed.present[key] = true;
  }
  return keyed;
}

std::vector<std::size_t> SortedByKey(const Keys& keys) {
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&keys](std::size_t a, std::size_t b) {
    return *keys[a] < *keys[b];
  });
  return order;
}

Result<std::string> WriteLocked(Transaction& transaction,
                                const Statements& statements,
                                const Scope& scope,
                                const Keys& keys,
                                const Decide& decide) {
  const std::vector<std::size_t> order = SortedByKey(keys);
  Keys sorted;
  for (const std::size_t i : order) sorted.push_back(keys[i]);
  OS_ASSIGN_OR_RETURN(
      const std::vector<PgResult> read,
      transaction.Begin({KeyedCommand(statements.lock_rows, scope, sorted)}, sorted.size()));
  const KeyedRows locked = ToKeyedRows(read.front().get(), order);
  const std::vector<std::optional<internal::Record>> next = decide(locked.rows);
  std::vector<Change> updates;
  std::vector<Change> inserts;
  for (const std::size_t i : order) {
    if (!next[i]) continue;
    (locked.present[i] ? updates : inserts).push_back({keys[i], &*next[i]});
  }
  if (updates.empty() && inserts.empty()) {
    transaction.Rollback();
    return std::string();
  }
  // A row that was missing is inserted, never overwritten: whoever was first with it makes this
  // fail, and the call begins again.
  std::vector<Command> writes;
  if (!updates.empty()) writes.push_back(WriteCommand(statements.update_rows, scope, updates));
  if (!inserts.empty()) writes.push_back(WriteCommand(statements.insert_rows, scope, inserts));
  OS_ASSIGN_OR_RETURN(Transaction::Finished finished, transaction.End(std::move(writes)));
  return std::move(finished.warning);
}

}  // namespace offsetstore::postgres
