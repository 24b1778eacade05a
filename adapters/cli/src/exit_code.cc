// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "exit_code.h"

#include <algorithm>
#include <array>

namespace offsetstore::cli {
namespace {

constexpr auto kExitMeanings = std::to_array<ExitMeaning>({
    {"0", "done", ""},
    {"1",
     "failed for another reason: corrupt data, not supported by this store, a defect",
     "read the line on standard error"},
    {"2", "arguments, URI or configuration are wrong; nothing was done", "correct them"},
    {"3", "some partitions were done, others not", "the output says which and why"},
    {"4",
     "refused: somebody claimed the partition, what is stored has moved, another cluster's "
     "positions",
     "look again, then repeat"},
    {"5", "store or brokers not reached in time; nothing was applied", "try again"},
    {"6",
     "`verify`, `migrate`, `apply`, `rollback`: what is stored is not what the plan wrote; "
     "`doctor`: something is not ok; `demo`: more records were lost or repeated than the "
     "configuration allows",
     "the output says what; report what `demo` lost"},
    {"7",
     "in doubt: a write was sent and its answer never came",
     "read (`get`) before you repeat it"},
    {"8", "authentication or rights", "correct them"},
    {"9",
     "the output, or a plan, journal or history, could not be written: closed pipe, full disk, a "
     "table that refuses a row. After `set` or `delete --execute` the change is applied and only "
     "its report is lost, and a run of a plan may have come some way: standard error says so",
     "look with `get`; else run again"},
    {"10", "`diff`: the two stores hold different positions", ""},
    {"129, 130, 143", "ended by SIGHUP, SIGINT (Ctrl-C), SIGTERM", ""},
});

}  // namespace

std::span<const ExitMeaning> ExitMeanings() noexcept {
  return kExitMeanings;
}

ExitCode ExitCodeOf(const Error& error) noexcept {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kConfigInvalid:
      return ExitCode::kUsage;
    case ErrorCode::kPermissionDenied:
      return ExitCode::kPermission;
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
      return ExitCode::kUnreachable;
    case ErrorCode::kInDoubt:
      return ExitCode::kInDoubt;
    case ErrorCode::kFenced:
    case ErrorCode::kConflict:
    case ErrorCode::kOutOfRange:
      return ExitCode::kRefused;
    case ErrorCode::kUnsupported:
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
      break;
  }
  return ExitCode::kFailed;
}

ExitCode ExitCodeOf(std::span<const Outcome> outcomes) noexcept {
  const auto ok = [](const Outcome& outcome) { return outcome.Ok(); };
  if (std::all_of(outcomes.begin(), outcomes.end(), ok)) return ExitCode::kDone;
  const auto in_doubt = [](const Outcome& outcome) {
    return outcome.code == OutcomeCode::kFailed && outcome.error &&
           outcome.error->code == ErrorCode::kInDoubt;
  };
  if (std::any_of(outcomes.begin(), outcomes.end(), in_doubt)) return ExitCode::kInDoubt;
  if (std::any_of(outcomes.begin(), outcomes.end(), ok)) return ExitCode::kPartly;
  for (const Outcome& outcome : outcomes) {
    if (outcome.code == OutcomeCode::kFailed && outcome.error) return ExitCodeOf(*outcome.error);
  }
  return ExitCode::kRefused;
}

}  // namespace offsetstore::cli
