// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "command.h"
#include "console.h"
#include "manual/bash_completion.h"

namespace offsetstore::cli {

void AddCompletion(CLI::App& app, const BackendRegistry& /*registry*/, Job& job) {
  CLI::App* command =
      app.add_subcommand("completion", "Print what makes a shell complete the words of offsetctl");
  const auto shell = std::make_shared<std::string>();  // CLI11 writes to it while it parses
  command->add_option("SHELL", *shell, "The shell: bash")
      ->required()
      ->check(CLI::IsMember({"bash"}))
      ->option_text("REQUIRED");
  command->footer("Example:\n  source <(offsetctl completion bash)");
  command->callback([&app, &job, shell] {
    job = [&app, shell] { return Print(BashCompletion(ShapeOf(app), ShapesOfCommands(app))); };
  });
}

}  // namespace offsetstore::cli
