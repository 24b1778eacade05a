// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "position_table.h"

namespace offsetstore::sql {

// What a call does to rows, inside a transaction that somebody else began and ends. `table.Use`
// must have chosen the group (and the writer). An error means that the transaction must be rolled
// back; a partition that cannot be read is only an answer.

[[nodiscard]] Answers<ClaimAnswer> ApplyClaims(PositionTable& table,
                                               std::span<const ClaimRequest> requests,
                                               const Owner& by);

/// Writes what is fine, whatever the others are: for `kAll` the caller rolls back.
[[nodiscard]] Answers<Outcome> ApplyMoves(PositionTable& table,
                                          std::span<const Move> moves,
                                          const Owner& by);

[[nodiscard]] Answers<Outcome> ApplyReleases(PositionTable& table, std::span<const Claimed> claims);

[[nodiscard]] Answers<Outcome> ApplyRemovals(PositionTable& table,
                                             std::span<const Removal> removals,
                                             const Owner& by);

}  // namespace offsetstore::sql
