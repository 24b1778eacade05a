// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "internal/rules.h"
#include "offsetstore/error.h"
#include "own_node.h"

namespace offsetstore::zookeeper {

/// A node as it was read.
struct Node {
  std::optional<std::string> data;  ///< None: the node has no data (null).
  std::int32_t version = 0;
  std::int64_t zxid = 0;   ///< Of its last change.
  std::int64_t mtime = 0;  ///< Of its last change, by the server's clock; ms since the epoch.
};

/// Both nodes of one partition; none: there is no such node.
struct NodePair {
  std::optional<Node> own;
  std::optional<Node> leaf;
};

/// What both nodes say together, and what a conditional write must name.
struct PartitionState {
  internal::Record record;
  std::optional<Error> unreadable;  ///< Then `record` means nothing.
  std::optional<std::int32_t> own_version;
  /// Of our node. None beside an `own_version`: its child is gone, and the next write makes one.
  std::optional<Nonce> incarnation;
  std::optional<std::int32_t> leaf_version;
  std::int64_t leaf_zxid = 0;       ///< Of the leaf that is there.
  LeafMark mark;                    ///< As our node has it; never `LeafTogether`.
  std::optional<Position> written;  ///< The position that we wrote last.
  /// The leaf is not the one that our node knows: another program changed it since, or, where both
  /// were read in two steps, a commit came in between.
  bool outside = false;
};

/// Pure. A leaf that was changed from outside counts as it is: the position without what we kept
/// beside the old one, but for the ids of topic and cluster.
[[nodiscard]] PartitionState ToState(const NodePair& pair,
                                     const std::string& own_path,
                                     const std::string& leaf_path);

/// Our node for `record`.
[[nodiscard]] OwnNode ToOwnNode(const internal::Record& record, LeafMark leaf);

}  // namespace offsetstore::zookeeper
