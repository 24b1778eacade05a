// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <iterator>
#include <limits>
#include <map>

#include "partition_history.h"

namespace offsetstore::testing {
namespace {

/// The removals of one partition, in the order of the counters that they took.
class Removals {
 public:
  Removals(const Operations& operations, const std::set<Tag>& removed) {
    for (const Operation* one : operations) {
      if (Writes(*one)) by_tag_[one->tag] = one;
      if (removed.contains(one->tag)) by_counter_[one->counter + 1] = one;
    }
    for (const auto& [counter, removal] : by_counter_) {
      const Operation* first = FirstBefore(*removal);
      if (first != nullptr) first_[first->tag] = Under(removal->counter);
    }
  }

  [[nodiscard]] Operation Told(const Operation& operation) const {
    Operation told = operation;
    if (told.act == Act::kRemove && by_counter_.contains(told.counter + 1) &&
        by_counter_.at(told.counter + 1)->tag == told.tag) {
      told.end = Ending::kApplied;
    }
    if (told.from == kAbsent) told.from = Followed(told);
    if (told.found == kAbsent) ShowRemoval(told);
    return told;
  }

 private:
  /// The absence that was there while this claim was the newest: only a removal makes one.
  [[nodiscard]] std::int64_t Under(std::uint64_t counter) const {
    const auto next = by_counter_.upper_bound(counter);
    return next == by_counter_.begin() ? kAbsent : Tombstone(std::prev(next)->second->tag);
  }

  /// The oldest of the writes that lead to what was removed.
  [[nodiscard]] const Operation* FirstBefore(const Operation& removal) const {
    const Operation* first = nullptr;
    std::int64_t position = removal.from;
    for (std::size_t i = 0; i < by_tag_.size() && position >= 0; ++i) {
      const auto found = by_tag_.find(TagIn(position));
      if (found == by_tag_.end()) break;
      first = found->second;
      position = first->from;
    }
    return first;
  }

  [[nodiscard]] std::int64_t Followed(const Operation& write) const {
    if (write.act != Act::kFreeCommit) return Under(write.counter);
    // It knows no claim. But the removal that ended what it began does.
    const auto found = first_.find(write.tag);
    return found != first_.end() ? found->second : Under(std::numeric_limits<std::uint64_t>::max());
  }

  void ShowRemoval(Operation& told) const {
    const bool hidden = told.act == Act::kFreeCommit || told.act == Act::kRemove ||
                        (told.act == Act::kRead && told.seen == 0);
    if (!hidden) {
      told.found = Under(TakesNext(told) || told.act == Act::kCommit ? told.counter : told.seen);
      return;
    }
    // An older one would do as well, where the newest is not over yet.
    for (auto last = by_counter_.rbegin(); last != by_counter_.rend(); ++last) {
      if (last->second->start > told.ended) continue;
      told.found = Tombstone(last->second->tag);
      if (told.act != Act::kRead) return;
      told.seen = last->first;
      told.seen_by = last->second->tag;
      told.seen_released = true;
      return;
    }
  }

  std::map<Tag, const Operation*> by_tag_;
  std::map<std::uint64_t, const Operation*> by_counter_;
  std::map<Tag, std::int64_t> first_;  ///< What the first write after a removal followed.
};

}  // namespace

std::vector<Operation> WithTombstones(const Operations& operations, const std::set<Tag>& removed) {
  const Removals removals(operations, removed);
  std::vector<Operation> told;
  told.reserve(operations.size());
  for (const Operation* one : operations) told.push_back(removals.Told(*one));
  return told;
}

}  // namespace offsetstore::testing
