// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "names.h"

#include <limits>

#include "internal/percent.h"
#include "offsetstore/units.h"

namespace offsetstore::redis {

KeyNames::KeyNames(const std::string& prefix, std::string_view space)
    : start_(prefix + '{'), index_(prefix + "groups"), meta_(prefix + "meta") {
  if (space.empty()) return;
  const std::string encoded = internal::PercentEncode(space);
  start_ += encoded + '/';
  index_ += '/' + encoded;
}

std::string KeyNames::Hash(std::string_view group) const {
  return start_ + internal::PercentEncode(group) + '}';
}

std::optional<std::string> KeyNames::GroupOf(std::string_view key) const {
  if (!key.starts_with(start_) || !key.ends_with('}')) return std::nullopt;
  key.remove_prefix(start_.size());
  key.remove_suffix(1);
  std::optional<std::string> group = internal::PercentDecode(key);
  // Only what `Hash` writes; the key of another space has a slash here.
  if (!group || internal::PercentEncode(*group) != key) return std::nullopt;
  return group;
}

std::string FieldOf(const TopicPartition& at) {
  return internal::PercentEncode(at.topic) + '/' + std::to_string(at.partition);
}

std::optional<TopicPartition> PartitionOf(std::string_view field) {
  const std::size_t slash = field.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view digits = field.substr(slash + 1);
  std::optional<std::string> topic = internal::PercentDecode(field.substr(0, slash));
  const Result<std::int64_t> number = ParseInteger(digits);
  if (!topic || !number || *number < 0 || *number > std::numeric_limits<std::int32_t>::max()) {
    return std::nullopt;
  }
  // Only what `FieldOf` writes: `orders/03` is nobody's.
  if (std::to_string(*number) != digits) return std::nullopt;
  return TopicPartition{*std::move(topic), static_cast<std::int32_t>(*number)};
}

}  // namespace offsetstore::redis
