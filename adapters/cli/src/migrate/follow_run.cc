// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate/follow_run.h"

#include <CLI/CLI.hpp>
#include <string>

#include "console.h"
#include "migrate/run_report.h"
#include "migrate/second_look.h"
#include "migrate/stop_on_signal.h"
#include "offsetstore/migration/audit.h"
#include "offsetstore/migration/follow.h"
#include "offsetstore/units.h"
#include "signals.h"

namespace offsetstore::cli {
namespace {

std::string InWords(const migration::Totals& pass) {
  std::string text = std::to_string(pass.groups) + " groups with something to do, " +
                     std::to_string(pass.written) + " positions written";
  if (pass.refused != 0) text += ", " + std::to_string(pass.refused) + " refused";
  if (pass.failed + pass.in_doubt != 0) {
    text += ", " + std::to_string(pass.failed + pass.in_doubt) + " failed";
  }
  if (pass.unread != 0) text += ", " + std::to_string(pass.unread) + " groups unread";
  return text;
}

/// Says how each pass ended, where there is anything to say.
migration::TellPass TellPasses(const RunArguments& run, Duration interval) {
  return [&run, interval](const Result<migration::Totals>& pass) {
    if (!pass) {
      Complain("pass failed: " + ToString(pass.error()) + "; the next one in " +
               ToString(interval));
    } else if (pass->groups != 0) {
      Tell(run, "pass: " + InWords(*pass));
    }
  };
}

migration::FollowOptions OptionsOf(const migration::PlanHeader& header,
                                   const migration::PlanOptions& plan,
                                   const RunArguments& run) {
  migration::FollowOptions options;
  options.plan = plan;
  options.run.pace = PaceOf(run);
  options.run.allow_live = run.allow_live;
  options.run.journal_path = run.files.Journal(header.id);
  options.plan_path = run.files.Plan(header.id);
  return options;
}

}  // namespace

void AddFollowArguments(CLI::App& command, FollowArguments& arguments) {
  command.add_flag("--follow",
                   arguments.follow,
                   "Keep the target up to date while the source's consumers are at work, until the "
                   "first Ctrl-C; then a last pass");
  AddDuration(command,
              "--interval",
              arguments.interval,
              Duration(1),
              "With --follow: the time between two passes");
}

ExitCode FollowUntilStopped(const migration::Sides& sides,
                            const migration::PlanHeader& header,
                            const migration::PlanOptions& plan,
                            const RunArguments& run,
                            Duration interval,
                            std::optional<Duration> retention) {
  const std::string question = "Keep " + ToString(header.to) + " up to date with " +
                               ToString(header.from) + " until this is stopped?";
  if (const Status meant = Confirm(question, run.yes); !meant) return Fail(meant.error());
  const auto audit = migration::Audit::Open(run.files.Audit());
  if (!audit) return Fail(audit.error());
  FinishOnFirstSignal();
  const StopOnSignal stop;
  migration::FollowOptions options = OptionsOf(header, plan, run);
  options.interval = interval;
  options.until = stop.token();
  options.retention = retention;
  options.first = [&](const migration::GroupRun& group) { return (*audit)->Add(header, group); };
  options.run.sync_told = [&] { return (*audit)->Sync(); };
  Tell(run, "following; the first Ctrl-C asks for the last pass, a second one ends at once");
  RunReport report(header, run.form, run.details, true);
  SecondLook look;
  const auto last = [&](const migration::GroupRun& group) -> Status {
    look.Take(group);
    const Status added = (*audit)->Add(header, group);
    const Status shown = report.Show(group);
    return added ? shown : added;
  };
  const auto totals = migration::Follow(sides, header, options, last, TellPasses(run, interval));
  const Status synced = (*audit)->Sync();
  const ExitCode printed = report.End();
  if (!totals) return FailRun(totals.error());
  if (!synced) return FailRun(synced.error());
  Tell(run,
       "last pass: " + report.Summary() +
           "; to put back what stood there at first: offsetctl "
           "rollback " +
           options.run.journal_path + " --to URI --allow-moved");
  return look.End({options.plan_path}, sides, run, report, printed);
}

}  // namespace offsetstore::cli
