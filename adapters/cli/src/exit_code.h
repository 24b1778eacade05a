// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "offsetstore/error.h"
#include "offsetstore/store.h"

namespace offsetstore::cli {

/// What the process ends with; documented, so values never change. A new one needs a line in
/// `ExitMeanings` and in docs/offsetctl.md.
enum class ExitCode : std::uint8_t {
  kDone = 0,           ///< Everything asked for was done.
  kFailed = 1,         ///< It failed for a reason that has no number of its own.
  kUsage = 2,          ///< Arguments, a URI or a configuration are wrong; nothing was done.
  kPartly = 3,         ///< Some partitions were done, others not.
  kRefused = 4,        ///< Refused: somebody holds the partition, or what is stored has moved.
  kUnreachable = 5,    ///< Store or brokers did not answer in time; nothing was applied.
  kVerification = 6,   ///< A check failed: `verify` and runs of a plan (stored is not what was
                       ///< written), `demo`, `doctor`.
  kInDoubt = 7,        ///< A write was sent and its answer is unknown: read before repeating it.
  kPermission = 8,     ///< Authentication or rights.
  kOutput = 9,         ///< The output could not be written: closed pipe, full disk.
  kDiffers = 10,       ///< `diff`: the two stores hold different positions.
  kInterrupted = 130,  ///< 128 + signal: SIGINT. 129 is SIGHUP, 143 SIGTERM.
};

/// What an exit code means, as the manual and docs/offsetctl.md say it: `code` between backquotes.
struct ExitMeaning {
  std::string_view codes;  ///< One, or several: `129, 130, 143`.
  std::string_view meaning;
  std::string_view advice;  ///< What to do; may be empty.
};
/// All of them, in order.
[[nodiscard]] std::span<const ExitMeaning> ExitMeanings() noexcept;

/// The exit code that says what to do about `error`.
[[nodiscard]] ExitCode ExitCodeOf(const Error& error) noexcept;

/// The exit code of a write: in doubt comes first, then partly done, then why nothing was done.
[[nodiscard]] ExitCode ExitCodeOf(std::span<const Outcome> outcomes) noexcept;

}  // namespace offsetstore::cli
