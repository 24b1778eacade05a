// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate/scope_options.h"

#include <CLI/CLI.hpp>
#include <map>
#include <utility>

#include "internal/macros.h"
#include "offsetstore/migration/moment.h"
#include "offsetstore/migration/selection.h"
#include "offsetstore/units.h"

namespace offsetstore::cli {
namespace {

Error Named(Error error, const char* option) {
  error.message = std::string(option) + ": " + error.message;
  return error;
}

Result<std::map<std::string, std::string>> NamesOf(const std::vector<std::string>& pairs,
                                                   const char* option) {
  std::map<std::string, std::string> names;
  for (const std::string& pair : pairs) {
    const std::size_t at = pair.find('=');
    if (at == std::string::npos || at == 0 || at + 1 == pair.size()) {
      return MakeError(ErrorCode::kInvalidArgument,
                       std::string(option) + ": '" + Printable(pair) + "' is not OLD=NEW");
    }
    if (!names.emplace(pair.substr(0, at), pair.substr(at + 1)).second) {
      return MakeError(
          ErrorCode::kInvalidArgument,
          std::string(option) + ": '" + Printable(pair.substr(0, at)) + "' is given twice");
    }
  }
  return names;
}

Result<std::optional<Time>> MomentOf(const std::string& text, const char* option) {
  if (text.empty()) return std::optional<Time>();
  Result<Time> moment = migration::ParseMoment(text, Now());
  if (!moment) return Named(moment.error(), option);
  return std::optional<Time>(*moment);
}

Result<migration::Scope::Wanted> WantedBy(const std::vector<std::string>& include,
                                          const std::vector<std::string>& exclude,
                                          const char* option) {
  if (include.empty() && exclude.empty()) return migration::Scope::Wanted();
  const auto filter = migration::Filter::Make(include, exclude);
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
                   "Also topics and partitions that the target's cluster has not");
}

}  // namespace

Result<migration::PlanOptions> ScopeOptions::ToPlan(const migration::Pace& pace) const {
  migration::PlanOptions plan;
  OS_ASSIGN_OR_RETURN(plan.scope.group, WantedBy(groups, exclude_groups, "--group"));
  OS_ASSIGN_OR_RETURN(plan.scope.topic, WantedBy(topics, exclude_topics, "--topic"));
  OS_ASSIGN_OR_RETURN(plan.scope.group_names, NamesOf(rename_groups, "--rename-group"));
  OS_ASSIGN_OR_RETURN(plan.scope.topic_names, NamesOf(rename_topics, "--rename-topic"));
  plan.rules = rules;
  OS_ASSIGN_OR_RETURN(plan.rules.newer_than, MomentOf(newer_than, "--newer-than"));
  OS_ASSIGN_OR_RETURN(plan.rules.older_than, MomentOf(older_than, "--older-than"));
  plan.sample_interval = sample_interval;
  plan.pace = pace;
  return plan;
}

void AddScopeOptions(CLI::App& command, ScopeOptions& options) {
  const auto list =
      [&](const char* name, std::vector<std::string>& values, const char* help, const char* type) {
        command.add_option(name, values, help)->type_name(type)->allow_extra_args(false);
      };
  list("--group", options.groups, "Only groups whose whole name matches; may be repeated", "REGEX");
  list("--exclude-group", options.exclude_groups, "Without these groups", "REGEX");
  list("--topic", options.topics, "Only topics whose whole name matches", "REGEX");
  list("--exclude-topic", options.exclude_topics, "Without these topics", "REGEX");
  list("--rename-group", options.rename_groups, "What a group is called in the target", "OLD=NEW");
  list("--rename-topic", options.rename_topics, "What a topic is called in the target", "OLD=NEW");
  command.add_option("--newer-than", options.newer_than, "Only what was committed since")
      ->type_name("TIME");
  command.add_option("--older-than", options.older_than, "Only what was committed before")
      ->type_name("TIME");
  AddRules(command, options.rules);
  command
      .add_option_function<std::string>(
          "--sample-interval",
          [&options](const std::string& text) {
            const Result<Duration> parsed = ParseDuration(text);
            if (!parsed) throw CLI::ValidationError("--sample-interval", parsed.error().message);
            options.sample_interval = *parsed;
          },
          "Everything is read twice, so far apart: what moved has a writer at work; 0: not")
      ->type_name("DURATION")
      ->default_str("3s");
}

}  // namespace offsetstore::cli
