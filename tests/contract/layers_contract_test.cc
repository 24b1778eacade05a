// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A layer keeps the contract of what is below it: the suite on each, over memory.
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "fault_store.h"
#include "memory_fixture.h"
#include "offsetstore/layers/dual.h"
#include "offsetstore/layers/metered.h"
#include "offsetstore/layers/retry.h"
#include "offsetstore/open.h"
#include "offsetstore/testing/store_contract.h"

namespace {

using offsetstore::ErrorCode;
using offsetstore::Metrics;
using offsetstore::OffsetStore;
using offsetstore::Result;
using offsetstore::Series;
using offsetstore::StoreInfo;
using offsetstore::TopicPartition;
using offsetstore::testing::FaultStore;
using offsetstore::testing::MemoryFixture;

using Opened = Result<std::unique_ptr<OffsetStore>>;

/// Takes measurements from any thread, and forgets them.
struct Sink final : Metrics {
  void Count(const Series& /*series*/, std::uint64_t by) noexcept override { counted += by; }
  void Observe(const Series& /*series*/, double /*value*/) noexcept override { ++counted; }
  void Set(const Series& /*series*/, double /*value*/) noexcept override { ++counted; }
  std::atomic<std::uint64_t> counted{0};
};

struct RetryFixture : MemoryFixture {
  static constexpr const char* kName = "retry";

  Opened Open(std::string_view space = "") {
    auto below = MemoryFixture::Open(space);
    if (!below) return below;
    return offsetstore::WithRetry(*std::move(below), {}, offsetstore::SteadyClock());
  }
};

struct MeteredFixture : MemoryFixture {
  static constexpr const char* kName = "metered";

  Opened Open(std::string_view space = "") {
    auto below = MemoryFixture::Open(space);
    if (!below) return below;
    return offsetstore::WithMetrics(*std::move(below), sink);
  }

  Sink sink;
};

/// As OpenStore builds it.
struct WholeStackFixture : MemoryFixture {
  static constexpr const char* kName = "all layers";

  Opened Open(std::string_view space = "") {
    auto bare = OpenBare(space);
    if (!bare) return bare;
    offsetstore::OpenOptions options;
    options.metrics = &sink;
    return offsetstore::WithLayers(*std::move(bare), options);
  }

  Sink sink;
};

/// The store that fails by script, with no script but for a damaged partition.
struct FaultFixture : MemoryFixture {
  static constexpr const char* kName = "fault store";

  Opened Open(std::string_view space = "") {
    auto bare = OpenBare(space);
    if (!bare) return bare;
    auto faulty = std::make_unique<FaultStore>(*std::move(bare));
    if (damaged) {
      for (const auto op : {FaultStore::Op::kFetch, FaultStore::Op::kCommit}) {
        faulty->Script(op,
                       offsetstore::testing::FailPartitions(ErrorCode::kCorrupt, {*damaged})
                           .Times(offsetstore::testing::kForever));
      }
    }
    return offsetstore::WithContext(std::move(faulty));
  }
  bool DamageOne(std::string_view /*group*/, const TopicPartition& at) {
    damaged = at;
    return true;
  }

  std::optional<TopicPartition> damaged;
};

/// A store that can do little, as Kafka's own: the other direction of the capabilities.
struct PlainFixture : MemoryFixture {
  static constexpr const char* kName = "plain store";

  Opened Open(std::string_view space = "") {
    auto bare = OpenBare(space);
    if (!bare) return bare;
    StoreInfo info = (*bare)->Info();
    info.capabilities = {};
    info.capabilities.keeps_commit_time = true;
    info.limits = {.names = offsetstore::NameDomain::kKafkaTopic,
                   .topic_bytes = 249,
                   .group_bytes = 1000,
                   .metadata_bytes = 0,
                   .atomic_batch = 0};
    return offsetstore::WithContext(
        std::make_unique<FaultStore>(*std::move(bare), std::move(info)));
  }
};

/// Memory followed by memory. `Hang` holds both.
struct DualFixture : MemoryFixture {
  static constexpr const char* kName = "dual";

  struct Both : offsetstore::testing::Hold {
    explicit Both(DualFixture& on) : primary(on.world), secondary(on.behind.world) {}
    MemoryFixture::Pause primary;
    MemoryFixture::Pause secondary;
  };

  Opened Open(std::string_view space = "") {
    auto primary = MemoryFixture::Open(space);
    if (!primary) return primary;
    auto secondary = behind.Open(space);
    if (!secondary) return secondary;
    return offsetstore::JoinStores(*std::move(primary), *std::move(secondary), {});
  }
  std::unique_ptr<offsetstore::testing::Hold> Hang() { return std::make_unique<Both>(*this); }

  MemoryFixture behind;
};

/// A store that can do little, followed by one that can do all.
struct PlainDualFixture : PlainFixture {
  static constexpr const char* kName = "dual, plain primary";

  Opened Open(std::string_view space = "") {
    auto primary = PlainFixture::Open(space);
    if (!primary) return primary;
    auto secondary = behind.Open(space);
    if (!secondary) return secondary;
    return offsetstore::JoinStores(*std::move(primary), *std::move(secondary), {});
  }

  MemoryFixture behind;
};

}  // namespace

OFFSETSTORE_CONTRACT(RetryFixture);
OFFSETSTORE_CONTRACT(MeteredFixture);
OFFSETSTORE_CONTRACT(WholeStackFixture);
OFFSETSTORE_CONTRACT(FaultFixture);
OFFSETSTORE_CONTRACT(PlainFixture);
OFFSETSTORE_CONTRACT(DualFixture);
OFFSETSTORE_CONTRACT(PlainDualFixture);
