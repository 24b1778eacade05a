// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "command.h"
#include "migrate/open_sides.h"
#include "migrate/run_files.h"

namespace offsetstore::cli {

/// What every command that works on many groups takes.
struct RunArguments {
  RunFiles files;
  Duration timeout = std::chrono::seconds(10);
  OutputForm form = OutputForm::kTable;
  std::uint64_t parallel = 8;
  std::uint64_t rate = 0;
  Duration second_look = std::chrono::seconds(3);
  bool execute = false;
  bool yes = false;
  bool quiet = false;
  bool details = false;
  bool allow_live = false;
  std::string taken_back;  ///< Of a rollback: the journal of the run that it takes back.
};

/// `--timeout`, `--output`, `--parallel`, `--rate`, `--quiet`, `--details`, `--state-dir`.
void AddRunArguments(CLI::App& command, RunArguments& arguments);
/// `--execute`, `--yes`, `--second-look`, `--allow-live`, for commands that write.
void AddExecuteArguments(CLI::App& command, RunArguments& arguments);

[[nodiscard]] migration::Pace PaceOf(const RunArguments& arguments);

/// The file of a plan that follows on one that was done whole; empty: none does.
using NextPlan = std::function<Result<std::string>()>;

/// Does what the plan in the file `path` says, then `next` where there is one, prints both as one
/// report, and looks a second time. Asks on a terminal before; without one, `--yes` must have been
/// given.
[[nodiscard]] ExitCode ExecutePlan(const std::string& path,
                                   const migration::Sides& sides,
                                   const RunArguments& arguments,
                                   const NextPlan& next = {});

/// Asks on the terminal; without one, `--yes` must have been given.
[[nodiscard]] Status Confirm(const std::string& question, bool yes);

/// Complains about what ended a plan or run as a whole, and returns its exit code: 9 where the
/// report or a file of the run could not be written.
[[nodiscard]] ExitCode FailRun(const Error& error);

/// Says a line to people, unless `--quiet`.
void Tell(const RunArguments& arguments, const std::string& text);

/// Closes both, and returns the first of `code` and what closing says.
[[nodiscard]] ExitCode CloseSides(OpenedSide* source,
                                  OpenedSide& target,
                                  Duration timeout,
                                  ExitCode code);

}  // namespace offsetstore::cli
