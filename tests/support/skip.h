// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace offsetstore::testing {

/// The whole program says why on standard error and exits 77, which ctest shows as skipped and CI
/// forbids. So cases that may need this have an executable of their own.
[[noreturn]] void Skip(const std::string& why);

/// Skips where the program does not run as root.
void NeedsRoot();

/// Skips where no file system may be mounted. What is mounted from now on only this program sees.
void NeedsMounts();

}  // namespace offsetstore::testing
