// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "demo/child.h"
#include "demo/rounds.h"
#include "offsetstore/registry.h"

namespace offsetstore::cli {

/// As `offsetstore.delivery`.
enum class DemoDelivery { kAtLeastOnce, kAtMostOnce, kExactlyOnce };
[[nodiscard]] std::string_view NameOf(DemoDelivery delivery) noexcept;

struct DemoSettings {
  DemoDelivery delivery = DemoDelivery::kAtLeastOnce;
  std::string store;    ///< Empty = SQLite in a folder of the demo's own.
  std::string brokers;  ///< Empty = librdkafka's mock cluster.
  std::uint64_t records = 20000;
  int kills = 10;
  std::uint64_t seed = 0;
  int partitions = 4;
};

/// What the demo stands on: a folder, a Kafka cluster with the numbered records, the names. All of
/// it is taken away at the end.
class Scene {
 public:
  /// What the demo's consumers are configured with; printed, and the base of the bound.
  static constexpr std::uint64_t kMaxUncommitted = 64;
  static constexpr std::uint64_t kBatch = 64;
  static constexpr int kCommitMs = 50;
  static constexpr int kWorkUs = 200;

  [[nodiscard]] static Result<std::unique_ptr<Scene>> Build(const DemoSettings& settings);
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene();

  [[nodiscard]] Contender Plain() const;
  [[nodiscard]] Contender Store() const;
  /// A property of the plain consumer, or of the consumer with the store, per line.
  [[nodiscard]] std::string PlainConfiguration() const;
  [[nodiscard]] std::string StoreConfiguration() const;
  [[nodiscard]] const std::string& brokers() const noexcept { return brokers_; }
  [[nodiscard]] const std::string& store() const noexcept { return store_; }
  /// Records between the poll loop and the worker thread of the plain consumer.
  [[nodiscard]] std::uint64_t Queue() const;
  /// At least once: a killed consumer repeats at most what it had done or in hand and not yet
  /// acknowledged. At most once: it loses at most the batch in hand.
  [[nodiscard]] Tally Bounds(int kills) const;
  /// Removes what the demo left in a store of the user's own.
  [[nodiscard]] Status Tidy(const BackendRegistry& registry);

 private:
  explicit Scene(DemoSettings settings) : settings_(std::move(settings)) {}
  [[nodiscard]] Status MakeFolder();
  [[nodiscard]] Status StartCluster();
  [[nodiscard]] Status WriteConfiguration() const;
  /// Where the results go exactly once.
  [[nodiscard]] std::string Into() const;
  [[nodiscard]] Contender TableStore() const;
  [[nodiscard]] Status DropTable() const;

  DemoSettings settings_;
  std::filesystem::path folder_;
  std::string name_;  ///< Topic, and the beginning of both groups' names.
  std::string brokers_;
  std::string store_;
  std::optional<Child> cluster_;
};

}  // namespace offsetstore::cli
