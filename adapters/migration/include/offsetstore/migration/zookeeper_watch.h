// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "offsetstore/backends/zookeeper.h"
#include "offsetstore/migration/group_watch.h"

namespace offsetstore::migration {

/// Whether old consumers (Kafka 0.8 to 1.x, by ZooKeeper) are at work: those that stand in `ids`,
/// and partitions that stand in `owners`. Each look has a session of its own.
class ZooKeeperWatch final : public GroupWatch {
 public:
  explicit ZooKeeperWatch(ZooKeeperOptions options) : options_(std::move(options)) {}

  [[nodiscard]] Result<std::vector<Result<Liveness>>> Look(std::span<const std::string> groups,
                                                           Deadline deadline) override;

 private:
  const ZooKeeperOptions options_;
};

/// What a group's registrations say.
[[nodiscard]] Liveness LivenessOf(const LegacyGroup& group);

}  // namespace offsetstore::migration
