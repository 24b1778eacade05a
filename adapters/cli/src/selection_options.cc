// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "selection_options.h"

#include <CLI/CLI.hpp>

namespace offsetstore::cli {
namespace {

void AddWords(CLI::App& command,
              const std::string& name,
              std::vector<std::string>& words,
              const std::string& type,
              const std::string& help) {
  // One word each: what follows may be the store.
  command.add_option(name, words, help)->allow_extra_args(false)->type_name(type);
}

}  // namespace

Result<migration::Filter> SelectionOptions::Groups() const {
  return migration::Filter::Make(groups, exclude_groups);
}

Result<migration::Filter> SelectionOptions::Topics() const {
  return migration::Filter::Make(topics, exclude_topics);
}

void AddSelectionOptions(CLI::App& command, SelectionOptions& options) {
  AddWords(command,
           "--group",
           options.groups,
           "RE",
           "Only groups whose whole name matches; may be given several times");
  AddWords(command, "--exclude-group", options.exclude_groups, "RE", "But not these groups");
  AddWords(command, "--topic", options.topics, "RE", "Only topics whose whole name matches");
  AddWords(command, "--exclude-topic", options.exclude_topics, "RE", "But not these topics");
}

void AddNewNames(CLI::App& command,
                 const std::string& name,
                 std::vector<std::string>& renames,
                 const std::string& help) {
  AddWords(command, name, renames, "OLD=NEW", help);
}

Result<std::map<std::string, std::string>> ParseRenames(const std::string& option,
                                                        const std::vector<std::string>& renames) {
  std::map<std::string, std::string> names;
  for (const std::string& rename : renames) {
    const std::size_t at = rename.find('=');
    if (at == std::string::npos) {
      return MakeError(ErrorCode::kInvalidArgument,
                       option + ": '" + Printable(rename) + "' is not OLD=NEW");
    }
    if (names.try_emplace(rename.substr(0, at), rename.substr(at + 1)).second) continue;
    return MakeError(ErrorCode::kInvalidArgument,
                     option + ": '" + Printable(rename.substr(0, at)) + "' is given two new names");
  }
  return names;
}

}  // namespace offsetstore::cli
