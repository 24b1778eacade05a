// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "command.h"
#include "console.h"
#include "manual/manual_page.h"
#include "stray.h"

namespace offsetstore::cli {
namespace {

struct ManArguments {
  std::string command;
  std::string folder;
};

ExitCode PrintPage(CLI::App& app, const std::string& name) {
  const std::vector<CommandShape> commands = ShapesOfCommands(app);
  if (name.empty()) return Print(ProgramPage(ShapeOf(app), commands));
  return Print(CommandPage(*std::ranges::find(commands, name, &CommandShape::name)));
}

Status WritePage(const std::filesystem::path& folder,
                 const CommandShape& command,
                 const std::string& page) {
  const std::filesystem::path file = folder / (PageName(command) + ".1");
  std::ofstream out(file, std::ios::binary);
  out << page;
  out.close();
  if (out) return {};
  return MakeError(ErrorCode::kUnavailable,
                   Printable(file.string()) + ": " + std::generic_category().message(errno));
}

ExitCode WritePages(CLI::App& app, const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  const std::vector<CommandShape> commands = ShapesOfCommands(app);
  const CommandShape program = ShapeOf(app);
  Status written = WritePage(folder, program, ProgramPage(program, commands));
  for (const CommandShape& command : commands) {
    if (written) written = WritePage(folder, command, CommandPage(command));
  }
  if (written) return ExitCode::kDone;
  Complain(ToString(written.error()));
  return ExitCode::kOutput;
}

}  // namespace

void AddMan(CLI::App& app, const BackendRegistry& /*registry*/, Job& job) {
  CLI::App* command = app.add_subcommand("man", "Print the manual page of offsetctl or a command");
  const auto arguments = std::make_shared<ManArguments>();  // shared with the job
  CLI::Option* name =
      AddText(*command, "COMMAND", arguments->command, "The command; without it offsetctl itself");
  name->type_name("");
  name->check(CLI::Validator(
      [&app](const std::string& word) {
        const auto commands = ShownCommands(app);
        const bool known = std::ranges::find(commands, word, &CLI::App::get_name) != commands.end();
        return known ? std::string() : UnknownCommand(app, word);
      },
      "",
      std::string(kCommandMark)));
  AddText(*command,
          "--folder",
          arguments->folder,
          "Write the pages of all commands here, and print none")
      ->type_name("DIR")
      ->excludes(name);
  command->footer("Examples:\n  offsetctl man migrate | man -l -\n  offsetctl man --folder man1");
  command->callback([&app, &job, arguments] {
    job = [&app, arguments] {
      return arguments->folder.empty() ? PrintPage(app, arguments->command)
                                       : WritePages(app, arguments->folder);
    };
  });
}

}  // namespace offsetstore::cli
