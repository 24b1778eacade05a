// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "group_options.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <set>
#include <system_error>

#include "internal/macros.h"

namespace offsetstore::cli {
namespace {

Error WrongGroups(std::string why) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(why));
}

/// One group a line; empty lines are none.
Status AddLines(std::istream& in, const std::string& name, std::vector<std::string>& groups) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  bool first = true;
  for (std::string line; std::getline(in, line);) {
    if (first && line.starts_with(kMark)) line.erase(0, kMark.size());
    first = false;
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) groups.push_back(std::move(line));
  }
  if (in.bad()) return WrongGroups(name + " could not be read to its end");
  return {};
}

Status AddFile(const std::string& file, std::vector<std::string>& groups) {
  if (file == "-") return AddLines(std::cin, "standard input", groups);
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return WrongGroups("--groups-from " + Printable(file) + ": " +
                       std::generic_category().message(errno));
  }
  const std::size_t before = groups.size();
  OS_RETURN_IF_ERROR(AddLines(in, file, groups));
  if (groups.size() > before) return {};
  return WrongGroups("--groups-from " + Printable(file) + " names no group; write one a line");
}

void KeepFirsts(std::vector<std::string>& names) {
  std::set<std::string> seen;
  std::erase_if(names, [&](const std::string& name) { return !seen.insert(name).second; });
}

}  // namespace

void AddGroupPatterns(CLI::App& command, std::vector<std::string>& patterns) {
  command
      .add_option("--groups",
                  patterns,
                  "Every group of the store whose whole name matches this expression (RE2)")
      ->type_name("RE")
      ->allow_extra_args(false);
}

void AddGroupArguments(CLI::App& command, GroupArguments& arguments) {
  command.add_option("GROUP", arguments.names, "The groups")->type_name("");
  AddGroupPatterns(command, arguments.patterns);
  command.add_option("--groups-from", arguments.file, "A file with one group a line; - for stdin")
      ->type_name("FILE");
}

Result<GroupChoice> ReadGroups(const GroupArguments& arguments) {
  GroupChoice choice;
  choice.names = arguments.names;
  if (!arguments.file.empty()) OS_RETURN_IF_ERROR(AddFile(arguments.file, choice.names));
  KeepFirsts(choice.names);
  choice.by_pattern = !arguments.patterns.empty();
  if (choice.by_pattern) {
    OS_ASSIGN_OR_RETURN(choice.filter, migration::Filter::Make(arguments.patterns, {}));
  }
  if (choice.names.empty() && !choice.by_pattern) {
    return WrongGroups("no group: name one or more, or use --groups RE ('.*' is all)");
  }
  return choice;
}

Result<std::vector<std::string>> FindGroups(OffsetStore& store,
                                            const GroupChoice& choice,
                                            Duration timeout) {
  std::vector<std::string> groups = choice.names;
  if (!choice.by_pattern) return groups;
  const auto take = [&](const std::string& group) -> Status {
    groups.push_back(group);
    return {};
  };
  OS_ASSIGN_OR_RETURN(const migration::GroupCount count,
                      migration::ForEachGroup(store, choice.filter, timeout, take));
  if (const std::string why = migration::NothingMeant(count); !why.empty()) return WrongGroups(why);
  KeepFirsts(groups);
  return groups;
}

}  // namespace offsetstore::cli
