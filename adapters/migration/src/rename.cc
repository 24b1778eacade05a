// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/rename.h"

#include <span>
#include <utility>

#include "group_reader.h"
#include "offsetstore/migration/conditions.h"

namespace offsetstore::migration {
namespace {

/// `source` is what the new group holds, `target` what the old one does.
void DecideRemoval(Step& step, const Evidence& evidence) {
  if (const auto* error = std::get_if<Error>(&step.source.slot)) {
    return step.Become(Action::kRefuse, Reason::kSourceUnreadable, ToString(*error));
  }
  if (const auto* error = std::get_if<Error>(&step.target.slot)) {
    return step.Become(Action::kRefuse, Reason::kTargetUnreadable, ToString(*error));
  }
  if (!std::holds_alternative<Entry>(step.target.slot)) {
    return step.Become(Action::kKeep, Reason::kEqual);
  }
  if (FromOf(step.source.slot) != FromOf(step.target.slot)) {
    return step.Become(
        Action::kRefuse, Reason::kMoved, "the two groups hold different positions by now");
  }
  if (!evidence.source.empty()) {
    return step.Become(Action::kRefuse, Reason::kLiveSource, evidence.source);
  }
  std::string held = evidence.target.empty() ? HeldBy(step.target) : evidence.target;
  if (!held.empty()) return step.Become(Action::kRefuse, Reason::kLiveTarget, std::move(held));
  step.Become(Action::kRemove, Reason::kEqual);
}

}  // namespace

Status PlanRemovalOfCopied(const Sides& sides,
                           const std::string& old_name,
                           const std::string& new_name,
                           const Rules& rules,
                           const Pace& pace,
                           const EmitGroup& emit) {
  Scope scope;
  scope.group_names[new_name] = old_name;
  GroupPlan plan = ReadGroup(sides.Source(0), sides.Target(0), scope, new_name, pace.timeout);
  Evidence evidence;
  if (!rules.allow_live) {
    const auto looked = LookForLife(sides, std::span(&plan, 1), pace.timeout);
    if (looked.front()) {
      evidence = *looked.front();
    } else if (!plan.error) {
      plan.steps.clear();
      plan.error = looked.front().error();
    }
  }
  for (Step& step : plan.steps) DecideRemoval(step, evidence);
  return emit(std::move(plan));
}

}  // namespace offsetstore::migration
