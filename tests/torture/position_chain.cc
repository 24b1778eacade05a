// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <tuple>
#include <utility>

#include "partition_history.h"

namespace offsetstore::testing {

PositionChain::PositionChain(const Operations& operations, Sentences& violations)
    : operations_(operations), violations_(violations) {
  for (const Operation* one : operations_) {
    if (Writes(*one)) by_tag_[one->tag] = one;
  }
  for (const Operation* one : operations_) {
    if (Writes(*one) && one->end == Ending::kApplied) Applied(*one);
    Named(one->found, *one);
  }
  while (!named_.empty()) {
    const Operation& write = *named_.back();
    named_.pop_back();
    Named(write.from, write);
  }
  Link();
}

void PositionChain::Applied(const Operation& write) {
  if (applied_.insert(&write).second) named_.push_back(&write);
}

void PositionChain::Named(std::int64_t position, const Operation& by) {
  if (position == kAbsent || position == kUntold) return;
  const auto found = by_tag_.find(TagIn(position));
  if (found == by_tag_.end() || found->second->to != position) {
    violations_.push_back("nobody wrote what is seen by " + ToString(by));
    return;
  }
  const Operation& write = *found->second;
  if (!MayCount(write)) {
    violations_.push_back(ToString(write) + " is seen by " + ToString(by));
  } else if (write.start > by.ended) {
    violations_.push_back(ToString(write) + " began after it was seen by " + ToString(by));
  }
  Applied(write);
}

void PositionChain::Link() {
  std::map<std::int64_t, Operations> followers;
  for (const Operation* write : applied_) followers[write->from].push_back(write);
  index_[kAbsent] = 0;
  std::int64_t last = kAbsent;
  for (auto next = followers.find(last); next != followers.end(); next = followers.find(last)) {
    const Operation* write = next->second.front();
    if (next->second.size() > 1) {
      violations_.push_back("a lost update: " + ToString(*write) + " and " +
                            ToString(*next->second.back()) + " follow the same position");
    }
    followers.erase(next);
    chain_.push_back(write);
    last = write->to;
    index_[last] = chain_.size();
  }
  for (const auto& [from, writes] : followers) {
    if (index_.contains(from)) continue;
    violations_.push_back("follows nothing that was stored: " + ToString(*writes.front()));
  }
}

std::optional<std::size_t> PositionChain::IndexOf(std::int64_t position) const {
  const auto found = index_.find(position);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::int64_t> PositionChain::EarliestEndBehind() const {
  std::vector<std::int64_t> earliest(chain_.size() + 1, kNever);
  for (std::size_t i = chain_.size(); i > 0; --i) {
    earliest[i - 1] = std::min(earliest[i], chain_[i - 1]->ended);
  }
  return earliest;
}

void PositionChain::CheckTimes() const {
  const std::vector<std::int64_t> earliest = EarliestEndBehind();
  for (std::size_t i = 0; i < chain_.size(); ++i) {
    if (earliest[i + 1] >= chain_[i]->start) continue;
    violations_.push_back("stands before a write that had ended when it began: " +
                          ToString(*chain_[i]));
  }
  for (const Operation* one : operations_) {
    const auto index = IndexOf(one->found);
    if (!index || earliest[*index] >= one->start) continue;
    violations_.push_back("a stale position, behind which a write was acknowledged: " +
                          ToString(*one));
  }
}

void PositionChain::CheckClaims() const {
  struct Step {
    std::uint64_t epoch;
    bool writes;
    std::size_t index;
    const Operation* operation;
  };
  std::vector<Step> steps;
  for (std::size_t i = 0; i < chain_.size(); ++i) {
    if (const auto epoch = EpochOf(*chain_[i])) steps.push_back({*epoch, true, i + 1, chain_[i]});
  }
  for (const Operation* one : operations_) {
    const auto index = IndexOf(one->found);
    if (index && one->granted != 0) steps.push_back({one->granted, false, *index, one});
  }
  std::sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) {
    return std::tie(a.epoch, a.writes, a.index) < std::tie(b.epoch, b.writes, b.index);
  });
  const Step* before = nullptr;
  for (const Step& step : steps) {
    if (before != nullptr && step.index < before->index + (step.writes ? 1 : 0)) {
      violations_.push_back("claims in the wrong order: " + ToString(*before->operation) +
                            " stands behind " + ToString(*step.operation));
    }
    before = &step;
  }
  CheckFreeWrites();
}

void PositionChain::CheckFreeWrites() const {
  for (std::size_t i = 1; i + 1 < chain_.size(); ++i) {
    const Operation& before = *chain_[i - 1];
    const Operation& after = *chain_[i + 1];
    if (chain_[i]->act != Act::kFreeCommit) continue;
    if (before.act != Act::kCommit || after.act != Act::kCommit) continue;
    if (before.counter != after.counter) continue;
    violations_.push_back("without a claim while claim " + std::to_string(after.counter) +
                          " was held: " + ToString(*chain_[i]));
  }
}

}  // namespace offsetstore::testing
