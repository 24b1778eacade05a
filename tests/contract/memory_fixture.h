// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "offsetstore/backends/memory.h"
#include "offsetstore/layers/context.h"
#include "offsetstore/testing/subject.h"

namespace offsetstore::testing {

/// A world of its own; every store of it sees the same.
struct MemoryFixture {
  static constexpr const char* kName = "memory";

  struct Pause : Hold {
    explicit Pause(std::shared_ptr<MemoryWorld> held) : pause(std::move(held)) {}
    MemoryPause pause;
  };

  Result<std::unique_ptr<OffsetStore>> OpenBare(std::string_view space) const {
    return OpenMemoryStore({std::string(space), world});
  }
  Result<std::unique_ptr<OffsetStore>> Open(std::string_view space = "") {
    auto bare = OpenBare(space);
    if (!bare) return bare;
    return WithContext(*std::move(bare));
  }
  std::optional<std::string> Uri(std::string_view /*space*/ = "") { return std::nullopt; }
  std::unique_ptr<Hold> Hang() { return std::make_unique<Pause>(world); }
  bool DamageOne(std::string_view /*group*/, const TopicPartition& /*at*/) { return false; }
  static Status Register(BackendRegistry& registry) { return RegisterMemoryBackend(registry); }
  void Prepare(std::span<const TopicPartition> /*partitions*/) {}

  std::shared_ptr<MemoryWorld> world = NewMemoryWorld();
};

}  // namespace offsetstore::testing
