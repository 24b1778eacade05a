// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fake_clock.h"
#include "fault_store.h"
#include "offsetstore/backends/memory.h"
#include "offsetstore/layers/context.h"
#include "offsetstore/layers/dual.h"
#include "recorded_metrics.h"

namespace offsetstore::testing {

using Op = FaultStore::Op;

inline const TopicPartition kAt{"orders", 0};
inline const TopicPartition kIdle{"orders", 1};
inline constexpr const char* kGroup = "g";

inline Deadline Soon() {
  return Deadline::After(std::chrono::seconds(30));
}

inline Owner Named(std::string name) {
  Owner owner;
  owner.name = std::move(name);
  return owner;
}

inline std::unique_ptr<OffsetStore> Memory(const std::shared_ptr<MemoryWorld>& world) {
  auto bare = OpenMemoryStore({"", world});
  REQUIRE(bare);
  return WithContext(*std::move(bare));
}

/// Without claims and without `from`, as Kafka's own.
inline StoreInfo Plain(StoreInfo info) {
  info.capabilities = {};
  info.capabilities.keeps_commit_time = true;
  info.limits = {.names = NameDomain::kKafkaTopic,
                 .topic_bytes = 249,
                 .group_bytes = 1000,
                 .metadata_bytes = 0,
                 .atomic_batch = 0};
  return info;
}

inline ClaimAnswer Claim(OffsetStore& store,
                         const TopicPartition& at,
                         const Expect& expect = Any{},
                         const std::string& owner = "mine") {
  const std::vector<ClaimRequest> requests = {{at, expect, Nonce::Random()}};
  auto answers = store.Claim(kGroup, requests, Named(owner), Soon());
  REQUIRE(answers);
  return answers->front();
}

inline ClaimToken MustClaim(OffsetStore& store,
                            const TopicPartition& at,
                            const Expect& expect = Any{},
                            const std::string& owner = "mine") {
  const ClaimAnswer answer = Claim(store, at, expect, owner);
  REQUIRE(answer.outcome.Ok());
  return answer.token;
}

inline Outcome Commit(OffsetStore& store,
                      const TopicPartition& at,
                      std::int64_t to,
                      const std::optional<ClaimToken>& claim = {},
                      Kind kind = Kind::kAdvance) {
  Move move;
  move.at = at;
  move.to = Position(to);
  move.kind = kind;
  move.claim = claim;
  const auto outcomes =
      store.Commit(kGroup, std::vector{move}, Named("mine"), Atomicity::kEach, Soon());
  REQUIRE(outcomes);
  return outcomes->front();
}

inline Outcome Release(OffsetStore& store, const TopicPartition& at, const ClaimToken& claim) {
  const auto outcomes = store.Release(kGroup, std::vector{Claimed{at, claim}}, Soon());
  REQUIRE(outcomes);
  return outcomes->front();
}

inline Read Fetch(OffsetStore& store, const TopicPartition& at) {
  const auto reads = store.Fetch(kGroup, {{at}, {}}, Soon());
  REQUIRE(reads);
  return reads->front();
}

/// -1: absent.
inline std::int64_t PositionOf(OffsetStore& store, const TopicPartition& at) {
  const Read read = Fetch(store, at);
  const auto* entry = std::get_if<Entry>(&read.slot);
  return entry == nullptr ? -1 : entry->position.value();
}

/// Who holds it; empty: nobody.
inline std::string HolderOf(OffsetStore& store, const TopicPartition& at) {
  const Read read = Fetch(store, at);
  return read.claim && !read.claim->released ? read.claim->owner.name : "";
}

/// A dual over two memory worlds, each leg failing by script, and a store beside each leg.
struct Dual {
  explicit Dual(bool plain_primary = false, bool plain_secondary = false) {
    auto open = [](const auto& world, bool plain, FaultStore*& faults) {
      auto bare = OpenMemoryStore({"", world});
      REQUIRE(bare);
      std::optional<StoreInfo> info;
      if (plain) info = Plain((*bare)->Info());
      auto faulty = std::make_unique<FaultStore>(*std::move(bare), std::move(info));
      faults = faulty.get();
      return WithContext(std::move(faulty));
    };
    auto first = open(primary_world, plain_primary, primary);
    auto second = open(secondary_world, plain_secondary, secondary);
    DualOptions options;
    options.secondary_timeout = std::chrono::milliseconds(200);
    options.clock = &clock;
    options.metrics = &metrics;
    options.on_drift = [this](const Drift& drift) {
      const std::lock_guard lock(mutex);
      drifts.push_back(drift);
    };
    auto joined = JoinStores(std::move(first), std::move(second), std::move(options));
    REQUIRE(joined);
    store = *std::move(joined);
  }

  /// The pauses after a failure are over.
  void Wait() { clock.Advance(std::chrono::seconds(6)); }

  /// What was told since the last call: `ahead orders[0]`.
  std::vector<std::string> Told() {
    const std::lock_guard lock(mutex);
    std::vector<std::string> lines;
    for (const Drift& drift : std::exchange(drifts, {})) {
      lines.push_back(std::string(ToString(drift.kind)) + ' ' + ToString(drift.at.value()));
    }
    return lines;
  }

  std::shared_ptr<MemoryWorld> primary_world = NewMemoryWorld();
  std::shared_ptr<MemoryWorld> secondary_world = NewMemoryWorld();
  std::unique_ptr<OffsetStore> a = Memory(primary_world);    ///< Beside the primary.
  std::unique_ptr<OffsetStore> b = Memory(secondary_world);  ///< Beside the secondary.
  FaultStore* primary = nullptr;
  FaultStore* secondary = nullptr;
  FakeClock clock;
  RecordedMetrics metrics;
  std::mutex mutex;  // Guards `drifts`.
  std::vector<Drift> drifts;
  std::unique_ptr<OffsetStore> store;
};

using Lines = std::vector<std::string>;

}  // namespace offsetstore::testing
