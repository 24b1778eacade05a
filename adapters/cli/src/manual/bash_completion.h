// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "manual/command_shape.h"

namespace offsetstore::cli {

/// The completion of offsetctl for bash: a script to be sourced. It runs no program, and reads only
/// the names of the profiles.
[[nodiscard]] std::string BashCompletion(const CommandShape& program,
                                         const std::vector<CommandShape>& commands);

}  // namespace offsetstore::cli
