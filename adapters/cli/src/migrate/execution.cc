// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate/execution.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "console.h"
#include "internal/macros.h"
#include "migrate/run_report.h"
#include "migrate/second_look.h"
#include "migrate/stop_on_signal.h"
#include "offsetstore/migration/audit.h"
#include "offsetstore/migration/run.h"
#include "signals.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

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

/// Does plans, one after the other, under one report.
class Execution {
 public:
  Execution(const migration::Sides& sides,
            const RunArguments& arguments,
            migration::Audit& audit,
            RunReport& report,
            SecondLook& look,
            std::stop_token stop)
      : sides_(sides),
        arguments_(arguments),
        audit_(audit),
        report_(report),
        look_(look),
        stop_(std::move(stop)) {}

  Status Run(const std::string& path) {
    OS_ASSIGN_OR_RETURN(const auto plan, migration::PlanReader::Open(path));
    const migration::PlanHeader header = plan->header();
    migration::RunOptions options;
    options.pace = PaceOf(arguments_);
    options.pace.stop = stop_;
    options.allow_live = arguments_.allow_live;
    options.journal_path = arguments_.files.Journal(header.id);
    journals_.push_back(options.journal_path);
    options.taken_back_path = arguments_.taken_back;
    options.sync_told = [this] { return audit_.Sync(); };
    RunProgress progress(plan->size().groups, arguments_.quiet);
    const auto take = [&](const migration::GroupRun& run) -> Status {
      progress.Step();
      look_.Take(run);
      const Status added = audit_.Add(header, run);
      const Status shown = report_.Show(run);
      return added ? shown : added;
    };
    const auto totals = migration::Apply(*plan, sides_, options, take);
    return totals ? Status() : Status(totals.error());
  }

  /// How to take back what was run, the last plan first; empty where nothing was written.
  [[nodiscard]] std::string WayBack() const {
    if (!report_.MayHaveWritten()) return {};
    std::string text = "; to take it back:";
    for (auto journal = journals_.rbegin(); journal != journals_.rend(); ++journal) {
      text +=
          (journal == journals_.rbegin() ? " offsetctl rollback " : ", then offsetctl rollback ") +
          *journal + " --to URI --execute";
    }
    return text;
  }

 private:
  const migration::Sides& sides_;
  const RunArguments& arguments_;
  migration::Audit& audit_;
  RunReport& report_;
  SecondLook& look_;
  std::stop_token stop_;
  std::vector<std::string> journals_;
};

/// Where a run ended early: how far it came, and what to do next.
ExitCode EndedEarly(const Error& error,
                    const RunReport& report,
                    const Execution& execution,
                    const std::string& path) {
  const ExitCode code = StopAsked() ? SignalledOr(ExitCode::kFailed) : FailRun(error);
  const bool wrote = report.MayHaveWritten();
  if (!wrote && !StopAsked()) return code;
  Complain((StopAsked() ? "stopped between two groups: " : "ended early: ") + report.Summary() +
           "; to go on: offsetctl apply " + path + " ... --execute" + execution.WayBack());
  return wrote && code == ExitCode::kUnreachable ? ExitCode::kPartly : code;
}

/// What is about to be done; asked about on a terminal.
std::string QuestionOf(const migration::PlanReader& plan) {
  const migration::PlanSize& size = plan.size();
  std::string text = "Change " + CountOf(size.changes, "position") + " of " +
                     CountOf(size.groups, "group") + " in " + ToString(plan.header().to);
  if (size.refused != 0) text += " (" + std::to_string(size.refused) + " refused)";
  return text + "?";
}

}  // namespace

void AddRunArguments(CLI::App& command, RunArguments& arguments) {
  AddTimeout(command, arguments.timeout);
  AddOutput(command, arguments.form);
  AddParallel(command, arguments.parallel);
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

Status Confirm(const std::string& question, bool yes) {
  if (yes) return {};
  if (::isatty(STDIN_FILENO) != 1) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "there is no terminal to ask on; --yes says that this is meant. Nothing was "
                     "changed");
  }
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return MakeError(ErrorCode::kInvalidArgument, "not confirmed; nothing was changed");
}

ExitCode ExecutePlan(const std::string& path,
                     const migration::Sides& sides,
                     const RunArguments& arguments,
                     const NextPlan& next) {
  const auto plan = migration::PlanReader::Open(path);
  if (!plan) return Fail(plan.error());
  const migration::PlanHeader header = (*plan)->header();
  const Status meant = Confirm(QuestionOf(**plan), arguments.yes);
  if (!meant) return Fail(meant.error());
  const auto audit = migration::Audit::Open(arguments.files.Audit());
  if (!audit) return Fail(audit.error());
  FinishOnFirstSignal();
  const StopOnSignal stop;
  RunReport report(header, arguments.form, arguments.details, true);
  SecondLook look;
  Execution execution{sides, arguments, **audit, report, look, stop.token()};
  std::vector<std::string> done = {path};
  Status ran = execution.Run(path);
  if (ran && next && report.Code() == ExitCode::kDone) {
    const Result<std::string> following = next();
    ran = following ? execution.Run(*following) : Status(following.error());
    if (following) done.push_back(*following);
  }
  const Status synced = (*audit)->Sync();
  const ExitCode printed = report.End();
  if (!ran) return EndedEarly(ran.error(), report, execution, done.back());
  if (!synced) return FailRun(synced.error());
  Tell(arguments, report.Summary() + execution.WayBack());
  return look.End(done, sides, arguments, report, printed);
}

ExitCode FailRun(const Error& error) {
  const ExitCode code = Fail(error);
  // The errors of a store stand in its groups' rows, not here.
  const bool local = error.native == ENOSPC || error.native == EDQUOT || error.native == EPIPE;
  return local ? ExitCode::kOutput : code;
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
