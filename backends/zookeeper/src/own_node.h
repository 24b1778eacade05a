// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "offsetstore/result.h"
#include "offsetstore/types.h"

namespace offsetstore::zookeeper {

/// How Kafka's leaf stood when our own node was written. A zxid names one change of the ensemble,
/// so a leaf that was deleted and made again does not pass for the old one.
struct LeafAbsent {
  friend bool operator==(LeafAbsent, LeafAbsent) = default;
};
/// The leaf was written by the same transaction, so its zxid is the one of our node.
struct LeafTogether {
  friend bool operator==(LeafTogether, LeafTogether) = default;
};
/// The leaf's last change was this transaction.
struct LeafAt {
  std::int64_t zxid = 0;
  friend bool operator==(LeafAt, LeafAt) = default;
};
using LeafMark = std::variant<LeafAbsent, LeafTogether, LeafAt>;

/// Our node of one partition: what Kafka's leaf has no room for. One header line of words
/// (`key=value`, percent-encoded), then the metadata byte for byte.
struct OwnNode {
  std::optional<ClaimView> claim;
  bool removed = false;  ///< A tombstone: `claim` keeps the counter.
  /// Drawn when the node was made, and the name of its only child.
  Nonce incarnation;
  LeafMark leaf;
  std::optional<Position> position;  ///< What we wrote into the leaf; none: no position.
  std::optional<std::int32_t> leader_epoch;
  std::string topic_id;
  std::string cluster_id;
  std::string writer;
  std::string metadata;
};

[[nodiscard]] std::string ToText(const OwnNode& node);

/// `Corrupt` names the word that no release could have written; `Unsupported`: a newer format.
[[nodiscard]] Result<OwnNode> OwnNodeFromText(std::string_view text, const std::string& path);

}  // namespace offsetstore::zookeeper
