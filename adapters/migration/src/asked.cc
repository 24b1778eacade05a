// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "asked.h"

#include <map>
#include <utility>

#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

Error InVain(std::string what) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(what) + "; nothing was changed");
}

Status CheckNames(const std::map<std::string, std::string>& names,
                  const std::set<std::string>& met,
                  const std::string& what) {
  for (const auto& [from, to] : names) {
    if (met.contains(from)) continue;
    return InVain("no " + what + " '" + Printable(from) +
                  "' is among what would be moved, and so "
                  "none becomes '" +
                  Printable(to) + "'");
  }
  return {};
}

}  // namespace

void Asked::Meet(const GroupPlan& group) {
  all_read_ = all_read_ && !group.error;
  any_partition_ = any_partition_ || !group.steps.empty();
  if (scope_.group_names.contains(group.from)) groups_.insert(group.from);
  if (scope_.topic_names.empty()) return;
  for (const Step& step : group.steps) {
    if (scope_.topic_names.contains(step.from.topic)) topics_.insert(step.from.topic);
  }
}

Status Asked::Check(const GroupCount& groups) const {
  if (std::string nothing = NothingMeant(groups); !nothing.empty()) {
    return InVain(std::move(nothing));
  }
  OS_RETURN_IF_ERROR(CheckNames(scope_.group_names, groups_, "group"));
  // A group that could not be read may have any topic; its error is told with it.
  if (!all_read_) return {};
  if (!any_partition_ && scope_.topic) {
    return InVain("no topic matches: none of the " + std::to_string(groups.matched) +
                  " groups has a position in one, and an expression must match a whole name");
  }
  return CheckNames(scope_.topic_names, topics_, "topic");
}

}  // namespace offsetstore::migration
