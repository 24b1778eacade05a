// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "manual/command_shape.h"

namespace offsetstore::cli {

/// The page of a command: `offsetctl-get`.
[[nodiscard]] std::string PageName(const CommandShape& command);

/// The manual page of `command`, as man(7) has it.
[[nodiscard]] std::string CommandPage(const CommandShape& command);

/// The manual page of the program, which names all its commands.
[[nodiscard]] std::string ProgramPage(const CommandShape& program,
                                      const std::vector<CommandShape>& commands);

}  // namespace offsetstore::cli
