// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate/execution.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <string>
#include <thread>

#include "console.h"
#include "internal/macros.h"
#include "migrate/run_report.h"
#include "offsetstore/migration/audit.h"
#include "offsetstore/migration/run.h"
#include "signals.h"

namespace offsetstore::cli {
namespace {

/// A stop that is asked for once the first signal has come.
class StopOnSignal {
 public:
  StopOnSignal() : watcher_([this](const std::stop_token& over) { Watch(over); }) {}
  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  void Watch(const std::stop_token& over) {
    constexpr Duration kStep{50};
    while (!over.stop_requested() && !StopAsked()) std::this_thread::sleep_for(kStep);
    if (StopAsked()) stop_.request_stop();
  }

  std::stop_source stop_;
  std::jthread watcher_;
};

Status Confirm(std::uint64_t groups, const migration::StoreName& target, bool yes) {
  if (yes) return {};
  if (::isatty(STDIN_FILENO) != 1) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "there is no terminal to ask on; --yes says that this is meant. Nothing was "
                     "changed");
  }
  std::cerr << "Run this plan of " << groups << " groups on " << ToString(target) << "? [y/N] "
            << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return MakeError(ErrorCode::kInvalidArgument, "not confirmed; nothing was changed");
}

/// Groups done, rate and time left, on a terminal.
class RunProgress {
 public:
  RunProgress(std::uint64_t groups, bool quiet) : groups_(groups), quiet_(quiet) {}
  ~RunProgress() { ShowStatus(""); }
  RunProgress(const RunProgress&) = delete;
  RunProgress& operator=(const RunProgress&) = delete;

  void Step() {
    ++done_;
    const auto now = Clock::now();
    if (quiet_ || now - shown_ < std::chrono::milliseconds(200)) return;
    shown_ = now;
    const double seconds = std::chrono::duration<double>(now - begun_).count();
    const double rate = static_cast<double>(done_) / std::max(seconds, 0.001);
    const auto left = static_cast<std::int64_t>(static_cast<double>(groups_ - done_) / rate);
    ShowStatus(std::to_string(done_) + " of " + std::to_string(groups_) + " groups, " +
               std::to_string(static_cast<std::int64_t>(rate)) + "/s, " + std::to_string(left) +
               " s left");
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::uint64_t groups_;
  bool quiet_;
  std::uint64_t done_ = 0;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point shown_ = begun_;
};

/// Looks again later: what was written and is something else by now has a writer at work.
ExitCode LookAgain(const std::string& path,
                   const migration::Sides& sides,
                   const RunArguments& arguments,
                   const migration::RunOptions& options) {
  if (arguments.second_look == Duration::zero()) return ExitCode::kDone;
  std::this_thread::sleep_for(arguments.second_look);
  const auto plan = migration::PlanReader::Open(path);
  if (!plan) return Fail(plan.error());
  const auto totals =
      migration::Verify(**plan, sides, options, [&](const migration::GroupRun& run) -> Status {
        for (std::size_t i = 0; i < run.results.size(); ++i) {
          if (run.results[i].done != migration::Done::kMismatch) continue;
          Complain("second look: group '" + run.plan.to + "', " + ToString(run.plan.steps[i].to) +
                   ": " + run.results[i].why);
        }
        return {};
      });
  if (!totals) return Fail(totals.error());
  return totals->mismatched == 0 ? ExitCode::kDone : ExitCode::kVerification;
}

/// Where a run ended early, what to do next.
ExitCode Ended(const Error& error, const std::string& path) {
  if (StopAsked()) {
    Complain("stopped between two groups; to go on: offsetctl apply " + path + " ... --execute");
    return SignalledOr(ExitCode::kFailed);
  }
  return Fail(error);
}

}  // namespace

void AddRunArguments(CLI::App& command, RunArguments& arguments) {
  AddTimeout(command, arguments.timeout);
  AddOutput(command, arguments.form);
  AddCount(command, "--parallel", arguments.parallel, 1, "How many groups at a time")
      ->type_name("N")
      ->default_str("8");
  AddCount(command, "--rate", arguments.rate, 1, "At most so many groups per second")
      ->type_name("N");
  command.add_flag("--quiet", arguments.quiet, "Say nothing but errors beside the report");
  command.add_flag("--details", arguments.details, "Also the partitions with nothing to do");
  AddRunFiles(command, arguments.files);
}

void AddExecuteArguments(CLI::App& command, RunArguments& arguments) {
  command.add_flag("--execute",
                   arguments.execute,
                   "Do it; without this the plan is shown and nothing is changed");
  command.add_flag("--yes", arguments.yes, "Do not ask");
  command.add_flag("--allow-live",
                   arguments.allow_live,
                   "Also groups whose consumers are at work: what they commit is overwritten");
  AddDuration(command,
              "--second-look",
              arguments.second_look,
              Duration::zero(),
              "How long after the writes everything is read once more; 0: not");
}

migration::Pace PaceOf(const RunArguments& arguments) {
  migration::Pace pace;
  pace.parallel = arguments.parallel;
  pace.groups_per_second = static_cast<double>(arguments.rate);
  pace.timeout = arguments.timeout;
  return pace;
}

ExitCode ExecutePlan(const std::string& path,
                     const migration::Sides& sides,
                     const RunArguments& arguments) {
  const auto plan = migration::PlanReader::Open(path);
  if (!plan) return Fail(plan.error());
  const migration::PlanHeader header = (*plan)->header();
  if (const Status meant = Confirm((*plan)->groups(), header.to, arguments.yes); !meant) {
    return Fail(meant.error());
  }
  const auto audit = migration::Audit::Open(arguments.files.Audit());
  if (!audit) return Fail(audit.error());
  FinishOnFirstSignal();
  const StopOnSignal stop;
  migration::RunOptions options;
  options.pace = PaceOf(arguments);
  options.pace.stop = stop.token();
  options.allow_live = arguments.allow_live;
  options.journal_path = arguments.files.Journal(header.id);
  RunReport report(header, arguments.form, arguments.details, true);
  RunProgress progress((*plan)->groups(), arguments.quiet);
  const auto totals =
      migration::Apply(**plan, sides, options, [&](const migration::GroupRun& run) -> Status {
        progress.Step();
        if (Status added = (*audit)->Add(header, run); !added) return added;
        return report.Show(run);
      });
  const Status synced = (*audit)->Sync();
  const ExitCode printed = report.End();
  if (!totals) return Ended(totals.error(), path);
  if (!synced) return Fail(synced.error());
  Tell(arguments,
       report.Summary() + "; to take it back: offsetctl rollback " + options.journal_path +
           " --to URI");
  const ExitCode again = report.Code() == ExitCode::kDone
                             ? LookAgain(path, sides, arguments, options)
                             : ExitCode::kDone;
  if (report.Code() != ExitCode::kDone) return report.Code();
  return again != ExitCode::kDone ? again : printed;
}

void Tell(const RunArguments& arguments, const std::string& text) {
  if (!arguments.quiet) Complain(text);
}

ExitCode CloseSides(OpenedSide* source, OpenedSide& target, Duration timeout, ExitCode code) {
  Status closed = target.Close(timeout);
  if (source != nullptr) {
    const Status other = source->Close(timeout);
    if (closed && !other) closed = other;
  }
  if (code != ExitCode::kDone) return code;
  return closed ? code : Fail(closed.error());
}

}  // namespace offsetstore::cli
