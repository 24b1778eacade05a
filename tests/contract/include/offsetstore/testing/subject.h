// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/registry.h"
#include "offsetstore/testing/test_group.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace testing {

/// Keeps a store's lock or server hanging while it lives.
struct Hold {
  Hold() = default;
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  virtual ~Hold() = default;
};

/// What a backend gives so that the suite can run on it. One fixture object is one storage; cases
/// use groups with names of their own, so that storages may share a server.
template <class F>
concept StoreFixture = std::default_initializable<F> &&
    requires(F fixture,
             std::string_view space,
             std::string_view group,
             const TopicPartition& at,
             BackendRegistry& registry,
             std::span<const TopicPartition> partitions) {
  // Shown beside the name of each case.
  { F::kName } -> std::convertible_to<const char*>;
  // A new open store, with the context layer, on this storage; several may be open at once. A
  // store without spaces refuses a space that is not empty.
  { fixture.Open(space) } -> std::same_as<Result<std::unique_ptr<OffsetStore>>>;
  // What another process passes to OpenStore to reach the same storage; nullopt: nothing does.
  { fixture.Uri(space) } -> std::same_as<std::optional<std::string>>;
  // Makes the store's lock or server hang until the object is gone; null: cannot be made to.
  { fixture.Hang() } -> std::same_as<std::unique_ptr<Hold>>;
  // Makes exactly one stored partition unreadable, while no store is open; false: not possible.
  { fixture.DamageOne(group, at) } -> std::same_as<bool>;
  // Registers the backend for `Uri`, in a child process.
  { F::Register(registry) } -> std::same_as<Status>;
  // Makes partitions that must exist before they can be used.
  fixture.Prepare(partitions);
};

/// A fixture as the cases see it, whatever its type: they are compiled once.
class Storage {
 public:
  Storage() = default;
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  virtual ~Storage() = default;

  [[nodiscard]] virtual std::string Name() const = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<OffsetStore>> Open(std::string_view space) = 0;
  [[nodiscard]] virtual std::optional<std::string> Uri() = 0;
  [[nodiscard]] virtual std::unique_ptr<Hold> Hang() = 0;
  [[nodiscard]] virtual bool DamageOne(std::string_view group, const TopicPartition& at) = 0;
  virtual void Prepare(std::span<const TopicPartition> partitions) = 0;
};

template <StoreFixture Fixture>
class FixtureStorage final : public Storage {
 public:
  [[nodiscard]] std::string Name() const override { return Fixture::kName; }
  [[nodiscard]] Result<std::unique_ptr<OffsetStore>> Open(std::string_view space) override {
    return fixture_.Open(space);
  }
  [[nodiscard]] std::optional<std::string> Uri() override { return fixture_.Uri(""); }
  [[nodiscard]] std::unique_ptr<Hold> Hang() override { return fixture_.Hang(); }
  [[nodiscard]] bool DamageOne(std::string_view group, const TopicPartition& at) override {
    return fixture_.DamageOne(group, at);
  }
  void Prepare(std::span<const TopicPartition> partitions) override {
    fixture_.Prepare(partitions);
  }

 private:
  Fixture fixture_;
};

/// A storage with one open store: what a case works on. Throws where the store does not open.
struct Subject {
  explicit Subject(Storage& on);

  /// Another store on the same storage.
  [[nodiscard]] std::unique_ptr<OffsetStore> Open(std::string_view space = "");

  /// Closes the store and opens it again, as a restart does.
  void Reopen();

  [[nodiscard]] const Capabilities& can() const { return store->Info().capabilities; }
  [[nodiscard]] const Limits& limits() const { return store->Info().limits; }

  /// A group that nothing else uses.
  [[nodiscard]] TestGroup Group(std::string_view stem = "group") const;

  /// The first `count` partitions of a topic that cases share: groups keep them apart.
  [[nodiscard]] std::vector<TopicPartition> Partitions(int count);
  [[nodiscard]] TopicPartition Partition();

  Storage& storage;
  std::unique_ptr<OffsetStore> store;
};

}  // namespace testing
}  // namespace offsetstore
