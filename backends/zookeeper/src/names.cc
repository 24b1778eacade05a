// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "names.h"

#include <algorithm>
#include <limits>

#include "internal/percent.h"
#include "offsetstore/units.h"

namespace offsetstore::zookeeper {
namespace {

bool IsLegacyName(std::string_view name) noexcept {
  if (name.empty() || name == "." || name == "..") return false;
  // Not std::isalnum, which asks the locale.
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

/// `GROUP/FOLDER/TOPIC/PARTITION`, built at once: a group has thousands.
std::string PartitionPath(const std::string& group,
                          std::string_view folder,
                          const TopicPartition& at) {
  const std::string topic = NodeName(at.topic);
  const std::string partition = std::to_string(at.partition);
  std::string path;
  path.reserve(group.size() + folder.size() + topic.size() + partition.size() + 3);
  path.append(group).append(1, '/').append(folder);
  path.append(1, '/').append(topic).append(1, '/').append(partition);
  return path;
}

}  // namespace

std::string NodeName(std::string_view name) {
  return IsLegacyName(name) ? std::string(name) : internal::PercentEncode(name);
}

std::optional<std::string> NameOfNode(std::string_view node) {
  if (IsLegacyName(node)) return std::string(node);
  std::optional<std::string> name = internal::PercentDecode(node);
  // `%2En` decodes to `.n`, whose node is `.n`.
  if (!name || NodeName(*name) != node) return std::nullopt;
  return name;
}

std::optional<std::int32_t> PartitionOfNode(std::string_view node) {
  const bool digits = !node.empty() && std::all_of(node.begin(), node.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
  if (!digits || (node.size() > 1 && node.front() == '0')) return std::nullopt;
  const Result<std::int64_t> number = ParseInteger(node);
  if (!number || *number > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return static_cast<std::int32_t>(*number);
}

GroupPaths::GroupPaths(std::string_view root, std::string_view group)
    : group_(Child(ConsumersPath(root), NodeName(group))) {}

std::string GroupPaths::Leaf(const TopicPartition& at) const {
  return PartitionPath(group_, kOffsets, at);
}

std::string GroupPaths::OwnNode(const TopicPartition& at) const {
  return PartitionPath(group_, kOwn, at);
}

std::string GroupPaths::Incarnation(const TopicPartition& at, const Nonce& name) const {
  return Child(OwnNode(at), name.Hex());
}

std::string Child(std::string_view folder, std::string_view node) {
  std::string path;
  path.reserve(folder.size() + 1 + node.size());
  path.append(folder).append(1, '/').append(node);
  return path;
}

std::string ConsumersPath(std::string_view root) {
  return std::string(root) + "/consumers";
}

}  // namespace offsetstore::zookeeper
