// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "group_reader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

std::string NewName(const std::map<std::string, std::string>& names, const std::string& name) {
  const auto at = names.find(name);
  return at == names.end() ? name : at->second;
}

/// One answer per partition, whatever the store says of the whole call.
Answers<Read> ReadTopicByTopic(OffsetStore& store,
                               const std::string& group,
                               const std::vector<TopicPartition>& partitions,
                               Deadline deadline) {
  std::vector<Read> reads;
  for (std::size_t first = 0; first < partitions.size();) {
    std::size_t last = first;
    while (last < partitions.size() && partitions[last].topic == partitions[first].topic) ++last;
    const auto at = [&](std::size_t i) {
      return partitions.begin() + static_cast<std::ptrdiff_t>(i);
    };
    Selection one{{at(first), at(last)}, {}};
    Answers<Read> answers = store.Fetch(group, one, deadline);
    if (answers) {
      std::move(answers->begin(), answers->end(), std::back_inserter(reads));
    } else if (answers.error().code == ErrorCode::kInvalidArgument) {
      for (TopicPartition& partition : one.partitions) {
        reads.push_back({std::move(partition), answers.error(), {}});
      }
    } else {
      return answers;
    }
    first = last;
  }
  return reads;
}

/// A claim of the source that nobody gave back is as good as a registered member.
std::string HeldInSource(const GroupPlan& group) {
  for (const Step& step : group.steps) {
    if (std::string text = HeldBy(step.source); !text.empty()) return text;
  }
  return {};
}

using Looked = Result<std::vector<Result<Liveness>>>;

Looked Look(GroupWatch* watch, const std::vector<std::string>& groups, Duration timeout) {
  if (watch == nullptr) return std::vector<Result<Liveness>>(groups.size(), Liveness{});
  return watch->Look(groups, Deadline::After(timeout));
}

Result<std::string> EvidenceOf(const Looked& looked, std::size_t i) {
  if (!looked) return looked.error();
  const Result<Liveness>& one = (*looked)[i];
  if (!one) return one.error();
  if (!one->live) return std::string();
  return one->evidence.empty() ? std::string("it has live members") : one->evidence;
}

Result<Evidence> EvidenceOf(const Looked& source,
                            const Looked& target,
                            std::size_t i,
                            const GroupPlan& group) {
  Evidence evidence;
  OS_ASSIGN_OR_RETURN(evidence.source, EvidenceOf(source, i));
  OS_ASSIGN_OR_RETURN(evidence.target, EvidenceOf(target, i));
  if (evidence.source.empty()) evidence.source = HeldInSource(group);
  return evidence;
}

Status AddSteps(GroupPlan& plan, std::vector<Read> reads, const Scope& scope) {
  std::set<TopicPartition> targets;
  for (Read& read : reads) {
    if (scope.topic && !scope.topic(read.at.topic)) continue;
    Step step;
    step.from = read.at;
    step.to = {NewName(scope.topic_names, read.at.topic), read.at.partition};
    step.source = std::move(read);
    if (!targets.insert(step.to).second) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "two topics would become " + ToString(step.to) +
                           " in the target; leave one out or give it another name");
    }
    plan.steps.push_back(std::move(step));
  }
  return {};
}

/// Asks for those partitions only that the source has a position of: what stands for a damaged
/// topic as a whole (partition -1) is no partition that a store could be asked for.
void ReadTarget(GroupPlan& plan, OffsetStore& target, Duration timeout) {
  std::vector<Step*> steps;
  std::vector<TopicPartition> partitions;
  for (Step& step : plan.steps) {
    step.target.at = step.to;
    if (!std::holds_alternative<Entry>(step.source.slot)) continue;
    steps.push_back(&step);
    partitions.push_back(step.to);
  }
  if (partitions.empty()) return;
  Answers<Read> held = ReadPartitions(target, plan.to, std::move(partitions), timeout);
  if (!held) {
    plan.steps.clear();
    plan.error = held.error();
    return;
  }
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i]->target = std::move((*held)[i]);
}

}  // namespace

std::string HeldBy(const Read& read) {
  const auto& claim = read.claim;
  if (!claim || claim->released || claim->owner.kind != Owner::Kind::kMember) return {};
  return ToString(read.at) + " is held by " + ToString(claim->owner);
}

GroupPlan ReadGroup(OffsetStore& source,
                    OffsetStore& target,
                    const Scope& scope,
                    const std::string& group,
                    Duration timeout) {
  GroupPlan plan{group, NewName(scope.group_names, group), {}, {}};
  Answers<Read> reads = source.Fetch(group, {}, Deadline::After(timeout));
  Status added = reads ? AddSteps(plan, *std::move(reads), scope) : Status(reads.error());
  if (!added) {
    plan.steps.clear();
    plan.error = added.error();
    return plan;
  }
  ReadTarget(plan, target, timeout);
  return plan;
}

Answers<Read> ReadPartitions(OffsetStore& store,
                             const std::string& group,
                             std::vector<TopicPartition> partitions,
                             Duration timeout) {
  const Deadline deadline = Deadline::After(timeout);
  Selection selection{std::move(partitions), {}};
  Answers<Read> reads = store.Fetch(group, selection, deadline);
  if (reads || reads.error().code != ErrorCode::kInvalidArgument) return reads;
  return ReadTopicByTopic(store, group, selection.partitions, deadline);
}

std::vector<Result<Evidence>> LookForLife(const Sides& sides,
                                          std::span<const GroupPlan> groups,
                                          Duration timeout) {
  std::vector<std::string> from;
  std::vector<std::string> to;
  for (const GroupPlan& group : groups) {
    from.push_back(group.from);
    to.push_back(group.to);
  }
  const Looked source = Look(sides.source_watch, from, timeout);
  const Looked target = Look(sides.target_watch, to, timeout);
  std::vector<Result<Evidence>> evidence;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    evidence.push_back(EvidenceOf(source, target, i, groups[i]));
  }
  return evidence;
}

}  // namespace offsetstore::migration
