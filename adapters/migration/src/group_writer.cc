// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "group_writer.h"

#include <algorithm>
#include <utility>

#include "group_reader.h"
#include "offsetstore/migration/conditions.h"

namespace offsetstore::migration {
namespace {

std::string Shown(const Slot& slot) {
  if (const auto* entry = std::get_if<Entry>(&slot)) {
    return std::to_string(entry->position.value());
  }
  if (std::holds_alternative<Absent>(slot)) return "nothing";
  return ToString(std::get<Error>(slot));
}

StepResult Refused(Reason reason, std::string why) {
  return {Done::kRefused, reason, std::move(why), ErrorCode::kConflict};
}

StepResult Failed(const Step& step, const Error& error) {
  return {error.code == ErrorCode::kInDoubt ? Done::kInDoubt : Done::kFailed,
          step.reason,
          ToString(error),
          error.code};
}

std::vector<TopicPartition> Chosen(const GroupRun& run,
                                   const std::vector<bool>& chosen,
                                   TopicPartition Step::*side) {
  std::vector<TopicPartition> partitions;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i]) partitions.push_back(run.plan.steps[i].*side);
  }
  return partitions;
}

/// Calls `take(i, read)` for each chosen step with what is stored now; where the read fails as a
/// whole, with that error.
template <class Take>
void ForEachRead(const GroupRun& run,
                 const std::vector<bool>& chosen,
                 TopicPartition Step::*side,
                 OffsetStore& store,
                 const std::string& group,
                 Duration timeout,
                 const Take& take) {
  std::vector<TopicPartition> partitions = Chosen(run, chosen, side);
  if (partitions.empty()) return;
  const Answers<Read> reads = ReadPartitions(store, group, std::move(partitions), timeout);
  std::size_t next = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (!chosen[i]) continue;
    const std::size_t at = next++;
    take(i, reads ? (*reads)[at] : Read{run.plan.steps[i].*side, reads.error(), {}});
  }
}

StepResult SourceMoved(const Step& step, const Read& now) {
  if (const auto* error = std::get_if<Error>(&now.slot)) return Failed(step, *error);
  return Refused(Reason::kMoved,
                 "the source moved since the plan was made: it held " + Shown(step.source.slot) +
                     " and holds " + Shown(now.slot) + "; make a new plan");
}

StepResult TargetNow(const Step& step, const Read& now) {
  if (const auto* error = std::get_if<Error>(&now.slot)) return Failed(step, *error);
  StepResult result = {Done::kAlreadyThere, step.reason, "the target holds that already", {}};
  if (FromOf(now.slot) != WantedBy(step)) {
    result =
        Refused(Reason::kMoved,
                "the target moved since the plan was made: it held " + Shown(step.target.slot) +
                    " and holds " + Shown(now.slot) + "; make a new plan");
  }
  result.untold = true;  // If an earlier run began it.
  return result;
}

std::string ClusterOf(const Entry& entry, const StoreName& store) {
  if (!entry.cluster_id.empty()) return entry.cluster_id;
  return store.scheme == "kafka" ? store.store_id : std::string();
}

Move MoveOf(const Step& step, const StoreInfo& target, const PlanHeader& header) {
  const auto& entry = std::get<Entry>(step.source.slot);
  Move move;
  move.at = step.to;
  move.to = *step.position;
  move.kind = Kind::kSet;
  move.expect = ExpectOf(step.target, target.capabilities);
  move.from = FromIfChecked(step.target, target.capabilities);
  if (target.capabilities.keeps_metadata) move.metadata = entry.metadata;
  move.cluster_id = ClusterOf(entry, header.from);
  // Leader epochs and topic ids of another cluster, topic or position mean nothing in this one.
  const bool foreign = target.scheme == "kafka" && move.cluster_id != target.store_id;
  if (foreign || step.clamped || step.from.topic != step.to.topic) {
    if (foreign) move.cluster_id.clear();
    return move;
  }
  move.leader_epoch = entry.leader_epoch;
  move.topic_id = entry.topic_id;
  return move;
}

void Take(GroupRun& run,
          const std::vector<std::size_t>& indices,
          const Answers<Outcome>& outcomes) {
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const Step& step = run.plan.steps[indices[i]];
    StepResult& result = run.results[indices[i]];
    if (!outcomes) {
      result = Failed(step, outcomes.error());
      continue;
    }
    const Outcome& outcome = (*outcomes)[i];
    if (outcome.Ok()) {
      result = {Done::kWritten, step.reason, step.why, {}};
      // Below the durability that the target declares, if anything.
      if (const std::string how = Explain(outcome); !how.empty()) result.why = how;
    } else if (outcome.code == OutcomeCode::kFailed && outcome.error) {
      result = Failed(step, *outcome.error);
    } else {
      result = Refused(Reason::kMoved, Explain(outcome));
    }
  }
}

}  // namespace

From WantedBy(const Step& step) {
  if (step.position) return *step.position;
  return Absent{};
}

GroupRun BeginRun(GroupPlan plan) {
  GroupRun run{std::move(plan), {}};
  for (const Step& step : run.plan.steps) {
    StepResult result{Done::kKept, step.reason, step.why, {}};
    if (step.action == Action::kRefuse) result.done = Done::kRefused;
    if (step.Changes()) result.done = Done::kFailed;
    run.results.push_back(std::move(result));
  }
  return run;
}

std::vector<bool> CheckUnmoved(
    GroupRun& run, OffsetStore& source, OffsetStore& target, bool with_source, Duration timeout) {
  std::vector<bool> write;
  for (const Step& step : run.plan.steps) write.push_back(step.Changes());
  const auto drop = [&](std::size_t i, StepResult result) {
    run.results[i] = std::move(result);
    write[i] = false;
  };
  const std::vector<bool> planned = write;
  ForEachRead(
      run, planned, &Step::to, target, run.plan.to, timeout, [&](std::size_t i, const Read& now) {
        const Step& step = run.plan.steps[i];
        if (!Unmoved(step.target, now)) drop(i, TargetNow(step, now));
      });
  if (!with_source) return write;
  const std::vector<bool> left = write;
  ForEachRead(
      run, left, &Step::from, source, run.plan.from, timeout, [&](std::size_t i, const Read& now) {
        const Step& step = run.plan.steps[i];
        if (!Unmoved(step.source, now)) drop(i, SourceMoved(step, now));
      });
  return write;
}

void RefuseLive(GroupRun& run, std::vector<bool>& write, const Result<Evidence>& evidence) {
  if (evidence && evidence->source.empty() && evidence->target.empty()) return;
  for (std::size_t i = 0; i < write.size(); ++i) {
    if (!write[i]) continue;
    write[i] = false;
    if (!evidence) {
      run.results[i] = Failed(run.plan.steps[i], evidence.error());
      continue;
    }
    const bool source = !evidence->source.empty();
    run.results[i] = Refused(source ? Reason::kLiveSource : Reason::kLiveTarget,
                             (source ? evidence->source : evidence->target) +
                                 "; stop its consumers and run the plan again");
  }
}

void WriteSteps(GroupRun& run,
                const std::vector<bool>& write,
                OffsetStore& target,
                const PlanHeader& header,
                const std::string& name,
                Duration timeout) {
  std::vector<Move> moves;
  std::vector<Removal> removals;
  std::vector<std::size_t> moved;
  std::vector<std::size_t> removed;
  const Capabilities& can = target.Info().capabilities;
  for (std::size_t i = 0; i < write.size(); ++i) {
    if (!write[i]) continue;
    const Step& step = run.plan.steps[i];
    if (step.action == Action::kRemove) {
      removals.push_back({step.to, ExpectOf(step.target, can), FromIfChecked(step.target, can)});
      removed.push_back(i);
    } else {
      moves.push_back(MoveOf(step, target.Info(), header));
      moved.push_back(i);
    }
  }
  const Owner by = ThisProcess(Owner::Kind::kOperator, name);
  if (!moves.empty()) {
    Take(run,
         moved,
         target.Commit(run.plan.to, moves, by, Atomicity::kEach, Deadline::After(timeout)));
  }
  if (!removals.empty()) {
    Take(run, removed, target.Remove(run.plan.to, removals, by, Deadline::After(timeout)));
  }
}

void ReadBack(GroupRun& run,
              const std::vector<bool>& write,
              OffsetStore& target,
              Duration timeout) {
  std::vector<bool> sent(write.size());
  for (std::size_t i = 0; i < write.size(); ++i) {
    const Done done = run.results[i].done;
    sent[i] = write[i] && (done == Done::kWritten || done == Done::kInDoubt);
  }
  ForEachRead(
      run, sent, &Step::to, target, run.plan.to, timeout, [&](std::size_t i, const Read& now) {
        const Step& step = run.plan.steps[i];
        StepResult& result = run.results[i];
        if (const auto* error = std::get_if<Error>(&now.slot)) {
          if (result.done != Done::kWritten) return;
          result = {Done::kInDoubt,
                    step.reason,
                    "written, and could not be read back: " + ToString(*error),
                    error->code};
        } else if (FromOf(now.slot) != WantedBy(step)) {
          if (result.done != Done::kWritten) return;
          result = {Done::kMismatch,
                    step.reason,
                    "written, but read back is " + Shown(now.slot),
                    ErrorCode::kConflict};
        } else if (result.done == Done::kInDoubt) {
          // The answer was lost, and what is read was applied.
          result = {Done::kWritten, step.reason, step.why, {}};
        }
      });
}

}  // namespace offsetstore::migration
