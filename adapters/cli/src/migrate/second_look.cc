// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate/second_look.h"

#include <thread>

#include "console.h"

namespace offsetstore::cli {
namespace {

/// Tells what is wrong with a group, and returns how bad that is.
ExitCode Judge(const migration::GroupRun& run) {
  ExitCode code = ExitCode::kDone;
  for (std::size_t i = 0; i < run.results.size(); ++i) {
    const migration::Done done = run.results[i].done;
    if (done != migration::Done::kMismatch && done != migration::Done::kFailed) continue;
    const bool mismatch = done == migration::Done::kMismatch;
    if (mismatch || code == ExitCode::kDone) {
      code = mismatch ? ExitCode::kVerification : ExitCode::kPartly;
    }
    Complain("second look: group '" + run.plan.to + "', " + ToString(run.plan.steps[i].to) + ": " +
             run.results[i].why);
  }
  return code;
}

ExitCode Worse(ExitCode one, ExitCode other) {
  if (one == ExitCode::kVerification || other == ExitCode::kDone) return one;
  return other == ExitCode::kVerification || one == ExitCode::kDone ? other : one;
}

}  // namespace

void SecondLook::Take(const migration::GroupRun& run) {
  bool as_planned = true;
  bool wrote = false;
  for (std::size_t i = 0; i < run.results.size(); ++i) {
    const migration::StepResult& result = run.results[i];
    const bool written = result.done == migration::Done::kWritten;
    wrote = wrote || written || result.untold;
    const bool fine = written || result.done == migration::Done::kAlreadyThere;
    as_planned = as_planned && (fine || !run.plan.steps[i].Changes());
  }
  if (!wrote || !as_planned) left_out_.insert(run.plan.from);
}

ExitCode SecondLook::Look(const std::string& path,
                          const migration::Sides& sides,
                          const RunArguments& arguments) const {
  const auto plan = migration::PlanReader::Open(path);
  if (!plan) return Fail(plan.error());
  migration::RunOptions options;
  options.pace = PaceOf(arguments);
  ExitCode code = ExitCode::kDone;
  const auto totals =
      migration::Verify(**plan, sides, options, [&](const migration::GroupRun& run) -> Status {
        if (!left_out_.contains(run.plan.from)) code = Worse(code, Judge(run));
        return {};
      });
  return totals ? code : Worse(code, Fail(totals.error()));
}

ExitCode SecondLook::End(const std::vector<std::string>& plans,
                         const migration::Sides& sides,
                         const RunArguments& arguments,
                         const RunReport& report,
                         ExitCode printed) const {
  const ExitCode first = report.Code() != ExitCode::kDone ? report.Code() : printed;
  const bool wrote = report.Code() == ExitCode::kDone || report.MayHaveWritten();
  if (!wrote || arguments.second_look == Duration::zero()) return first;
  std::this_thread::sleep_for(arguments.second_look);
  ExitCode again = ExitCode::kDone;
  for (const std::string& path : plans) again = Worse(again, Look(path, sides, arguments));
  return Worse(first, again);
}

}  // namespace offsetstore::cli
