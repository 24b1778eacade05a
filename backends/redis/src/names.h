// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offsetstore/types.h"

namespace offsetstore::redis {

/// The keys of a store. Injective for any bytes in space and group: both are percent-encoded, which
/// leaves no `/`, `{` or `}`, and the prefix has none of them either.
class KeyNames {
 public:
  KeyNames(const std::string& prefix, std::string_view space);

  /// `<prefix>{<group>}` or `<prefix>{<space>/<group>}`: the braces make all of a group one slot.
  [[nodiscard]] std::string Hash(std::string_view group) const;
  /// The group whose hash has that key, or none: of another space, or no group's at all.
  [[nodiscard]] std::optional<std::string> GroupOf(std::string_view key) const;
  /// Matches the keys of all hashes (`SCAN`), and those of other spaces too. No part of it has a
  /// meaning of its own in a pattern, but for the star.
  [[nodiscard]] std::string HashPattern() const { return start_ + "*}"; }
  /// The sorted set of groups that have a position: `<prefix>groups` or `<prefix>groups/<space>`.
  [[nodiscard]] const std::string& index() const noexcept { return index_; }
  /// The key of the store: `<prefix>meta`.
  [[nodiscard]] const std::string& meta() const noexcept { return meta_; }

 private:
  std::string start_;
  std::string index_;
  std::string meta_;
};

/// Counts the positions of a group. No partition has this field.
inline constexpr std::string_view kCountField = "#";

/// The field of a partition: `<topic>/<partition>`, the topic percent-encoded.
[[nodiscard]] std::string FieldOf(const TopicPartition& at);
/// The partition whose field is `field`, or none.
[[nodiscard]] std::optional<TopicPartition> PartitionOf(std::string_view field);

}  // namespace offsetstore::redis
