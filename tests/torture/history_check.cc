// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "history_check.h"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "partition_history.h"

namespace offsetstore::testing {

std::optional<std::uint64_t> EpochOf(const Operation& write) {
  if (write.act == Act::kCommit) return write.counter;
  if (TakesNext(write)) return write.counter + 1;
  return std::nullopt;
}

namespace {

/// Each doubles the work.
constexpr std::size_t kMostOpen = 12;

Sentences Check(const Operations& operations, const std::set<Tag>& removed) {
  const std::vector<Operation> told = WithTombstones(operations, removed);
  Operations all;
  for (const Operation& one : told) all.push_back(&one);
  Sentences violations;
  const PositionChain chain(all, violations);
  chain.CheckTimes();
  chain.CheckClaims();
  ClaimLine claims(all, violations);
  claims.CheckOwners();
  claims.CheckFence();
  claims.CheckTimes();
  return violations;
}

/// A read does not show who removed. So where nobody saw a removal that is in doubt, both is tried:
/// that it took effect, and that it did not.
Sentences Decide(const Operations& operations) {
  std::set<Tag> seen;
  for (const Operation* one : operations) seen.insert(one->seen_by);
  std::set<Tag> removed;
  std::vector<Tag> open;
  for (const Operation* one : operations) {
    if (one->act != Act::kRemove || !MayCount(*one)) continue;
    if (one->end == Ending::kApplied || seen.contains(one->tag)) {
      removed.insert(one->tag);
    } else {
      open.push_back(one->tag);
    }
  }
  if (open.size() > kMostOpen) return {"too many removals in doubt to decide anything"};
  Sentences violations;
  for (std::size_t chosen = 0; chosen < std::size_t{1} << open.size(); ++chosen) {
    std::set<Tag> all = removed;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if ((chosen >> i & 1U) != 0) all.insert(open[i]);
    }
    Sentences found = Check(operations, all);
    if (found.empty()) return {};
    if (chosen == 0) violations = std::move(found);
  }
  return violations;
}

}  // namespace

std::vector<std::string> Violations(const std::vector<Operation>& operations) {
  std::map<int, Operations> partitions;
  for (const Operation& one : operations) partitions[one.partition].push_back(&one);
  Sentences violations;
  for (const auto& [partition, all] : partitions) {
    for (std::string& violation : Decide(all)) violations.push_back(std::move(violation));
  }
  return violations;
}

}  // namespace offsetstore::testing
