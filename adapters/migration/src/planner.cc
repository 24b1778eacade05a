// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/planner.h"

#include <algorithm>
#include <future>
#include <set>
#include <utility>

#include "asked.h"
#include "group_pages.h"
#include "group_reader.h"
#include "internal/macros.h"
#include "offsetstore/migration/compare.h"
#include "parallel.h"
#include "samples.h"

namespace offsetstore::migration {
namespace {

/// Logs of topics, each asked for once.
class TopicLogs {
 public:
  TopicLogs(LogView* logs, const Pace& pace) : logs_(logs), pace_(pace) {}

  /// Asks for those of `groups` that are not known yet, side by side.
  void Learn(std::span<const GroupPlan> groups) {
    if (logs_ == nullptr) return;
    std::vector<std::string> unknown;
    std::set<std::string> seen;
    for (const GroupPlan& group : groups) {
      for (const Step& step : group.steps) {
        if (known_.contains(step.to.topic) || !seen.insert(step.to.topic).second) continue;
        unknown.push_back(step.to.topic);
      }
    }
    std::vector<std::optional<TopicLog>> found(unknown.size());
    ForEachIndex(unknown.size(), pace_.parallel, [&](std::size_t, std::size_t i) {
      found[i].emplace(logs_->Topic(unknown[i], Deadline::After(pace_.timeout)));
    });
    for (std::size_t i = 0; i < unknown.size(); ++i)
      known_.emplace(unknown[i], *std::move(found[i]));
  }

  [[nodiscard]] const TopicLog* Of(const std::string& topic) const {
    if (logs_ == nullptr) return nullptr;
    return &known_.at(topic);
  }

 private:
  LogView* logs_;
  const Pace& pace_;
  std::map<std::string, TopicLog> known_;
};

class Planner {
 public:
  Planner(const Sides& sides, const PlanOptions& options, const EmitGroup& emit)
      : sides_(sides),
        options_(options),
        emit_(emit),
        asked_(options.scope),
        logs_(sides.logs, options.pace),
        pacer_(options.pace) {}

  Status Run() {
    OS_RETURN_IF_ERROR(CheckTimes());
    within_one_store_ = IsSameStore(sides_.Source(0).Info(), sides_.Target(0).Info());
    OS_RETURN_IF_ERROR(CheckChain(options_.scope.group_names));
    if (options_.sample_interval > Duration::zero()) {
      if (Status taken = TakeSamples(); !taken) return taken;
    }
    const Result<GroupCount> read = ForEachBatch(
        sides_.Source(0), options_.scope, options_.pace, [&](std::span<const std::string> groups) {
          return Batch(groups);
        });
    const Status emitted = EmitDecided();
    OS_RETURN_IF_ERROR(read);
    OS_RETURN_IF_ERROR(emitted);
    return options_.must_match ? asked_.Check(*read) : Status();
  }

 private:
  /// Without times every position would be left out.
  Status CheckTimes() const {
    const bool by_time = options_.rules.newer_than || options_.rules.older_than;
    const StoreInfo& source = sides_.Source(0).Info();
    if (!by_time || source.capabilities.keeps_commit_time) return {};
    return MakeError(
        ErrorCode::kInvalidArgument,
        "a " + source.scheme +
            " store does not say when a position was committed; leave out --newer-than "
            "and --older-than");
  }

  /// Within one store what is written to one name would be what is read from it under another.
  Status CheckChain(const std::map<std::string, std::string>& names) const {
    if (!within_one_store_) return {};
    for (const auto& [old_name, new_name] : names) {
      if (old_name == new_name || !names.contains(new_name)) continue;
      return MakeError(ErrorCode::kInvalidArgument,
                       "'" + Printable(new_name) + "' gets another name, and '" +
                           Printable(old_name) +
                           "' gets its; within one store do one after the other, in runs of their "
                           "own, by a name that is free");
    }
    return {};
  }

  Status TakeSamples() {
    const auto take = [&](std::span<const std::string> groups) -> Status {
      OS_RETURN_IF_ERROR(pacer_.Wait(groups.size()));
      for (const GroupPlan& group : ReadAll(groups)) samples_.Take(group);
      return {};
    };
    OS_RETURN_IF_ERROR(ForEachBatch(sides_.Source(0), options_.scope, options_.pace, take));
    return WaitUnlessStopped(Deadline::After(options_.sample_interval), options_.pace.stop);
  }

  std::vector<GroupPlan> ReadAll(std::span<const std::string> groups) {
    std::vector<GroupPlan> plans(groups.size());
    ForEachIndex(groups.size(), options_.pace.parallel, [&](std::size_t worker, std::size_t i) {
      plans[i] = ReadGroup(sides_.Source(worker),
                           sides_.Target(worker),
                           options_.scope,
                           groups[i],
                           options_.pace.timeout);
    });
    return plans;
  }

  Status Batch(std::span<const std::string> groups) {
    OS_RETURN_IF_ERROR(pacer_.Wait(groups.size()));
    // What is decided is taken while the servers answer for the next.
    auto reading = std::async(std::launch::async, [&] { return ReadAll(groups); });
    const Status emitted = EmitDecided();
    std::vector<GroupPlan> plans = reading.get();
    OS_RETURN_IF_ERROR(emitted);
    OS_RETURN_IF_ERROR(CheckNames(plans));
    for (const GroupPlan& plan : plans) asked_.Meet(plan);
    logs_.Learn(plans);
    const std::vector<Result<Evidence>> evidence =
        LookForLife(sides_, plans, options_.pace.timeout);
    for (std::size_t i = 0; i < plans.size(); ++i) DecideGroup(plans[i], evidence[i]);
    decided_ = std::move(plans);
    return {};
  }

  Status EmitDecided() {
    for (GroupPlan& plan : std::exchange(decided_, {})) {
      OS_RETURN_IF_ERROR(emit_(std::move(plan)));
    }
    return {};
  }

  void DecideGroup(GroupPlan& plan, const Result<Evidence>& watched) {
    if (!watched && !options_.rules.allow_live) {
      // "Could not ask" is not "nobody is there".
      plan.steps.clear();
      if (!plan.error) plan.error = watched.error();
      return;
    }
    Evidence evidence = watched ? *watched : Evidence{};
    samples_.Compare(plan, evidence);
    for (Step& step : plan.steps) {
      const Rules& rules = options_.rules_of ? options_.rules_of(plan, step) : options_.rules;
      Decide(step, rules, evidence, logs_.Of(step.to.topic), sides_.Target(0).Info());
    }
  }

  /// Two groups under one name would overwrite each other.
  Status CheckNames(std::span<const GroupPlan> plans) {
    for (const GroupPlan& plan : plans) {
      if (plan.from == plan.to) OS_RETURN_IF_ERROR(CheckChain(options_.scope.topic_names));
    }
    if (options_.scope.group_names.empty()) return {};
    for (const GroupPlan& plan : plans) {
      if (names_.insert(plan.to).second) continue;
      return MakeError(ErrorCode::kInvalidArgument,
                       "two groups would become '" + Printable(plan.to) +
                           "' in the target; leave one out or give it another name");
    }
    return {};
  }

  const Sides& sides_;
  const PlanOptions& options_;
  const EmitGroup& emit_;
  Asked asked_;
  TopicLogs logs_;
  Pacer pacer_;
  Samples samples_;
  bool within_one_store_ = false;
  std::set<std::string> names_;
  std::vector<GroupPlan> decided_;  // of the batch before
};

}  // namespace

Status MakePlan(const Sides& sides, const PlanOptions& options, const EmitGroup& emit) {
  return Planner(sides, options, emit).Run();
}

}  // namespace offsetstore::migration
