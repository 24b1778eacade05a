// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "partition_history.h"

namespace offsetstore::testing {
namespace {

/// The counter that it made; 0: none, or not known.
std::uint64_t Made(const Operation& one) {
  if (one.end != Ending::kApplied) return 0;
  return TakesNext(one) ? one.counter + 1 : one.granted;
}

template <class Compare>
void Note(std::map<std::uint64_t, std::int64_t>& times,
          std::uint64_t counter,
          std::int64_t time,
          Compare earlier) {
  const auto [at, is_new] = times.try_emplace(counter, time);
  if (!is_new && earlier(time, at->second)) at->second = time;
}

}  // namespace

ClaimLine::ClaimLine(const Operations& operations, Sentences& violations)
    : operations_(operations), violations_(violations) {
  for (const Operation* one : operations_) {
    if (Claims(*one) || TakesNext(*one)) by_tag_[one->tag] = one;
    if (one->act != Act::kRelease || !MayCount(*one)) continue;
    Note(released_after_, one->counter, one->start, std::less<>());
    Note(released_before_, one->counter, one->ended, std::less<>());
  }
}

void ClaimLine::CheckOwners() {
  for (const Operation* one : operations_) {
    if (const std::uint64_t made = Made(*one); made != 0) Own(made, one->tag, *one);
    if (one->seen != 0) CheckSeen(*one);
    if (one->granted != 0) CheckGranted(*one);
  }
}

void ClaimLine::Own(std::uint64_t counter, Tag tag, const Operation& told_by) {
  const auto [at, is_new] = owner_.try_emplace(counter, tag);
  if (is_new || at->second == tag) return;
  violations_.push_back("a fork: counter " + std::to_string(counter) + " belongs to " +
                        std::to_string(at->second) + " and, as told by " + ToString(told_by) +
                        ", to " + std::to_string(tag));
}

void ClaimLine::CheckSeen(const Operation& one) {
  Own(one.seen, one.seen_by, one);
  const auto found = by_tag_.find(one.seen_by);
  if (found == by_tag_.end()) {
    violations_.push_back("nobody took the claim that is seen by " + ToString(one));
    return;
  }
  const Operation& claim = *found->second;
  if (!MayCount(claim)) {
    violations_.push_back(ToString(claim) + " is seen by " + ToString(one));
  } else if (TakesNext(claim) && one.seen != claim.counter + 1) {
    violations_.push_back(ToString(claim) + " did not take the next counter, says " +
                          ToString(one));
  } else if (claim.start > one.ended) {
    violations_.push_back(ToString(claim) + " began after it was seen by " + ToString(one));
  }
}

void ClaimLine::CheckGranted(const Operation& claim) const {
  if (claim.granted != claim.seen + 1) {
    violations_.push_back("does not follow the claim before it: " + ToString(claim));
  }
  if (claim.counter != 0 && claim.counter != claim.seen) {
    violations_.push_back("granted after another claim than it expected: " + ToString(claim));
  }
  if (claim.act != Act::kPoliteClaim || claim.seen == 0) return;
  const auto before = by_tag_.find(claim.seen_by);
  if (before == by_tag_.end() || TakesNext(*before->second)) return;
  const auto released = released_after_.find(claim.seen);
  if (released == released_after_.end() || released->second > claim.ended) {
    violations_.push_back("took a claim that was held: " + ToString(claim));
  }
}

void ClaimLine::CheckFence() const {
  for (const Operation* one : operations_) {
    if (one->act != Act::kCommit && one->act != Act::kRelease) continue;
    if (one->end == Ending::kRefused) CheckRefused(*one);
    const auto released = released_before_.find(one->counter);
    if (one->act == Act::kCommit && one->end == Ending::kApplied &&
        released != released_before_.end() && released->second < one->start) {
      violations_.push_back("applied under a released claim: " + ToString(*one));
    }
  }
}

void ClaimLine::CheckRefused(const Operation& one) const {
  if (one.found != kUntold) {
    violations_.push_back("the newest claim met a position that it did not know: " + ToString(one));
  } else if (one.seen < one.counter || (one.seen == one.counter && !one.seen_released)) {
    violations_.push_back("refused without a newer claim: " + ToString(one));
  }
}

void ClaimLine::CheckTimes() const {
  Operations made;
  for (const Operation* one : operations_) {
    if (Made(*one) != 0) made.push_back(one);
  }
  std::sort(made.begin(), made.end(), [](const Operation* a, const Operation* b) {
    return a->ended < b->ended;
  });
  Operations asked = operations_;
  std::sort(asked.begin(), asked.end(), [](const Operation* a, const Operation* b) {
    return a->start < b->start;
  });
  std::uint64_t newest = 0;
  auto next = made.begin();
  for (const Operation* one : asked) {
    for (; next != made.end() && (*next)->ended < one->start; ++next) {
      newest = std::max(newest, Made(**next));
    }
    const std::uint64_t mine = Made(*one);
    const bool read = one->act == Act::kRead && one->end == Ending::kApplied;
    const bool stale = mine != 0 ? mine <= newest : read && one->seen < newest;
    if (stale) {
      violations_.push_back("claim " + std::to_string(newest) +
                            " was acknowledged before: " + ToString(*one));
    }
  }
}

}  // namespace offsetstore::testing
