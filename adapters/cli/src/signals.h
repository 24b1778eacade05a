// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exit_code.h"

namespace offsetstore::cli {

/// SIGINT, SIGTERM and SIGHUP end the process at once with 128 + signal; for commands that have
/// nothing to finish. SIGPIPE and SIGXFSZ do nothing: a closed pipe and a file that may not grow
/// are errors of the write.
void EndOnSignal() noexcept;

/// The first of these signals only asks to stop; the second ends the process at once.
void FinishOnFirstSignal() noexcept;

/// Whether a signal asked to stop.
[[nodiscard]] bool StopAsked() noexcept;

/// 128 + signal where one asked to stop, else `code`.
[[nodiscard]] ExitCode SignalledOr(ExitCode code) noexcept;

}  // namespace offsetstore::cli
