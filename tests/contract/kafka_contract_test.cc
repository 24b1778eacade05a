// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "kafka_client.h"
#include "offsetstore/backends/kafka.h"
#include "offsetstore/layers/context.h"
#include "offsetstore/testing/store_contract.h"
#include "offsetstore/testing/subject.h"

namespace {

using offsetstore::testing::Hold;

/// A cluster cannot be had for each case: they share one, and use groups of their own.
struct KafkaFixture {
  static constexpr const char* kName = "kafka";

  offsetstore::Result<std::unique_ptr<offsetstore::OffsetStore>> Open(
      std::string_view space = "") const {
    auto uri = offsetstore::ParseUri(*Uri(space));
    if (!uri) return uri.error();
    const auto options = offsetstore::KafkaOptions::FromUri(*uri);
    if (!options) return options.error();
    auto bare = OpenKafkaStore(*options, offsetstore::testing::Soon());
    if (!bare) return bare;
    return offsetstore::WithContext(*std::move(bare));
  }
  std::optional<std::string> Uri(std::string_view space = "") const {
    return "kafka://" + brokers + (space.empty() ? "" : "?space=" + std::string(space));
  }
  // A hanging broker stops the other tests too; tests/fault/kafka has one of its own.
  std::unique_ptr<Hold> Hang() const { return nullptr; }
  bool DamageOne(std::string_view /*group*/, const offsetstore::TopicPartition& /*at*/) const {
    return false;
  }
  static offsetstore::Status Register(offsetstore::BackendRegistry& registry) {
    return RegisterKafkaBackend(registry);
  }
  void Prepare(std::span<const offsetstore::TopicPartition> partitions) const {
    offsetstore::testing::EnsureTopics(brokers, partitions);
  }

  std::string brokers = offsetstore::testing::KafkaBrokers();
};

}  // namespace

OFFSETSTORE_CONTRACT(KafkaFixture);
