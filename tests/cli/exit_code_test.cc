// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "exit_code.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "files.h"

namespace offsetstore::cli {
namespace {

Outcome Of(OutcomeCode code, std::optional<ErrorCode> error = {}) {
  Outcome outcome;
  outcome.code = code;
  if (error) outcome.error = MakeError(*error, "x");
  return outcome;
}

ExitCode CodeOfWrites(const std::vector<Outcome>& outcomes) {
  return ExitCodeOf(outcomes);
}

TEST_CASE("errors map to the exit code that says what to do") {
  const auto of = [](ErrorCode code) { return ExitCodeOf(MakeError(code, "x")); };
  CHECK(of(ErrorCode::kConfigInvalid) == ExitCode::kUsage);
  CHECK(of(ErrorCode::kInvalidArgument) == ExitCode::kUsage);
  CHECK(of(ErrorCode::kPermissionDenied) == ExitCode::kPermission);
  CHECK(of(ErrorCode::kUnavailable) == ExitCode::kUnreachable);
  CHECK(of(ErrorCode::kDeadlineExceeded) == ExitCode::kUnreachable);
  CHECK(of(ErrorCode::kInDoubt) == ExitCode::kInDoubt);
  CHECK(of(ErrorCode::kFenced) == ExitCode::kRefused);
  CHECK(of(ErrorCode::kCorrupt) == ExitCode::kFailed);
}

TEST_CASE("every exit code is told, and docs/offsetctl.md tells the same") {
  std::string table = "| code | meaning | do |\n|---|---|---|\n";
  for (const ExitMeaning& exit : ExitMeanings()) {
    const std::string advice(exit.advice);
    table += "| " + std::string(exit.codes) + " | " + std::string(exit.meaning) + " | " + advice +
             (advice.empty() ? "|\n" : " |\n");
  }
  const std::string page = testing::ReadFile(OFFSETSTORE_SOURCE_DIR "/docs/offsetctl.md");
  CHECK(page.find("\n" + table + "\n") != std::string::npos);
  for (const ExitCode code : {ExitCode::kDone,
                              ExitCode::kFailed,
                              ExitCode::kUsage,
                              ExitCode::kPartly,
                              ExitCode::kRefused,
                              ExitCode::kUnreachable,
                              ExitCode::kVerification,
                              ExitCode::kInDoubt,
                              ExitCode::kPermission,
                              ExitCode::kOutput,
                              ExitCode::kDiffers}) {
    const std::string number = std::to_string(static_cast<int>(code));
    CAPTURE(number);
    CHECK(std::ranges::count(ExitMeanings(), number, &ExitMeaning::codes) == 1);
  }
}

TEST_CASE("a write that is partly done has a code of its own") {
  const Outcome done = Of(OutcomeCode::kApplied);
  const Outcome fenced = Of(OutcomeCode::kFenced);
  CHECK(CodeOfWrites({}) == ExitCode::kDone);
  CHECK(CodeOfWrites({done, Of(OutcomeCode::kAlreadyApplied)}) == ExitCode::kDone);
  CHECK(CodeOfWrites({done, fenced}) == ExitCode::kPartly);
  CHECK(CodeOfWrites({fenced, Of(OutcomeCode::kNotApplied)}) == ExitCode::kRefused);
  CHECK(CodeOfWrites({Of(OutcomeCode::kFailed, ErrorCode::kUnavailable)}) ==
        ExitCode::kUnreachable);
}

TEST_CASE("a write in doubt is told before anything else") {
  CHECK(CodeOfWrites({Of(OutcomeCode::kApplied), Of(OutcomeCode::kFailed, ErrorCode::kInDoubt)}) ==
        ExitCode::kInDoubt);
}

}  // namespace
}  // namespace offsetstore::cli
