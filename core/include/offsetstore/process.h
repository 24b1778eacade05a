// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace [[gnu::visibility("default")]] offsetstore {

/// Names this process so that another one on the same machine can tell whether it still runs:
/// `BOOT-ID/PID-NAMESPACE/PID/START-TIME` from `/proc`. Empty where `/proc` cannot be read.
/// Never cached over `fork`.
[[nodiscard]] std::string ProcessIdentity();

enum class ProcessState : std::uint8_t {
  kRunning,  ///< Same boot, same pid namespace, and a process with that pid and start time exists.
  kGone,     ///< Same boot and pid namespace, and provably no such process.
  kUnknown,  ///< Another machine, boot or pid namespace, or `/proc` cannot be read.
};

/// Tells whether the process that `identity` names still runs. A zombie (killed, not yet reaped)
/// is gone: it can write nothing more.
[[nodiscard]] ProcessState StateOf(std::string_view identity);

}  // namespace offsetstore
