// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "reset_run.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "offsetstore/migration/conditions.h"
#include "plan.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

using migration::ResetStep;

/// What counts for the exit code, of all groups together.
struct ResetTally {
  std::size_t done = 0;
  std::size_t in_doubt = 0;
  std::vector<std::pair<std::string, Error>> failed;  ///< Where, and why.
  std::optional<ExitCode> code;                       ///< Of the first that failed.

  void Fail(std::string where, const Error& why, ExitCode with) {
    in_doubt += why.code == ErrorCode::kInDoubt ? 1 : 0;
    failed.emplace_back(std::move(where), why);
    if (!code) code = with;
  }
};

Error ErrorOf(const Outcome& outcome) {
  if (outcome.error) return *outcome.error;
  return MakeError(ErrorCode::kConflict, migration::Explain(outcome));
}

std::string Where(const ResetGroup& group, const ResetStep& step) {
  const std::string of = " of group '" + Printable(group.plan.group) + "'";
  if (step.at.partition == ResetStep::kWholeTopic) return "topic " + Printable(step.at.topic) + of;
  return ToString(step.at) + of;
}

void Count(const ResetGroup& group, std::size_t i, ResetTally& tally) {
  const ResetStep& step = group.plan.steps[i];
  if (step.error) {
    tally.Fail(Where(group, step), *step.error, ExitCodeOf(*step.error));
  } else if (group.error && step.Changes()) {
    tally.Fail(Where(group, step), *group.error, ExitCodeOf(*group.error));
  } else if (i < group.outcomes.size() && group.outcomes[i] && !group.outcomes[i]->Ok()) {
    const Outcome& outcome = *group.outcomes[i];
    tally.Fail(Where(group, step), ErrorOf(outcome), ExitCodeOf(std::span(&outcome, 1)));
  } else {
    ++tally.done;
  }
}

ResetTally CountAll(std::span<const ResetGroup> groups) {
  ResetTally tally;
  for (const ResetGroup& group : groups) {
    if (const auto& error = group.plan.error) {
      tally.Fail("group '" + Printable(group.plan.group) + "'", *error, ExitCodeOf(*error));
    }
    for (std::size_t i = 0; i < group.plan.steps.size(); ++i) Count(group, i, tally);
  }
  return tally;
}

void PutOutcome(Json& row, const ResetGroup& group, std::size_t i, bool executed) {
  const ResetStep& step = group.plan.steps[i];
  const std::optional<Error>& error = step.error ? step.error : group.error;
  if (step.error || (group.error && step.Changes())) {
    row["outcome"] = "refused";
    row["error"] = ToString(*error);
  } else if (!step.Changes()) {
    row["outcome"] = "unchanged";
  } else if (!executed || i >= group.outcomes.size() || !group.outcomes[i]) {
    row["outcome"] = executed ? "not begun" : "planned";
  } else {
    row["outcome"] = ToString(group.outcomes[i]->code);
    if (std::string why = migration::Explain(*group.outcomes[i]); !why.empty()) {
      row["error"] = std::move(why);
    }
  }
}

Json RowOf(const ResetGroup& group, std::size_t i, bool executed) {
  const ResetStep& step = group.plan.steps[i];
  Json row = {{"group", group.plan.group}, {"topic", step.at.topic}};
  if (step.at.partition != ResetStep::kWholeTopic) row["partition"] = step.at.partition;
  if (step.to) row["position"] = step.to->value();
  row["previous"] = PositionJson(step.saw.slot);
  if (step.log) {
    row["log_start"] = step.log->start.value();
    row["log_end"] = step.log->end.value();
  }
  if (!step.note.empty()) row["note"] = step.note;
  row["held_by"] = HolderJson(step.saw.claim);
  PutOutcome(row, group, i, executed);
  return row;
}

std::size_t CountChanged(std::span<const ResetGroup> groups) {
  std::size_t changed = 0;
  for (const ResetGroup& group : groups) {
    for (const auto& outcome : group.outcomes) changed += outcome && outcome->Ok() ? 1 : 0;
  }
  return changed;
}

}  // namespace

void Execute(OffsetStore& store, ResetGroup& group, Deadline deadline) {
  Plan plan{group.plan.group, {}, {}};
  std::vector<std::size_t> written;
  for (std::size_t i = 0; i < group.plan.steps.size(); ++i) {
    const ResetStep& step = group.plan.steps[i];
    if (!step.Changes()) continue;
    plan.seen.push_back(step.saw);
    plan.to.push_back(*step.to);
    written.push_back(i);
  }
  group.outcomes.assign(group.plan.steps.size(), std::nullopt);
  if (written.empty()) return;
  Answers<Outcome> outcomes = Apply(store, plan, deadline);
  if (!outcomes) {
    group.error = outcomes.error();
    return;
  }
  for (std::size_t i = 0; i < written.size(); ++i) {
    group.outcomes[written[i]] = std::move((*outcomes)[i]);
  }
}

Report ResetReport(std::span<const ResetGroup> groups, bool executed) {
  Report report;
  report.head = {{"executed", executed}, {"changed", CountChanged(groups)}};
  report.rows_name = "partitions";
  report.columns = {"group",
                    "topic",
                    "partition",
                    "position",
                    "previous",
                    "log_start",
                    "log_end",
                    "outcome",
                    "note",
                    "held_by",
                    "error"};
  for (const ResetGroup& group : groups) {
    if (group.plan.error) {
      report.rows.push_back({{"group", group.plan.group},
                             {"outcome", "refused"},
                             {"error", ToString(*group.plan.error)}});
    }
    for (std::size_t i = 0; i < group.plan.steps.size(); ++i) {
      report.rows.push_back(RowOf(group, i, executed));
    }
  }
  return report;
}

ExitCode ResetCode(std::span<const ResetGroup> groups) {
  const ResetTally tally = CountAll(groups);
  if (tally.failed.empty()) return ExitCode::kDone;
  if (tally.in_doubt > 0) return ExitCode::kInDoubt;
  return tally.done > 0 ? ExitCode::kPartly : *tally.code;
}

std::string ResetShortfall(std::span<const ResetGroup> groups) {
  const ResetTally tally = CountAll(groups);
  if (tally.failed.empty()) return {};
  const auto& [where, why] = tally.failed.front();
  return std::to_string(tally.failed.size()) + " of " +
         std::to_string(tally.done + tally.failed.size()) + " cannot be done or failed: " + where +
         ": " + ToString(why);
}

}  // namespace offsetstore::cli
