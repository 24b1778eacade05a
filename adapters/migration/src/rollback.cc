// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/rollback.h"

#include <string>
#include <utility>
#include <vector>

#include "group_pages.h"
#include "group_reader.h"
#include "group_writer.h"
#include "internal/macros.h"
#include "offsetstore/migration/conditions.h"
#include "parallel.h"

namespace offsetstore::migration {
namespace {

/// `step` is what the run wrote; it becomes what takes that back, given what is stored now.
void TurnBack(Step& step, Read now, const Rules& rules, std::string live) {
  const From wrote = WantedBy(step);
  const From before = FromOf(step.target.slot);
  step.from = step.to;
  step.source = std::exchange(step.target, std::move(now));
  step.clamped = false;
  if (const auto* error = std::get_if<Error>(&step.target.slot)) {
    return step.Become(Action::kRefuse, Reason::kTargetUnreadable, ToString(*error));
  }
  const From stored = FromOf(step.target.slot);
  if (stored == before) return step.Become(Action::kKeep, Reason::kEqual);
  if (stored != wrote && !rules.allow_moved) {
    return step.Become(Action::kRefuse,
                       Reason::kMoved,
                       "the target moved since that run wrote to it; --allow-moved puts back what "
                       "was there before, whatever moved it");
  }
  if (live.empty() && !rules.allow_live) live = HeldBy(step.target);
  if (!live.empty()) {
    return step.Become(Action::kRefuse,
                       Reason::kLiveTarget,
                       live + "; stop its consumers, or --allow-live takes it back all the same");
  }
  if (const auto* position = std::get_if<Position>(&before)) {
    step.Become(Action::kWrite, Reason::kBehind);
    step.position = *position;
    return;
  }
  step.Become(Action::kRemove, Reason::kNew);
}

/// What was copied within one store may have lost its original since (the second half of a rename):
/// then the copy is the only one that is left.
void KeepLastCopies(GroupPlan& group,
                    const std::string& original,
                    const std::vector<TopicPartition>& originals,
                    OffsetStore& store,
                    Duration timeout) {
  std::vector<Step*> removals;
  std::vector<TopicPartition> partitions;
  for (std::size_t i = 0; i < group.steps.size(); ++i) {
    if (group.steps[i].action != Action::kRemove) continue;
    removals.push_back(&group.steps[i]);
    partitions.push_back(originals[i]);
  }
  if (removals.empty()) return;
  const Answers<Read> reads = ReadPartitions(store, original, std::move(partitions), timeout);
  for (std::size_t i = 0; i < removals.size(); ++i) {
    const auto* error = reads ? std::get_if<Error>(&(*reads)[i].slot) : &reads.error();
    if (error != nullptr) {
      removals[i]->Become(Action::kRefuse, Reason::kSourceUnreadable, ToString(*error));
    } else if (std::holds_alternative<Absent>((*reads)[i].slot)) {
      removals[i]->Become(Action::kRefuse,
                          Reason::kSourceAbsent,
                          "group '" + Printable(original) +
                              "', which it was copied from, has it no more: this is the last copy; "
                              "take back first what removed the other");
    }
  }
}

/// A rollback that is taken back again knows no more where its positions came from.
void KeepBroughtBack(GroupPlan& group) {
  for (Step& step : group.steps) {
    if (step.action != Action::kRemove) continue;
    step.Become(Action::kRefuse,
                Reason::kSourceAbsent,
                "a rollback brought it back, and it may be the last copy; delete it by name");
  }
}

enum class Written : std::uint8_t { kFromElsewhere, kWithinOneStore, kByRollback };

Written HowWritten(const PlanHeader& run, const StoreInfo& target) {
  if (!run.undoes.empty()) return Written::kByRollback;
  return CheckSame(run.from, target, "source") ? Written::kWithinOneStore : Written::kFromElsewhere;
}

void TurnBackGroup(GroupPlan& group,
                   OffsetStore& target,
                   const Rules& rules,
                   const Evidence& evidence,
                   Written written,
                   Duration timeout) {
  const std::string original = group.from;
  std::vector<TopicPartition> originals;
  std::vector<TopicPartition> partitions;
  for (const Step& step : group.steps) {
    originals.push_back(step.from);
    partitions.push_back(step.to);
  }
  Answers<Read> reads = ReadPartitions(target, group.to, std::move(partitions), timeout);
  group.from = group.to;
  if (!reads) {
    group.steps.clear();
    group.error = reads.error();
    return;
  }
  for (std::size_t i = 0; i < group.steps.size(); ++i) {
    TurnBack(group.steps[i], std::move((*reads)[i]), rules, evidence.target);
  }
  if (written == Written::kByRollback) KeepBroughtBack(group);
  if (written != Written::kWithinOneStore) return;
  KeepLastCopies(group, original, originals, target, timeout);
}

Result<std::vector<GroupPlan>> NextBatch(SnapshotReader& snapshot, std::size_t size) {
  std::vector<GroupPlan> groups;
  while (groups.size() < size) {
    OS_ASSIGN_OR_RETURN(std::optional<GroupPlan> group, snapshot.Next());
    if (!group) break;
    groups.push_back(*std::move(group));
  }
  return groups;
}

}  // namespace

Status PlanRollback(SnapshotReader& snapshot,
                    const Sides& sides,
                    const Rules& rules,
                    const Pace& pace,
                    const EmitGroup& emit) {
  const StoreInfo& target = sides.Target(0).Info();
  OS_RETURN_IF_ERROR(CheckSame(snapshot.header().to, target, "target"));
  const Written written = HowWritten(snapshot.header(), target);
  Sides watched = sides;
  watched.source_watch = nullptr;
  if (rules.allow_live) watched.target_watch = nullptr;
  Pacer pacer(pace);
  while (true) {
    OS_ASSIGN_OR_RETURN(std::vector<GroupPlan> groups, NextBatch(snapshot, pace.Taken()));
    if (groups.empty()) return {};
    OS_RETURN_IF_ERROR(pacer.Wait(groups.size()));
    const std::vector<Result<Evidence>> evidence = LookForLife(watched, groups, pace.timeout);
    ForEachIndex(groups.size(), pace.parallel, [&](std::size_t worker, std::size_t i) {
      if (evidence[i]) {
        TurnBackGroup(groups[i], sides.Target(worker), rules, *evidence[i], written, pace.timeout);
      } else {
        groups[i].steps.clear();
        groups[i].error = evidence[i].error();
      }
    });
    for (GroupPlan& group : groups) OS_RETURN_IF_ERROR(emit(std::move(group)));
  }
}

PlanHeader NewRollback(const SnapshotReader& snapshot) {
  const PlanHeader& run = snapshot.header();
  PlanHeader header;
  header.id = Nonce::Random().Hex();
  header.made = Now();
  header.from = run.to;
  header.to = run.to;
  header.undoes = run.id;
  header.undoes_bytes = snapshot.bytes();
  return header;
}

}  // namespace offsetstore::migration
