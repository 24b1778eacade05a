// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "plan.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "internal/macros.h"
#include "offsetstore/migration/conditions.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

using migration::ExpectOf;
using migration::Explain;
using migration::FromIfChecked;
using migration::FromOf;

Answers<Outcome> ApplySet(OffsetStore& store, const Plan& plan, Deadline deadline) {
  const StoreInfo& info = store.Info();
  std::vector<Move> moves;
  for (std::size_t i = 0; i < plan.seen.size(); ++i) {
    Move move;
    move.at = plan.seen[i].at;
    move.to = plan.to[i];
    move.kind = Kind::kSet;
    move.expect = ExpectOf(plan.seen[i], info.capabilities);
    move.from = FromIfChecked(plan.seen[i], info.capabilities);
    moves.push_back(std::move(move));
  }
  const bool together = info.capabilities.atomic_batch && moves.size() <= info.limits.atomic_batch;
  return store.Commit(plan.group,
                      moves,
                      ThisProcess(Owner::Kind::kOperator, "offsetctl set"),
                      together ? Atomicity::kAll : Atomicity::kEach,
                      deadline);
}

Answers<Outcome> ApplyRemoval(OffsetStore& store, const Plan& plan, Deadline deadline) {
  std::vector<Removal> removals;
  for (const Read& read : plan.seen) {
    removals.push_back({read.at,
                        ExpectOf(read, store.Info().capabilities),
                        FromIfChecked(read, store.Info().capabilities)});
  }
  return store.Remove(
      plan.group, removals, ThisProcess(Owner::Kind::kOperator, "offsetctl delete"), deadline);
}

Answers<Outcome> Write(OffsetStore& store, const Plan& plan, Deadline deadline) {
  if (plan.seen.empty()) return std::vector<Outcome>{};
  return plan.Removes() ? ApplyRemoval(store, plan, deadline) : ApplySet(store, plan, deadline);
}

Outcome Moved(const Read& saw, const Read& now) {
  Outcome outcome;
  outcome.at = saw.at;
  if (const auto* error = std::get_if<Error>(&now.slot)) {
    outcome.error = *error;
    return outcome;
  }
  outcome.code = OutcomeCode::kConflict;
  Conflict conflict;
  if (const auto* entry = std::get_if<Entry>(&now.slot)) conflict.stored = *entry;
  conflict.expected = FromOf(saw.slot);
  outcome.conflict = std::move(conflict);
  return outcome;
}

/// For stores that cannot check in the same step: reads again, and writes what has not moved.
Answers<Outcome> ReadThenWrite(OffsetStore& store, const Plan& plan, Deadline deadline) {
  Selection selection;
  for (const Read& read : plan.seen) selection.partitions.push_back(read.at);
  if (selection.partitions.empty()) return std::vector<Outcome>{};
  OS_ASSIGN_OR_RETURN(const std::vector<Read> now, store.Fetch(plan.group, selection, deadline));
  Plan unmoved{plan.group, {}, {}};
  std::vector<Outcome> outcomes(plan.seen.size());
  std::vector<std::size_t> written;
  for (std::size_t i = 0; i < plan.seen.size(); ++i) {
    if (!migration::Unmoved(plan.seen[i], now[i])) {
      outcomes[i] = Moved(plan.seen[i], now[i]);
      continue;
    }
    unmoved.seen.push_back(plan.seen[i]);
    if (!plan.Removes()) unmoved.to.push_back(plan.to[i]);
    written.push_back(i);
  }
  OS_ASSIGN_OR_RETURN(std::vector<Outcome> done, Write(store, unmoved, deadline));
  for (std::size_t i = 0; i < written.size(); ++i) outcomes[written[i]] = std::move(done[i]);
  return outcomes;
}

Json PlanRow(const Plan& plan, std::size_t i, const Outcome* outcome) {
  const Read& read = plan.seen[i];
  Json row = {{"group", plan.group},
              {"topic", read.at.topic},
              {"partition", read.at.partition},
              {"previous", PositionJson(read.slot)},
              {"held_by", HolderJson(read.claim)},
              {"outcome", "planned"}};
  if (!plan.Removes()) row["position"] = plan.to[i].value();
  if (outcome == nullptr) return row;
  row["outcome"] = ToString(outcome->code);
  if (std::string why = Explain(*outcome); !why.empty()) row["error"] = std::move(why);
  return row;
}

}  // namespace

Result<Plan> PlanSet(OffsetStore& store,
                     std::string group,
                     const std::vector<Setting>& settings,
                     Deadline deadline) {
  Plan plan{std::move(group), {}, {}};
  Selection selection;
  for (const Setting& setting : settings) {
    selection.partitions.push_back(setting.at);
    plan.to.push_back(setting.to);
  }
  OS_ASSIGN_OR_RETURN(plan.seen, store.Fetch(plan.group, selection, deadline));
  for (const Read& read : plan.seen) {
    if (const auto* error = std::get_if<Error>(&read.slot)) return *error;
  }
  return plan;
}

Result<Plan> PlanRemoval(OffsetStore& store,
                         std::string group,
                         const Selection& selection,
                         Deadline deadline) {
  Plan plan{std::move(group), {}, {}};
  OS_ASSIGN_OR_RETURN(plan.seen, store.Fetch(plan.group, selection, deadline));
  for (const Read& read : plan.seen) {
    if (const auto* error = std::get_if<Error>(&read.slot)) return *error;
  }
  if (selection.partitions.empty()) {
    std::erase_if(plan.seen,
                  [](const Read& read) { return std::holds_alternative<Absent>(read.slot); });
  }
  return plan;
}

Answers<Outcome> Apply(OffsetStore& store, const Plan& plan, Deadline deadline) {
  if (store.Info().capabilities.conditional_commits) return Write(store, plan, deadline);
  return ReadThenWrite(store, plan, deadline);
}

Report PlanReport(const Plan& plan, const std::vector<Outcome>& outcomes) {
  Report report;
  report.rows_name = "partitions";
  report.columns = {
      "group", "topic", "partition", "position", "previous", "outcome", "held_by", "error"};
  for (std::size_t i = 0; i < plan.seen.size(); ++i) {
    report.rows.push_back(PlanRow(plan, i, outcomes.empty() ? nullptr : &outcomes[i]));
  }
  return report;
}

std::string Shortfall(const std::vector<Outcome>& outcomes) {
  const auto ok = [](const Outcome& outcome) { return outcome.Ok(); };
  const auto first = std::find_if_not(outcomes.begin(), outcomes.end(), ok);
  if (first == outcomes.end()) return {};
  // With one batch for all, most are only dragged along: name one that was refused itself.
  const auto cause = std::find_if(first, outcomes.end(), [&](const Outcome& outcome) {
    return !outcome.Ok() && outcome.code != OutcomeCode::kNotApplied;
  });
  const Outcome& named = cause == outcomes.end() ? *first : *cause;
  const auto failed = std::count_if(first, outcomes.end(), std::not_fn(ok));
  return std::to_string(failed) + " of " + std::to_string(outcomes.size()) +
         " partitions were not changed: " + ToString(named.at) + ": " + Explain(named);
}

std::string BelowDurability(const std::vector<Outcome>& outcomes) {
  const auto below = [](const Outcome& outcome) {
    return outcome.code == OutcomeCode::kAppliedBelowDurability;
  };
  const auto first = std::find_if(outcomes.begin(), outcomes.end(), below);
  if (first == outcomes.end()) return {};
  return std::to_string(std::count_if(first, outcomes.end(), below)) + " of " +
         std::to_string(outcomes.size()) +
         " partitions were changed below the declared durability: " + ToString(first->at) + ": " +
         Explain(*first);
}

}  // namespace offsetstore::cli
