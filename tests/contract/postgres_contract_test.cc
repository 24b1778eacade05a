// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "offsetstore/backends/postgres.h"
#include "offsetstore/layers/context.h"
#include "offsetstore/testing/store_contract.h"
#include "offsetstore/testing/subject.h"
#include "postgres_client.h"

namespace {

using offsetstore::testing::Hold;
using offsetstore::testing::PostgresClient;

/// Tables of its own in a database that all cases share.
struct PostgresFixture {
  static constexpr const char* kName = "postgres";

  PostgresFixture() = default;
  PostgresFixture(const PostgresFixture&) = delete;
  PostgresFixture& operator=(const PostgresFixture&) = delete;
  ~PostgresFixture() { offsetstore::testing::DropTables(server, stem); }

  /// Another transaction that lets nobody at the rows.
  struct LockedTable : Hold {
    LockedTable(const std::string& server, const std::string& stem) : client(server) {
      client.Run("BEGIN");
      client.Run("LOCK TABLE " + stem + "_positions IN ACCESS EXCLUSIVE MODE");
    }
    PostgresClient client;
  };

  offsetstore::Result<std::unique_ptr<offsetstore::OffsetStore>> Open(
      std::string_view space = "") const {
    const auto uri = offsetstore::ParseUri(*Uri(space));
    if (!uri) return uri.error();
    const auto options = offsetstore::PostgresOptions::FromUri(*uri);
    if (!options) return options.error();
    auto bare = OpenPostgresStore(*options, offsetstore::testing::Soon());
    if (!bare) return bare;
    return offsetstore::WithContext(*std::move(bare));
  }
  std::optional<std::string> Uri(std::string_view space = "") const {
    return server + "?table=" + stem + (space.empty() ? "" : "&space=" + std::string(space));
  }
  std::unique_ptr<Hold> Hang() const { return std::make_unique<LockedTable>(server, stem); }
  bool DamageOne(std::string_view group, const offsetstore::TopicPartition& at) const {
    return PostgresClient(server).Run("UPDATE " + stem +
                                      "_positions SET position = -5 WHERE grp = '" +
                                      std::string(group) + "' AND topic = '" + at.topic +
                                      "' AND part = " + std::to_string(at.partition)) == 1;
  }
  static offsetstore::Status Register(offsetstore::BackendRegistry& registry) {
    return RegisterPostgresBackend(registry);
  }
  void Prepare(std::span<const offsetstore::TopicPartition> /*partitions*/) const {}

  std::string server = offsetstore::testing::PostgresServer();
  std::string stem = offsetstore::testing::UniqueStem();
};

}  // namespace

OFFSETSTORE_CONTRACT(PostgresFixture);
