// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "help.h"

#include <sstream>
#include <stdexcept>

#include "program.h"

namespace offsetstore::testing {
namespace {

/// The lines below a title, up to an empty one, by their first words.
std::vector<std::vector<std::string>> Below(const std::string& title, const Words& command) {
  const Ran ran = Offsetctl(command);
  if (ran.code != 0) throw std::runtime_error("--help fails: " + ran.err);
  std::vector<std::vector<std::string>> found;
  bool below = false;
  for (const std::string& line : Lines(ran.out)) {
    if (line == title) {
      below = true;
    } else if (line.empty()) {
      below = false;
    } else if (below && line.starts_with("  ") && line[2] != ' ') {
      std::istringstream in(line);
      std::vector<std::string> words(2);
      in >> words[0] >> words[1];
      found.push_back(words);
    }
  }
  return found;
}

}  // namespace

std::vector<std::string> HelpCommands() {
  std::vector<std::string> commands;
  for (const auto& words : Below("Subcommands:", {"--help"})) commands.push_back(words[0]);
  if (commands.empty()) throw std::runtime_error("--help lists no commands");
  return commands;
}

Help HelpOf(const std::string& command) {
  Help help;
  for (const auto& words : Below("Positionals:", {command, "--help"})) {
    help.arguments.push_back(words[0]);
    if (words[0].ends_with("URI")) help.stores.push_back(words[0]);
  }
  for (const auto& words : Below("Options:", {command, "--help"})) {
    std::istringstream names(words[0]);
    for (std::string name; std::getline(names, name, ',');) help.options.push_back(name);
    if (words[1] == "STORE-URI") help.stores.push_back(help.options.back());
  }
  if (help.options.empty()) throw std::runtime_error(command + " --help lists no options");
  return help;
}

}  // namespace offsetstore::testing
