// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace offsetstore::cli {

/// The name of the validator of an argument that is the name of a command.
inline constexpr std::string_view kCommandMark = "command";

/// What stands behind an option, or in the place of an argument.
enum class Takes : std::uint8_t {
  kNothing,   ///< A flag.
  kStore,     ///< The URI of a store, or a profile.
  kCommand,   ///< The name of a command.
  kChoice,    ///< One of `choices`.
  kAnything,  ///< A file, a number, a name.
};

/// An option or an argument, as --help tells it.
struct ArgumentShape {
  std::vector<std::string> names;  ///< `-h` and `--help`; of an argument its one name.
  std::string type;                ///< What stands behind an option's name, such as `FILE`.
  std::string help;
  std::string limits;  ///< Of a number: `INT in [1 - 1000]`.
  std::vector<std::string> choices;
  std::string default_text;
  std::vector<std::string> needs;
  std::vector<std::string> excludes;
  Takes takes = Takes::kAnything;
  bool required = false;
  bool repeated = false;
};

/// A command, or the program: what --help, the manual and the completion know of it.
struct CommandShape {
  std::string name;  ///< `get`; of the program `offsetctl`.
  std::string description;
  std::vector<ArgumentShape> arguments;  ///< In their order.
  std::vector<ArgumentShape> options;
  std::string notes;                  ///< What the footer says before the examples.
  std::string examples_about;         ///< What all its examples have in common; may be empty.
  std::vector<std::string> examples;  ///< Their lines.

  /// Whether any option or argument has this name.
  [[nodiscard]] bool Has(std::string_view argument) const;
  [[nodiscard]] bool TakesStore() const;
};

/// The commands that --help shows, in its order.
[[nodiscard]] std::vector<CLI::App*> ShownCommands(CLI::App& app);

/// Reads a command, or the program, off the objects that the command line is parsed by.
[[nodiscard]] CommandShape ShapeOf(CLI::App& command);

/// Those of all shown commands of the program.
[[nodiscard]] std::vector<CommandShape> ShapesOfCommands(CLI::App& app);

}  // namespace offsetstore::cli
