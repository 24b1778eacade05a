// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "offsetstore/builtin.h"
#include "offsetstore/open.h"
#include "pairs.h"

namespace offsetstore::bench {

inline std::unique_ptr<OffsetStore> Open(const std::string& uri) {
  BackendRegistry registry;
  Require(static_cast<bool>(RegisterBuiltinBackends(registry)), "register");
  auto store = OpenStore(registry, uri, {}, Deadline::After(std::chrono::seconds(10)));
  Require(static_cast<bool>(store), store ? "" : ToString(store.error()));
  return *std::move(store);
}

/// Claims `count` partitions of `topic` and gives the moves that a session would send.
inline std::vector<Move> Claimed(OffsetStore& store, const std::string& topic, int count) {
  std::vector<ClaimRequest> requests;
  for (int i = 0; i < count; ++i) {
    requests.push_back({.at = {topic, i}, .expect = Any{}, .nonce = Nonce::Random()});
  }
  const auto answers = store.Claim("bench",
                                   requests,
                                   ThisProcess(Owner::Kind::kMember),
                                   Deadline::After(std::chrono::seconds(10)));
  Require(answers && answers->front().outcome.Ok(), "claim");
  std::vector<Move> moves(requests.size());
  for (std::size_t i = 0; i < moves.size(); ++i) {
    moves[i].at = requests[i].at;
    moves[i].claim = (*answers)[i].token;
  }
  return moves;
}

inline void CommitNext(OffsetStore& store, std::vector<Move>& moves, const Owner& by) {
  for (Move& move : moves) move.to = Position(move.to.value() + 1);
  const auto outcomes =
      store.Commit("bench", moves, by, Atomicity::kEach, Deadline::After(std::chrono::seconds(10)));
  Require(outcomes && outcomes->front().Ok(), "commit");
}

}  // namespace offsetstore::bench
