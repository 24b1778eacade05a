// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "history_check.h"

#include <map>

#include "partition_history.h"

namespace offsetstore::testing {

std::optional<std::uint64_t> EpochOf(const Operation& write) {
  if (write.act == Act::kCommit) return write.counter;
  // A set takes the next counter.
  if (write.act == Act::kSet) return write.counter + 1;
  return std::nullopt;
}

std::vector<std::string> Violations(const std::vector<Operation>& operations) {
  std::map<int, Operations> partitions;
  for (const Operation& one : operations) partitions[one.partition].push_back(&one);
  Sentences violations;
  for (const auto& [partition, all] : partitions) {
    const PositionChain chain(all, violations);
    chain.CheckTimes();
    chain.CheckClaims();
    ClaimLine claims(all, violations);
    claims.CheckOwners();
    claims.CheckFence();
    claims.CheckTimes();
  }
  return violations;
}

}  // namespace offsetstore::testing
