// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "offsetstore/examine.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// Whether this process may read and write there, by its effective user. A folder must also be
/// searchable. Asks only; opens nothing.
[[nodiscard]] bool MayWrite(const std::string& path) noexcept;

/// The finding `disk`: how much room is left where `path` lies.
[[nodiscard]] Finding DiskFinding(const std::string& path);

}  // namespace internal
}  // namespace offsetstore
