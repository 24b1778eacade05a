// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "offsetstore/backends/sqlite.h"
#include "offsetstore/layers/context.h"
#include "offsetstore/testing/store_contract.h"
#include "offsetstore/testing/subject.h"
#include "temp_dir.h"

namespace {

using offsetstore::testing::Hold;

constexpr std::chrono::seconds kOpenBound{30};

/// A database of its own in a folder of its own.
struct SqliteFixture {
  static constexpr const char* kName = "sqlite";

  /// Another connection inside a transaction that writes.
  struct OtherWriter : Hold {
    explicit OtherWriter(const std::filesystem::path& path)
        : db(path.string(), SQLite::OPEN_READWRITE, 10'000) {
      db.exec("BEGIN IMMEDIATE");
    }
    SQLite::Database db;
  };

  offsetstore::Result<std::unique_ptr<offsetstore::OffsetStore>> Open(
      std::string_view space = "") const {
    offsetstore::SqliteOptions options;
    options.path = path;
    options.space = space;
    auto bare = OpenSqliteStore(options, offsetstore::Deadline::After(kOpenBound));
    if (!bare) return bare;
    return offsetstore::WithContext(*std::move(bare));
  }
  std::optional<std::string> Uri(std::string_view space = "") const {
    return "sqlite://" + path.string() + (space.empty() ? "" : "?space=" + std::string(space));
  }
  std::unique_ptr<Hold> Hang() const { return std::make_unique<OtherWriter>(path); }
  bool DamageOne(std::string_view group, const offsetstore::TopicPartition& at) const {
    SQLite::Database db(path.string(), SQLite::OPEN_READWRITE, 10'000);
    SQLite::Statement update(db,
                             "UPDATE offsetstore_positions SET position = 'junk'"
                             " WHERE grp = ? AND topic = ? AND part = ?");
    update.bind(1, std::string(group));
    update.bind(2, at.topic);
    update.bind(3, at.partition);
    return update.exec() == 1;
  }
  static offsetstore::Status Register(offsetstore::BackendRegistry& registry) {
    return RegisterSqliteBackend(registry);
  }
  void Prepare(std::span<const offsetstore::TopicPartition> /*partitions*/) const {}

  offsetstore::testing::TempDir folder;
  std::filesystem::path path = folder / "offsets.db";
};

}  // namespace

OFFSETSTORE_CONTRACT(SqliteFixture);
