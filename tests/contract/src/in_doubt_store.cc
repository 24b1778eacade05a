// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/testing/in_doubt_store.h"

#include <utility>

namespace offsetstore::testing {

Answers<Outcome> InDoubtStore::Commit(std::string_view group,
                                      std::span<const Move> moves,
                                      const Owner& by,
                                      Atomicity atomicity,
                                      Deadline deadline) {
  if (!std::exchange(armed_, false)) return below().Commit(group, moves, by, atomicity, deadline);
  if (cut_ == Cut::kAfterTheServer) {
    auto applied = below().Commit(group, moves, by, atomicity, deadline);
    if (!applied) return applied;
  }
  std::vector<Outcome> outcomes;
  for (const Move& move : moves) {
    Outcome outcome;
    outcome.at = move.at;
    outcome.error = MakeError(ErrorCode::kInDoubt, "the connection was cut");
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace offsetstore::testing
