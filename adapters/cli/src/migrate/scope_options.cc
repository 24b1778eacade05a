// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate/scope_options.h"

#include <CLI/CLI.hpp>
#include <map>
#include <utility>

#include "command.h"
#include "internal/macros.h"
#include "offsetstore/migration/moment.h"
#include "offsetstore/migration/selection.h"

namespace offsetstore::cli {
namespace {

Error Named(Error error, const char* option) {
  error.message = std::string(option) + ": " + error.message;
  return error;
}

Result<std::optional<Time>> MomentOf(const std::string& text, const char* option) {
  if (text.empty()) return std::optional<Time>();
  Result<Time> moment = migration::ParseMoment(text, Now());
  if (!moment) return Named(moment.error(), option);
  return std::optional<Time>(*moment);
}

Result<migration::Scope::Wanted> Wanted(const Result<migration::Filter>& filter,
                                        const char* option) {
  if (!filter) return Named(filter.error(), option);
  return migration::Scope::Wanted(*filter);
}

template <class Enum>
void AddChoice(CLI::App& command,
               const char* name,
               Enum& value,
               const std::map<std::string, Enum>& choices,
               const char* help,
               const char* by_default) {
  std::vector<std::string> names;
  names.reserve(choices.size());
  for (const auto& [text, choice] : choices) names.push_back(text);
  command
      .add_option_function<std::string>(
          name, [&value, choices](const std::string& text) { value = choices.at(text); }, help)
      ->transform(CLI::IsMember(names, CLI::ignore_case))
      ->type_name("WHAT")
      ->default_str(by_default);
}

void AddRules(CLI::App& command, migration::Rules& rules) {
  using migration::OnConflict;
  using migration::OutOfRange;
  AddChoice<OnConflict>(command,
                        "--on-conflict",
                        rules.on_conflict,
                        {{"fail", OnConflict::kFail},
                         {"skip", OnConflict::kSkip},
                         {"max", OnConflict::kMax},
                         {"source", OnConflict::kSource},
                         {"target", OnConflict::kTarget}},
                        "Where the target has another position: fail, skip, max, source, target",
                        "fail");
  AddChoice<OutOfRange>(command,
                        "--out-of-range",
                        rules.out_of_range,
                        {{"refuse", OutOfRange::kRefuse},
                         {"clamp", OutOfRange::kClamp},
                         {"skip", OutOfRange::kSkip},
                         {"keep", OutOfRange::kKeep}},
                        "Where the target's log does not hold it: refuse, clamp, skip, keep",
                        "refuse");
  command.add_flag("--allow-rewind",
                   rules.allow_rewind,
                   "With --on-conflict source: the target may move backwards");
  command.add_flag("--allow-missing",
                   rules.allow_missing,
                   "Also partitions beyond those of a topic in the target's cluster");
}

}  // namespace

Result<migration::PlanOptions> ScopeOptions::ToPlan(const migration::Pace& pace) const {
  migration::PlanOptions plan;
  OS_ASSIGN_OR_RETURN(plan.scope.group, Wanted(selection.Groups(), "--group"));
  OS_ASSIGN_OR_RETURN(plan.scope.topic, Wanted(selection.Topics(), "--topic"));
  OS_ASSIGN_OR_RETURN(plan.scope.group_names, ParseRenames("--rename-group", rename_groups));
  OS_ASSIGN_OR_RETURN(plan.scope.topic_names, ParseRenames("--rename-topic", rename_topics));
  plan.rules = rules;
  OS_ASSIGN_OR_RETURN(plan.rules.newer_than, MomentOf(newer_than, "--newer-than"));
  OS_ASSIGN_OR_RETURN(plan.rules.older_than, MomentOf(older_than, "--older-than"));
  plan.sample_interval = sample_interval;
  plan.pace = pace;
  return plan;
}

void AddScopeOptions(CLI::App& command, ScopeOptions& options) {
  AddSelectionOptions(command, options.selection);
  AddNewNames(
      command, "--rename-group", options.rename_groups, "What a group is called in the target");
  AddNewNames(
      command, "--rename-topic", options.rename_topics, "What a topic is called in the target");
  command.add_option("--newer-than", options.newer_than, "Only what was committed since")
      ->type_name("TIME");
  command.add_option("--older-than", options.older_than, "Only what was committed before")
      ->type_name("TIME");
  AddRules(command, options.rules);
  AddDuration(command,
              "--sample-interval",
              options.sample_interval,
              Duration::zero(),
              "Everything is read twice, so far apart: what moved has a writer at work; 0: not");
}

}  // namespace offsetstore::cli
