// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "samples.h"

#include <functional>

namespace offsetstore::migration {
namespace {

std::uint64_t Mix(std::uint64_t sum, std::uint64_t value) {
  return (sum ^ value) * 0x9E3779B97F4A7C15U + (sum >> 29U);
}

/// Changes with every commit: also one that leaves the position has a new time or claim.
std::uint64_t Mix(std::uint64_t sum, const Read& read) {
  sum = Mix(sum, std::hash<TopicPartition>()(read.at));
  sum = Mix(sum, read.slot.index());
  if (const auto* entry = std::get_if<Entry>(&read.slot)) {
    sum = Mix(sum, static_cast<std::uint64_t>(entry->position.value()));
    if (entry->commit_time) {
      sum = Mix(sum, static_cast<std::uint64_t>(entry->commit_time->time_since_epoch().count()));
    }
  }
  return read.claim ? Mix(sum, read.claim->token.counter) : sum;
}

}  // namespace

void Samples::Take(const GroupPlan& group) {
  // What could not be read once says nothing about who writes to it.
  if (!group.error) samples_[group.from] = Of(group);
}

void Samples::Compare(const GroupPlan& group, Evidence& evidence) const {
  const auto before = samples_.find(group.from);
  if (before == samples_.end()) return;
  const Sample now = Of(group);
  const std::string what =
      "something writes to it without being registered: it moved between two looks";
  if (evidence.source.empty() && now.source != before->second.source) evidence.source = what;
  if (evidence.target.empty() && now.target != before->second.target) evidence.target = what;
}

Samples::Sample Samples::Of(const GroupPlan& group) {
  Sample sample;
  for (const Step& step : group.steps) {
    sample.source = Mix(sample.source, step.source);
    sample.target = Mix(sample.target, step.target);
  }
  return sample;
}

}  // namespace offsetstore::migration
