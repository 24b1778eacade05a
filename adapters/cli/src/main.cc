// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <exception>
#include <memory>
#include <string>

#include "app.h"
#include "console.h"
#include "offsetstore/builtin.h"
#include "signals.h"
#include "stray.h"

namespace offsetstore::cli {
namespace {

/// What a command line that cannot be parsed gets: help and version are no errors.
ExitCode ExplainParse(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    if (error.get_name() == "CallForVersion") return Print(app.version() + "\n");
    return Print(app.help());
  }
  std::string command = "offsetctl";
  for (const CLI::App* sub : app.get_subcommands()) command += " " + sub->get_name();
  // One word too many, or a wrong one, leaves another one missing: say the cause.
  std::string why = ExplainStray(app);
  if (why.empty()) why = error.what();
  Complain(why + " (see: " + command + " --help)");
  return ExitCode::kUsage;
}

ExitCode Main(int argc, char** argv) {
  EndOnSignal();
  BackendRegistry registry;
  if (const Status status = RegisterBuiltinBackends(registry); !status) return Fail(status.error());
  Job job;
  const std::unique_ptr<CLI::App> app = MakeApp(registry, job);
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ExplainParse(*app, error);
  }
  return job();
}

}  // namespace
}  // namespace offsetstore::cli

int main(int argc, char** argv) {
  offsetstore::cli::ReserveStandardDescriptors();
  try {
    return static_cast<int>(offsetstore::cli::Main(argc, argv));
  } catch (const std::exception& error) {
    offsetstore::cli::Complain(std::string("out of resources or a defect of offsetctl: ") +
                               error.what());
    return static_cast<int>(offsetstore::cli::ExitCode::kFailed);
  }
}
