// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A tree of Kafka 0.8 consumers, made and read by ZooKeeper's client library.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "zookeeper_by_hand.h"

namespace offsetstore::bench {

struct OldPosition {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t position = -1;

  friend auto operator<=>(const OldPosition&, const OldPosition&) = default;
};
struct OldGroup {
  std::string name;
  std::vector<OldPosition> positions;  ///< Sorted.

  friend bool operator==(const OldGroup&, const OldGroup&) = default;
};

/// Adds those nodes, in order, with null data where it is empty.
struct NewNode {
  std::string path;
  std::string data;
};
void MakeNodes(const ZooKeeperHandle& handle, std::span<const NewNode> nodes);

/// Everything below CHROOT/consumers that is a position: level by level, each of them pipelined.
[[nodiscard]] std::vector<OldGroup> ReadTree(const ZooKeeperHandle& handle,
                                             const std::string& chroot);

/// The positions of these groups, as they are now.
[[nodiscard]] std::vector<OldGroup> ReadLeaves(const ZooKeeperHandle& handle,
                                               const std::string& chroot,
                                               std::span<const OldGroup> groups);

/// How many members and owners are registered in these groups.
[[nodiscard]] std::size_t CountRegistered(const ZooKeeperHandle& handle,
                                          const std::string& chroot,
                                          std::span<const OldGroup> groups);

}  // namespace offsetstore::bench
