// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "stray.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "offsetstore/units.h"

namespace offsetstore::cli {
namespace {

using Words = std::vector<std::string>;

bool IsOption(const std::string& word) {
  return word.starts_with('-');
}

Words CommandsOf(const CLI::App& app) {
  Words names;
  const auto shown = [](const CLI::App* sub) { return !sub->get_group().empty(); };
  for (const CLI::App* sub : app.get_subcommands(shown)) names.push_back(sub->get_name());
  return names;
}

/// Long names only: every letter is near every other.
Words OptionsOf(const CLI::App& app) {
  Words names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

bool TakesNames(const CLI::App& app) {
  const auto options = app.get_options();
  return std::any_of(options.begin(), options.end(), [](const CLI::Option* option) {
    return option->get_positional();
  });
}

std::string Hint(const std::string& word, const Words& known) {
  const std::string_view nearest = Nearest(word, known);
  return nearest.empty() ? std::string() : "; did you mean '" + std::string(nearest) + "'?";
}

std::string UnknownOption(const CLI::App& app, const std::string& word) {
  // What follows may be a secret.
  const std::string name = word.substr(0, word.find('='));
  std::string text = "'" + name + "' is no option of " + app.get_name();
  text += Hint(name, OptionsOf(app));
  if (TakesNames(app)) text += " (a name that begins with '-' comes after '--')";
  return text;
}

std::string TooManyNames(const CLI::App& app, const Words& behind) {
  return "'" + behind.back() + "' is one argument too many for " + app.get_name() +
         ": all that stands behind '--' are names, so options come before it";
}

}  // namespace

std::string ExplainStray(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  std::vector<const CLI::App*> levels = {&app};
  levels.insert(levels.end(), commands.begin(), commands.end());
  for (const CLI::App* level : levels) {
    const Words strays = level->remaining();
    if (strays.empty()) continue;
    // Behind `--` stand names, whatever they begin with.
    const auto names = std::find(strays.begin(), strays.end(), "--");
    const auto option = std::find_if(strays.begin(), names, IsOption);
    if (option != names) return UnknownOption(*level, *option);
    if (names == strays.begin()) return TooManyNames(*level, strays);
    if (commands.empty()) return UnknownCommand(app, strays.front());
    return "'" + strays.front() + "' is one argument too many for " + level->get_name();
  }
  return {};
}

std::string UnknownCommand(const CLI::App& app, const std::string& word) {
  const Words known = CommandsOf(app);
  std::string text = "unknown command '" + word + "'" + Hint(word, known);
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
  return text + " (known: " + list + ")";
}

}  // namespace offsetstore::cli
