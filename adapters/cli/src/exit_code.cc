// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "exit_code.h"

#include <algorithm>

namespace offsetstore::cli {

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
