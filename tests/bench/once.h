// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Exactly once: rows of results and one position in one transaction.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/transaction.h"
#include "stores.h"

namespace offsetstore::bench {

/// What each record leaves behind.
inline constexpr std::string_view kResult =
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
/// Who wrote a position, as the raw sides say it.
inline constexpr std::string_view kWriter = "member localhost (host localhost, pid 12345)";

/// A whole side: `insert(from, count)` and a move of `count` in each transaction.
template <class Insert>
void MoveInTransactions(benchmark::State& state,
                        TransactionalPositions& positions,
                        Held& held,
                        const Insert& insert) {
  const auto count = static_cast<int>(state.range(0));
  std::vector<Move>& moves = held.moves;
  const std::vector<offsetstore::Claimed> claims = {{.at = moves[0].at, .token = *moves[0].claim}};
  const auto require = [](const Status& status) {
    Require(static_cast<bool>(status), status ? "" : ToString(status.error()));
  };
  for (auto _ : state) {
    const Position from = moves[0].to;
    require(positions.Begin(Soon()));
    require(AllApplied(positions.Lock(claims, Soon())));
    insert(from.value(), count);
    moves[0].from = from;
    moves[0].to = Position(from.value() + count);
    require(AllApplied(positions.Move(moves, held.by, Soon())));
    require(positions.Commit(Soon()));
  }
  state.SetItemsProcessed(state.iterations() * count);
}

/// Rows for batches of 1, 100 and 1,000; `row` but for name and argument.
struct OnceRows {
  OnceRows(const std::string& name, const Comparison& row) {
    for (const auto& [count, shown] :
         {std::pair(1, "1"), std::pair(100, "100"), std::pair(1000, "1,000")}) {
      Comparison one = row;
      one.name = name + ": batches of " + shown;
      one.argument = count;
      const PairOf added(std::move(one));
    }
  }
};

}  // namespace offsetstore::bench
