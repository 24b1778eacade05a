// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "internal/rules.h"
#include "offsetstore/store.h"

namespace offsetstore::testing {

/// Information of a store that can do everything and keeps anything.
inline StoreInfo AbleInfo() {
  constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();
  StoreInfo info;
  info.scheme = "stub";
  info.capabilities = {.fenced_commits = true,
                       .conditional_commits = true,
                       .atomic_batch = true,
                       .in_callers_transaction = false,
                       .keeps_metadata = true,
                       .keeps_commit_time = true,
                       .lists_groups = true};
  info.limits = {.names = NameDomain::kAny,
                 .topic_bytes = kAny,
                 .group_bytes = kAny,
                 .metadata_bytes = kAny,
                 .atomic_batch = kAny};
  return info;
}

/// Answers every partition as applied (a read as absent), or with what the test put in its place.
/// One thread at a time.
class StubStore final : public OffsetStore {
 public:
  explicit StubStore(StoreInfo given = AbleInfo()) : info(std::move(given)) {}

  StoreInfo info;
  int calls = 0;
  std::function<Result<GroupPage>()> on_list;
  std::function<Answers<Read>(const Selection&)> on_fetch;
  std::function<Answers<ClaimAnswer>(std::span<const ClaimRequest>)> on_claim;
  std::function<Answers<Outcome>(std::span<const Move>)> on_commit;
  std::function<Answers<Outcome>(std::span<const Claimed>)> on_release;
  std::function<Answers<Outcome>(std::span<const Removal>)> on_remove;
  std::function<Status()> on_close;

  [[nodiscard]] const StoreInfo& Info() const noexcept override { return info; }
  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& /*page*/,
                                             Deadline /*deadline*/) override {
    ++calls;
    return on_list ? on_list() : GroupPage{};
  }
  [[nodiscard]] Answers<Read> Fetch(std::string_view /*group*/,
                                    const Selection& selection,
                                    Deadline /*deadline*/) override {
    ++calls;
    if (on_fetch) return on_fetch(selection);
    std::vector<Read> reads;
    for (const auto& at : selection.partitions) reads.push_back({at, Absent{}, {}});
    return reads;
  }
  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view /*group*/,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& /*by*/,
                                           Deadline /*deadline*/) override {
    ++calls;
    if (on_claim) return on_claim(requests);
    std::vector<ClaimAnswer> answers;
    for (const auto& request : requests) {
      answers.push_back({internal::Applied(request.at), {1, request.nonce}, Absent{}, {}});
    }
    return answers;
  }
  [[nodiscard]] Answers<Outcome> Commit(std::string_view /*group*/,
                                        std::span<const Move> moves,
                                        const Owner& /*by*/,
                                        Atomicity /*atomicity*/,
                                        Deadline /*deadline*/) override {
    ++calls;
    return on_commit ? on_commit(moves) : AllApplied(moves);
  }
  [[nodiscard]] Answers<Outcome> Release(std::string_view /*group*/,
                                         std::span<const Claimed> claims,
                                         Deadline /*deadline*/) override {
    ++calls;
    return on_release ? on_release(claims) : AllApplied(claims);
  }
  [[nodiscard]] Answers<Outcome> Remove(std::string_view /*group*/,
                                        std::span<const Removal> removals,
                                        const Owner& /*by*/,
                                        Deadline /*deadline*/) override {
    ++calls;
    return on_remove ? on_remove(removals) : AllApplied(removals);
  }
  [[nodiscard]] Status Close(Deadline /*deadline*/) override {
    ++calls;
    return on_close ? on_close() : Status();
  }

  template <class Request>
  static Answers<Outcome> AllApplied(std::span<const Request> requests) {
    std::vector<Outcome> outcomes;
    for (const Request& request : requests) outcomes.push_back(internal::Applied(request.at));
    return outcomes;
  }
};

/// A stub inside a layer: the layer owns it, the test still sees it.
struct Layered {
  StubStore* stub = nullptr;
  std::unique_ptr<OffsetStore> store;

  template <class Wrap>
  static Layered Make(Wrap wrap, StoreInfo info = AbleInfo()) {
    auto stub = std::make_unique<StubStore>(std::move(info));
    Layered layered;
    layered.stub = stub.get();
    layered.store = wrap(std::move(stub));
    return layered;
  }
};

inline Deadline Soon() {
  return Deadline::After(std::chrono::seconds(30));
}

inline Move MoveTo(std::string topic, std::int32_t partition, std::int64_t to) {
  Move move;
  move.at = {std::move(topic), partition};
  move.to = Position(to);
  return move;
}

/// Partitions 0 to `count` - 1 of topic `t`, each to 10 and its number.
inline std::vector<Move> Moves(int count) {
  std::vector<Move> moves;
  moves.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) moves.push_back(MoveTo("t", i, 10 + i));
  return moves;
}

inline ClaimRequest ClaimOf(std::string topic, std::int32_t partition) {
  return {{std::move(topic), partition}, Any{}, Nonce::Random()};
}

inline Removal RemovalOf(std::string topic, std::int32_t partition) {
  return {{std::move(topic), partition}, Any{}, {}};
}

}  // namespace offsetstore::testing
