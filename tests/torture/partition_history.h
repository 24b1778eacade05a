// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The parts of the decision, for one partition: see history_check.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "operation.h"

namespace offsetstore::testing {

using Operations = std::vector<const Operation*>;
using Sentences = std::vector<std::string>;

[[nodiscard]] inline bool Writes(const Operation& one) {
  return one.act == Act::kCommit || one.act == Act::kFreeCommit || one.act == Act::kSet ||
         one.act == Act::kRemove;
}
/// An operator's write, which takes the next counter.
[[nodiscard]] inline bool TakesNext(const Operation& one) {
  return one.act == Act::kSet || one.act == Act::kRemove;
}
[[nodiscard]] inline bool Claims(const Operation& one) {
  return one.act == Act::kClaim || one.act == Act::kPoliteClaim;
}
/// It may have taken effect.
[[nodiscard]] inline bool MayCount(const Operation& one) {
  return one.end == Ending::kApplied || one.end == Ending::kDoubt;
}
/// The claim under which a write stands; none: under no claim.
[[nodiscard]] std::optional<std::uint64_t> EpochOf(const Operation& write);

/// The operations, in which each absence names the removal that made it, and a read behind a
/// removal shows what the store hides of it. `removed`: the removals that took effect, whatever
/// they were told.
[[nodiscard]] std::vector<Operation> WithTombstones(const Operations& operations,
                                                    const std::set<Tag>& removed);

/// The positions of one partition, in the order in which they were stored.
class PositionChain {
 public:
  PositionChain(const Operations& operations, Sentences& violations);

  /// Where a position stands: 0 is absent. None: nowhere (and that was said).
  [[nodiscard]] std::optional<std::size_t> IndexOf(std::int64_t position) const;
  /// The writes that took effect; the first has index 1.
  [[nodiscard]] const Operations& writes() const noexcept { return chain_; }

  void CheckTimes() const;
  void CheckClaims() const;

 private:
  void Applied(const Operation& write);
  void Named(std::int64_t position, const Operation& by);
  void Link();
  /// No write between two of the same claim is made without it.
  void CheckFreeWrites() const;
  [[nodiscard]] std::vector<std::int64_t> EarliestEndBehind() const;

  const Operations& operations_;
  Sentences& violations_;
  std::map<Tag, const Operation*> by_tag_;
  std::set<const Operation*> applied_;
  Operations named_;  ///< Applied, and what they followed was not looked at yet.
  std::map<std::int64_t, std::size_t> index_;
  Operations chain_;
};

/// The claims of one partition.
class ClaimLine {
 public:
  ClaimLine(const Operations& operations, Sentences& violations);

  /// One owner for each counter, each after the one that it was told of.
  void CheckOwners();
  /// Only the newest and unreleased claim writes; nobody is refused without cause.
  void CheckFence() const;
  void CheckTimes() const;

 private:
  void Own(std::uint64_t counter, Tag tag, const Operation& told_by);
  void CheckSeen(const Operation& one);
  void CheckGranted(const Operation& claim) const;
  void CheckRefused(const Operation& one) const;

  const Operations& operations_;
  Sentences& violations_;
  std::map<Tag, const Operation*> by_tag_;
  std::map<std::uint64_t, Tag> owner_;
  std::map<std::uint64_t, std::int64_t> released_after_;   ///< When its release began.
  std::map<std::uint64_t, std::int64_t> released_before_;  ///< When it was acknowledged.
};

}  // namespace offsetstore::testing
