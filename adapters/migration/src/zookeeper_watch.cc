// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/zookeeper_watch.h"

#include <cstddef>

#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

constexpr std::size_t kNamed = 3;

/// `2 members in ids: a, b`; of many the first few are named.
std::string Count(const std::vector<std::string>& names, const char* one, const char* many) {
  std::string text = std::to_string(names.size()) + " " + (names.size() == 1 ? one : many) + ": ";
  for (std::size_t i = 0; i < names.size() && i < kNamed; ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kNamed) text += " and " + std::to_string(names.size() - kNamed) + " more";
  return text;
}

}  // namespace

Liveness LivenessOf(const LegacyGroup& group) {
  std::vector<std::string> members;
  for (const auto& member : group.members) members.push_back(Printable(member.id));
  std::vector<std::string> owned;
  for (const auto& ownership : group.ownerships) owned.push_back(ToString(ownership.at));
  Liveness liveness;
  liveness.live = group.Alive();
  if (!members.empty()) liveness.evidence = Count(members, "member in ids", "members in ids");
  if (owned.empty()) return liveness;
  if (!members.empty()) liveness.evidence += "; ";
  liveness.evidence += Count(owned, "partition in owners", "partitions in owners");
  return liveness;
}

Result<std::vector<Result<Liveness>>> ZooKeeperWatch::Look(std::span<const std::string> groups,
                                                           Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::vector<Result<LegacyGroup>> read,
                      ReadLegacyGroups(options_, groups, deadline));
  std::vector<Result<Liveness>> answers;
  answers.reserve(read.size());
  for (const Result<LegacyGroup>& group : read) {
    if (group) {
      answers.emplace_back(LivenessOf(*group));
    } else {
      answers.emplace_back(group.error());
    }
  }
  return answers;
}

}  // namespace offsetstore::migration
