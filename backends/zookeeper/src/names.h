// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Names of groups and topics as names of nodes, and the paths of the tree
// (docs/formats/zookeeper-store.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offsetstore/types.h"

namespace offsetstore::zookeeper {

/// A name that Kafka 0.8 takes (`[A-Za-z0-9._-]+`, not `.` or `..`) is its own node name; any other
/// is percent-encoded, which always leaves a `%` and so never meets the first kind.
[[nodiscard]] std::string NodeName(std::string_view name);

/// The one name whose `NodeName` is `node`, or none: another program's way to encode.
[[nodiscard]] std::optional<std::string> NameOfNode(std::string_view node);

/// A partition's node: its number without sign or leading zeros, 0 to 2^31-1.
[[nodiscard]] std::optional<std::int32_t> PartitionOfNode(std::string_view node);

/// The paths of one group below `root`, the chroot (empty or without a slash at the end).
class GroupPaths {
 public:
  GroupPaths(std::string_view root, std::string_view group);

  [[nodiscard]] const std::string& group() const noexcept { return group_; }
  /// `/consumers/GROUP/offsets`: Kafka's own.
  [[nodiscard]] std::string Offsets() const { return Folder(kOffsets); }
  [[nodiscard]] std::string Owners() const { return group_ + "/owners"; }
  [[nodiscard]] std::string Ids() const { return group_ + "/ids"; }
  /// `/consumers/GROUP/offsetstore`: what the leaf has no room for.
  [[nodiscard]] std::string Own() const { return Folder(kOwn); }

  [[nodiscard]] std::string Leaf(const TopicPartition& at) const;
  [[nodiscard]] std::string OwnNode(const TopicPartition& at) const;
  /// The child of our node.
  [[nodiscard]] std::string Incarnation(const TopicPartition& at, const Nonce& name) const;

 private:
  static constexpr std::string_view kOffsets = "offsets";
  static constexpr std::string_view kOwn = "offsetstore";

  [[nodiscard]] std::string Folder(std::string_view name) const {
    return std::string(group_).append(1, '/').append(name);
  }

  std::string group_;
};

/// `FOLDER/NODE`.
[[nodiscard]] std::string Child(std::string_view folder, std::string_view node);

/// `ROOT/consumers`.
[[nodiscard]] std::string ConsumersPath(std::string_view root);

}  // namespace offsetstore::zookeeper
