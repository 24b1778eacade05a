// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate/run_report.h"

#include <cerrno>
#include <utility>

#include "console.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

Report Shape(const migration::PlanHeader& header, bool executed) {
  Report shape;
  shape.head = {{"plan", header.id},
                {"from", ToString(header.from)},
                {"to", ToString(header.to)},
                {"executed", executed}};
  shape.rows_name = "partitions";
  shape.columns = {"group",
                   "topic",
                   "partition",
                   "action",
                   "source",
                   "target",
                   "position",
                   "outcome",
                   "reason",
                   "to_group",
                   "to_topic",
                   "why"};
  shape.below = "why";
  return shape;
}

std::string Part(std::uint64_t count, const char* what) {
  return count == 0 ? std::string() : ", " + std::to_string(count) + " " + what;
}

/// What is written may have other names in the target; what is removed has a name there alone.
void PutNewNames(Json& row, const migration::GroupPlan& group, const migration::Step& step) {
  if (step.action == migration::Action::kRemove) {
    row["group"] = group.to;
    row["topic"] = step.to.topic;
    return;
  }
  if (group.to != group.from) row["to_group"] = group.to;
  if (step.to.topic != step.from.topic) row["to_topic"] = step.to.topic;
}

}  // namespace

RunReport::RunReport(const migration::PlanHeader& header,
                     OutputForm form,
                     bool details,
                     bool executed)
    : rows_(Shape(header, executed), form),
      as_table_(form == OutputForm::kTable),
      details_(details || !as_table_),
      executed_(executed) {}

Status RunReport::Show(const migration::GroupPlan& group) {
  migration::GroupRun run{group, {}};
  for (const migration::Step& step : group.steps) {
    if (step.Changes()) {
      ++changes_;
      continue;
    }
    migration::StepResult result;
    result.done = step.action == migration::Action::kRefuse ? migration::Done::kRefused
                                                            : migration::Done::kKept;
    run.results.push_back(std::move(result));
  }
  totals_.Count(run);
  if (group.error) return Show(migration::GroupRun{group, {}});
  for (const migration::Step& step : group.steps) {
    if (Status added = AddRow(group, step, nullptr); !added) return added;
  }
  return {};
}

Status RunReport::Show(const migration::GroupRun& run) {
  if (executed_) totals_.Count(run);
  if (run.plan.error) {
    Note(run.plan.error->code);
    return Add({{"group", run.plan.from},
                {"action", "unread"},
                {"outcome", "failed"},
                {"why", ToString(*run.plan.error)}});
  }
  for (std::size_t i = 0; i < run.results.size(); ++i) {
    const migration::StepResult& result = run.results[i];
    if (result.done == migration::Done::kFailed) Note(result.code);
    if (Status added = AddRow(run.plan, run.plan.steps[i], &result); !added) return added;
  }
  return {};
}

Status RunReport::AddRow(const migration::GroupPlan& group,
                         const migration::Step& step,
                         const migration::StepResult* result) {
  const bool plain = result == nullptr ? step.action == migration::Action::kKeep
                                       : result->done == migration::Done::kKept;
  if (plain && !details_) return {};
  const std::string& why = result == nullptr ? step.why : result->why;
  const migration::Reason reason = result == nullptr ? step.reason : result->reason;
  Json row = {{"group", group.from},
              {"topic", step.from.topic},
              {"partition", step.from.partition},
              {"action", ToString(step.action)},
              {"source", PositionJson(step.source.slot)},
              {"target", PositionJson(step.target.slot)},
              {"reason", ToString(reason)}};
  // In most rows it is the source's: a table has no room to say it twice.
  const auto* entry = std::get_if<Entry>(&step.source.slot);
  const bool as_source = entry != nullptr && step.position == entry->position;
  if (step.position && !(as_table_ && as_source)) row["position"] = step.position->value();
  if (result != nullptr) row["outcome"] = ToString(result->done);
  PutNewNames(row, group, step);
  if (!why.empty()) row["why"] = why;
  return Add(std::move(row));
}

Status RunReport::Add(Json row) {
  if (Print(rows_.Add(std::move(row))) == ExitCode::kDone) return {};
  Error lost = MakeError(ErrorCode::kUnavailable, "the report could not be printed");
  lost.native = EPIPE;
  return lost;
}

ExitCode RunReport::End() {
  const Json tail = {{"changed", totals_.written},
                     {"groups", totals_.groups},
                     {"unread_groups", totals_.unread},
                     {"planned", changes_},
                     {"already_there", totals_.already_there},
                     {"kept", totals_.kept},
                     {"refused", totals_.refused},
                     {"failed", totals_.failed},
                     {"in_doubt", totals_.in_doubt},
                     {"mismatched", totals_.mismatched}};
  return Print(rows_.End(tail), executed_ ? "what was changed stays changed" : "");
}

void RunReport::Note(ErrorCode code) {
  if (code == ErrorCode::kPermissionDenied) ++denied_;
  if (code == ErrorCode::kUnavailable || code == ErrorCode::kDeadlineExceeded) ++unreachable_;
}

ExitCode RunReport::Code() const {
  if (totals_.mismatched != 0) return ExitCode::kVerification;
  if (totals_.in_doubt != 0) return ExitCode::kInDoubt;
  const std::uint64_t wrong = totals_.failed + totals_.unread;
  if (wrong + totals_.refused == 0) return ExitCode::kDone;
  const std::uint64_t fine = totals_.written + totals_.already_there + changes_;
  if (fine != 0) return ExitCode::kPartly;
  if (wrong == 0) return ExitCode::kRefused;
  if (denied_ == wrong) return ExitCode::kPermission;
  if (unreachable_ == wrong) return ExitCode::kUnreachable;
  return totals_.refused == 0 ? ExitCode::kFailed : ExitCode::kPartly;
}

std::string RunReport::Summary() const {
  return CountOf(totals_.groups, "group") + Part(changes_, "partitions to change") +
         Part(totals_.written, "written") + Part(totals_.already_there, "as planned") +
         Part(totals_.refused, "refused") + Part(totals_.failed, "failed") +
         Part(totals_.in_doubt, "in doubt") + Part(totals_.mismatched, "not as planned") +
         Part(totals_.unread, "groups unread");
}

}  // namespace offsetstore::cli
