// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "manual/command_shape.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>
#include <sstream>

#include "store_uri.h"

namespace offsetstore::cli {
namespace {

std::vector<const CLI::Validator*> ValidatorsOf(CLI::Option& option) {
  std::vector<const CLI::Validator*> all;
  try {
    while (true) all.push_back(option.get_validator(static_cast<int>(all.size())));
  } catch (const CLI::OptionNotFound&) {
    return all;  // CLI11 tells the end in no other way.
  }
}

std::vector<std::string> NamesOf(const CLI::Option& option) {
  if (option.get_positional()) return {option.get_name(true)};
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> NamesOf(const std::set<CLI::Option*>& options) {
  std::vector<std::string> names;
  names.reserve(options.size());
  for (const CLI::Option* option : options) names.push_back(NamesOf(*option).back());
  std::sort(names.begin(), names.end());  // The set is in the order of addresses.
  return names;
}

/// The words of CLI::IsMember's `{a,b}`.
std::vector<std::string> ChoicesOf(const std::string& set) {
  std::vector<std::string> choices;
  std::istringstream in(set.substr(1, set.size() - 2));
  for (std::string word; std::getline(in, word, ',');) choices.push_back(word);
  return choices;
}

/// What the validators tell; their descriptions are the end of the type's name.
void ReadValidators(CLI::Option& option, ArgumentShape& shape) {
  shape.type = option.get_type_name();
  std::size_t added = 0;
  for (const CLI::Validator* validator : ValidatorsOf(option)) {
    if (validator->get_name() == kStoreUriMark) shape.takes = Takes::kStore;
    if (validator->get_name() == kCommandMark) shape.takes = Takes::kCommand;
    const std::string what = validator->get_description();
    if (what.empty()) continue;
    added += what.size() + 1;
    if (what.front() == '{' && what.back() == '}') {
      shape.takes = Takes::kChoice;
      shape.choices = ChoicesOf(what);
    } else {
      shape.limits = what;
    }
  }
  shape.type.resize(shape.type.size() - added);
}

ArgumentShape ShapeOf(CLI::Option& option) {
  ArgumentShape shape;
  shape.names = NamesOf(option);
  shape.help = option.get_description();
  shape.required = option.get_required();
  shape.needs = NamesOf(option.get_needs());
  shape.excludes = NamesOf(option.get_excludes());
  if (option.get_items_expected_max() == 0) {
    shape.takes = Takes::kNothing;
    return shape;
  }
  ReadValidators(option, shape);
  shape.default_text = option.get_default_str();
  shape.repeated = option.get_items_expected_max() > 1 ||
                   option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
  return shape;
}

/// Takes a footer apart: notes, a line `Example (about):` or `Examples:`, and indented examples.
void ReadFooter(const std::string& footer, CommandShape& shape) {
  std::istringstream in(footer);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("  ")) {
      shape.examples.push_back(line.substr(2));
    } else if (line.starts_with("Example")) {
      const std::size_t open = std::min(line.find('('), line.size());
      const std::size_t close = std::min(line.rfind(')'), line.size());
      if (open < close) shape.examples_about = line.substr(open + 1, close - open - 1);
    } else {
      shape.notes += (shape.notes.empty() ? "" : " ") + line;
    }
  }
}

}  // namespace

bool CommandShape::Has(std::string_view argument) const {
  const auto named = [argument](const ArgumentShape& shape) {
    return std::ranges::find(shape.names, argument) != shape.names.end();
  };
  return std::ranges::any_of(arguments, named) || std::ranges::any_of(options, named);
}

bool CommandShape::TakesStore() const {
  const auto takes = [](const ArgumentShape& shape) { return shape.takes == Takes::kStore; };
  return std::ranges::any_of(arguments, takes) || std::ranges::any_of(options, takes);
}

std::vector<CLI::App*> ShownCommands(CLI::App& app) {
  return app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
}

CommandShape ShapeOf(CLI::App& command) {
  CommandShape shape;
  shape.name = command.get_name();
  shape.description = command.get_description();
  for (CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    auto& list = option->get_positional() ? shape.arguments : shape.options;
    list.push_back(ShapeOf(*option));
  }
  ReadFooter(command.get_footer(), shape);
  return shape;
}

std::vector<CommandShape> ShapesOfCommands(CLI::App& app) {
  std::vector<CommandShape> shapes;
  for (CLI::App* command : ShownCommands(app)) shapes.push_back(ShapeOf(*command));
  return shapes;
}

}  // namespace offsetstore::cli
