// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/reset.h"

#include <set>
#include <utility>

#include "internal/macros.h"
#include "offsetstore/migration/cached_logs.h"
#include "reset_target.h"

namespace offsetstore::migration {
namespace {

Error Refusal(std::string why) {
  return MakeError(ErrorCode::kFenced, std::move(why));
}

Status CheckQuiet(GroupWatch* watch, const std::string& group, Deadline deadline) {
  if (watch == nullptr) return {};
  OS_ASSIGN_OR_RETURN(const auto answers, watch->Look(std::span(&group, 1), deadline));
  if (answers.size() != 1) return MakeError(ErrorCode::kInternal, "one group, not one answer");
  if (!answers[0]) return answers[0].error();
  if (!answers[0]->live) return {};
  return Refusal("group '" + Printable(group) + "' is in use (" + answers[0]->evidence +
                 "): its consumers would overwrite what is set. Stop them, wait until their "
                 "session has expired, and try again");
}

/// Which partitions a reset is about.
class Selector {
 public:
  Selector(const ResetView& view, const std::string& from, const ResetTarget& target, Deadline by)
      : store_(target.to == ResetTo::kFile ? *target.file : view.store),
        // A file says itself which partitions it is about.
        logs_(target.to == ResetTo::kFile ? nullptr : view.logs),
        from_(from),
        by_(by) {}

  [[nodiscard]] Result<std::vector<ResetStep>> Select(std::span<const TopicScope> scope) {
    if (scope.empty()) OS_RETURN_IF_ERROR(AddStored({}));
    for (const TopicScope& one : scope) OS_RETURN_IF_ERROR(AddTopic(one));
    return std::move(steps_);
  }

 private:
  void Add(TopicPartition at) {
    if (seen_.insert(at).second) AddNew(std::move(at));
  }
  void AddNew(TopicPartition at) {
    ResetStep step;
    step.saw.at = at;
    step.at = std::move(at);
    steps_.push_back(std::move(step));
  }
  Status AddStored(const Selection& selection) {
    OS_ASSIGN_OR_RETURN(const std::vector<Read> reads, store_.Fetch(from_, selection, by_));
    for (const Read& read : reads) {
      if (std::holds_alternative<Absent>(read.slot) || !seen_.insert(read.at).second) continue;
      AddNew(read.at);
      const auto* error = std::get_if<Error>(&read.slot);
      // A topic as a whole: no partition that a store could be asked for.
      if (error != nullptr && read.at.partition < 0) steps_.back().error = *error;
    }
    return {};
  }
  Status AddTopic(const TopicScope& scope) {
    for (const std::int32_t partition : scope.partitions) Add({scope.topic, partition});
    if (!scope.partitions.empty()) return {};
    if (logs_ == nullptr) return AddStored({.partitions = {}, .topics = {scope.topic}});
    OS_ASSIGN_OR_RETURN(const auto topic, logs_->Topic(scope.topic, by_));
    if (!topic) {
      Add({scope.topic, ResetStep::kWholeTopic});
      steps_.back().error = NoSuchTopic(scope.topic);
      return {};
    }
    for (const auto& [partition, range] : *topic) Add({scope.topic, partition});
    return {};
  }

  OffsetStore& store_;
  LogView* logs_;
  const std::string& from_;
  const Deadline by_;
  std::vector<ResetStep> steps_;
  std::set<TopicPartition> seen_;
};

/// The steps that are not over yet, and their partitions.
struct Open {
  std::vector<ResetStep*> steps;
  std::vector<TopicPartition> at;
};

Open OpenOf(std::vector<ResetStep>& steps) {
  Open open;
  for (ResetStep& step : steps) {
    if (step.error) continue;
    open.steps.push_back(&step);
    open.at.push_back(step.at);
  }
  return open;
}

Status ReadStored(const ResetView& view, ResetPlan& plan, Deadline deadline) {
  const Open open = OpenOf(plan.steps);
  if (open.at.empty()) return {};
  const Selection selection{.partitions = open.at, .topics = {}};
  OS_ASSIGN_OR_RETURN(std::vector<Read> reads, view.store.Fetch(plan.from, selection, deadline));
  for (std::size_t i = 0; i < reads.size(); ++i) {
    open.steps[i]->current = reads[i].slot;
    open.steps[i]->saw = std::move(reads[i]);
  }
  if (plan.from == plan.group) return {};
  OS_ASSIGN_OR_RETURN(reads, view.store.Fetch(plan.group, selection, deadline));
  for (std::size_t i = 0; i < reads.size(); ++i) open.steps[i]->saw = std::move(reads[i]);
  return {};
}

/// A write over something unreadable cannot be conditional.
void RefuseUnreadable(std::vector<ResetStep>& steps) {
  for (ResetStep& step : steps) {
    const auto* unreadable = std::get_if<Error>(&step.saw.slot);
    if (unreadable != nullptr && !step.error) step.error = *unreadable;
  }
}

void ReadLogs(LogView* logs, std::vector<ResetStep>& steps, Deadline deadline) {
  if (logs == nullptr) return;
  for (ResetStep& step : steps) {
    if (step.error) continue;
    const Result<LogRange> log = RangeOf(*logs, step.at, deadline);
    if (log) {
      step.log = *log;
    } else {
      step.error = log.error();
    }
  }
}

Status ResolveAll(const ResetView& view,
                  ResetPlan& plan,
                  const ResetTarget& target,
                  Deadline deadline) {
  const Open open = OpenOf(plan.steps);
  std::vector<Result<Position>> times;
  if (target.to == ResetTo::kTime) times = view.times->PositionsAt(open.at, target.time, deadline);
  std::vector<Read> file;
  if (target.to == ResetTo::kFile && !open.at.empty()) {
    const Selection selection{.partitions = open.at, .topics = {}};
    OS_ASSIGN_OR_RETURN(file, target.file->Fetch(plan.from, selection, deadline));
  }
  for (std::size_t i = 0; i < open.steps.size(); ++i) {
    Resolve(*open.steps[i],
            target,
            times.empty() ? nullptr : &times[i],
            file.empty() ? nullptr : &file[i].slot);
  }
  return {};
}

Status Fill(const ResetView& view,
            ResetPlan& plan,
            std::span<const TopicScope> scope,
            const ResetTarget& target,
            Deadline deadline) {
  if (NeedsLogs(target.to) && view.logs == nullptr) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "the log's start, end and times are known to its brokers only: name them");
  }
  if (target.to == ResetTo::kTime && view.times == nullptr) {
    return MakeError(ErrorCode::kInternal, "no one to ask for times");
  }
  OS_RETURN_IF_ERROR(CheckQuiet(view.watch, plan.group, deadline));
  OS_ASSIGN_OR_RETURN(plan.steps, Selector(view, plan.from, target, deadline).Select(scope));
  OS_RETURN_IF_ERROR(ReadStored(view, plan, deadline));
  RefuseUnreadable(plan.steps);
  ReadLogs(view.logs, plan.steps, deadline);
  return ResolveAll(view, plan, target, deadline);
}

}  // namespace

bool ResetStep::Changes() const {
  if (!to || error) return false;
  const auto* entry = std::get_if<Entry>(&saw.slot);
  return entry == nullptr || entry->position != *to;
}

ResetPlan PlanReset(const ResetView& view,
                    const std::string& from,
                    const std::string& group,
                    std::span<const TopicScope> scope,
                    const ResetTarget& target,
                    Deadline deadline) {
  ResetPlan plan;
  plan.from = from;
  plan.group = group;
  if (const Status filled = Fill(view, plan, scope, target, deadline); !filled) {
    plan.steps.clear();
    plan.error = filled.error();
  }
  return plan;
}

}  // namespace offsetstore::migration
