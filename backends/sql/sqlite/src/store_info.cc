// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "store_info.h"

#include <cstddef>

namespace offsetstore::sql {
namespace {

constexpr std::size_t kLongestName = std::size_t{64} << 10U;
constexpr std::size_t kLongestMetadata = std::size_t{1} << 20U;
constexpr std::size_t kLargestBatch = 100'000;

void DescribeDurability(const SqliteOptions& options, bool wal, StoreInfo& info) {
  if (!wal) {
    info.durability = Durability::kPowerLoss;
    info.durability_note =
        "Every commit is synced. The database keeps its owner's rollback journal, so readers and "
        "writers wait for each other; write-ahead logging (`PRAGMA journal_mode=WAL`) is faster.";
    return;
  }
  if (options.synchronous == SqliteOptions::Synchronous::kFull) {
    info.durability = Durability::kPowerLoss;
    info.durability_note = "Every commit is synced (write-ahead log, synchronous=full).";
    return;
  }
  info.durability = Durability::kProcessCrash;
  info.durability_note =
      "Commits are not synced one by one (synchronous=normal): a crash of the system or a loss of "
      "power may take the last ones back, together and never torn; kill -9 takes none.";
}

}  // namespace

StoreInfo MakeInfo(const SqliteOptions& options,
                   const std::filesystem::path& path,
                   const Schema& schema) {
  StoreInfo info;
  info.scheme = "sqlite";
  info.endpoint = path.string();
  info.store_id = schema.store_id;
  info.space = options.space;
  info.capabilities = {.fenced_commits = true,
                       .conditional_commits = true,
                       .atomic_batch = true,
                       .in_callers_transaction = true,
                       .keeps_metadata = true,
                       .keeps_commit_time = true,
                       .lists_groups = true};
  info.limits = {.names = NameDomain::kText,
                 .topic_bytes = kLongestName,
                 .group_bytes = kLongestName,
                 .metadata_bytes = kLongestMetadata,
                 .atomic_batch = kLargestBatch};
  DescribeDurability(options, schema.wal, info);
  return info;
}

}  // namespace offsetstore::sql
