// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "offsetstore/builtin.h"
#include "offsetstore/open.h"
#include "pairs.h"

namespace offsetstore::bench {

inline Deadline Soon() {
  return Deadline::After(std::chrono::seconds(60));
}

/// Where the server of a row is: a row without one is left out.
inline std::string ServerOf(const char* variable) {
  const char* server = std::getenv(variable);
  Require(server != nullptr, variable);
  return server == nullptr ? std::string() : std::string(server);
}

inline std::unique_ptr<OffsetStore> Open(const std::string& uri) {
  BackendRegistry registry;
  Require(static_cast<bool>(RegisterBuiltinBackends(registry)), "register");
  auto store = OpenStore(registry, uri, {}, Soon());
  Require(static_cast<bool>(store), store ? "" : ToString(store.error()));
  return *std::move(store);
}

/// Ends the program where a write was not applied.
inline void RequireApplied(const Outcome& outcome) {
  if (outcome.Ok()) return;
  const std::string why = outcome.error ? ToString(*outcome.error) : "";
  Require(false, std::string(ToString(outcome.code)) + ' ' + why);
}

/// What a session holds of one group: its claims, and the moves that it sends.
struct Held {
  std::string group;
  std::vector<Move> moves;
  Owner by = ThisProcess(Owner::Kind::kMember);
};

/// Claims the partitions 0 to `count` - 1 of `topic` and goes on from where they are.
inline Held Claimed(OffsetStore& store,
                    const std::string& group,
                    const std::string& topic,
                    int count) {
  Held held{.group = group, .moves = {}};
  std::vector<ClaimRequest> requests;
  for (int i = 0; i < count; ++i) {
    requests.push_back({.at = {topic, i}, .expect = Any{}, .nonce = Nonce::Random()});
  }
  const auto answers = store.Claim(group, requests, held.by, Soon());
  Require(static_cast<bool>(answers), answers ? "" : ToString(answers.error()));
  for (const ClaimAnswer& answer : *answers) {
    RequireApplied(answer.outcome);
    Move& move = held.moves.emplace_back();
    move.at = answer.outcome.at;
    move.claim = answer.token;
    if (const auto* entry = std::get_if<Entry>(&answer.slot)) move.to = entry->position;
  }
  return held;
}

inline void CommitNext(OffsetStore& store, Held& held) {
  for (Move& move : held.moves) move.to = Position(move.to.value() + 1);
  const auto outcomes = store.Commit(held.group, held.moves, held.by, Atomicity::kEach, Soon());
  Require(static_cast<bool>(outcomes), outcomes ? "" : ToString(outcomes.error()));
  for (const Outcome& outcome : *outcomes) RequireApplied(outcome);
}

/// Where the raw side starts: as `held`, with a position each.
inline Held Started(OffsetStore& store, const std::string& group, int count) {
  Held held = Claimed(store, group, "t", count);
  CommitNext(store, held);
  return held;
}

/// Claims and positions of a group, made by the first run that asks: later runs go on with them.
inline Held& Kept(OffsetStore& store, const std::string& group, int count) {
  static std::map<std::pair<std::string, std::string>, Held> all;
  const std::pair key(store.Info().store_id, group);
  const auto found = all.find(key);
  if (found != all.end()) return found->second;
  return all.emplace(key, Started(store, group, count)).first->second;
}

/// A raw side for commits of `count` positions, made once.
template <class ByHand>
ByHand& Once(int count) {
  static std::map<int, ByHand> made;
  return made.try_emplace(count, count).first->second;
}

/// A whole side: commits of `state.range(0)` positions each.
inline void CommitLoop(benchmark::State& state, OffsetStore& store) {
  const auto count = static_cast<int>(state.range(0));
  Held& held = Kept(store, "ours-" + std::to_string(count), count);
  for (auto _ : state) CommitNext(store, held);
  state.SetItemsProcessed(state.iterations() * count);
}

/// Commits to a store on a server, of `count` positions each: the raw side is `ByHand(count)`, made
/// once, and its `CommitNext`.
template <class ByHand, OffsetStore& (*store)()>
Comparison Commits(std::string name, int count, const char* raw_does, const char* server) {
  const Body raw = [](benchmark::State& state) {
    const auto positions = static_cast<int>(state.range(0));
    auto& by_hand = Once<ByHand>(positions);
    for (auto _ : state) by_hand.CommitNext();
    state.SetItemsProcessed(state.iterations() * positions);
  };
  const Body ours = [](benchmark::State& state) { CommitLoop(state, store()); };
  return {.name = std::move(name),
          .items = "positions",
          .raw_does = raw_does,
          .raw = raw,
          .ours = ours,
          .argument = count,
          .server = server};
}

/// A group of `count` positions, which is read only.
inline const Held& ToRead(OffsetStore& store, int count) {
  return Kept(store, "read", count);
}

/// A whole side: reads of all of that group, or of its partitions by name.
inline void FetchLoop(benchmark::State& state, OffsetStore& store, bool by_name) {
  const auto count = static_cast<int>(state.range(0));
  const Held& held = ToRead(store, count);
  Selection selection;
  if (by_name) {
    for (const Move& move : held.moves) selection.partitions.push_back(move.at);
  }
  for (auto _ : state) {
    const auto reads = store.Fetch(held.group, selection, Soon());
    Require(static_cast<bool>(reads), reads ? "" : ToString(reads.error()));
    const auto has_entry = [](const Read& read) {
      return std::holds_alternative<Entry>(read.slot);
    };
    Require(std::count_if(reads->begin(), reads->end(), has_entry) == count, "fetch");
  }
  state.SetItemsProcessed(state.iterations() * count);
}

}  // namespace offsetstore::bench
