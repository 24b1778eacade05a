// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace offsetstore::testing {

/// What --help says of a command, read off its lines.
struct Help {
  std::vector<std::string> arguments;  ///< `STORE-URI`, `GROUP`.
  std::vector<std::string> options;    ///< `-h`, `--help`, `--to`.
  std::vector<std::string> stores;     ///< Of both, those that are the URI of a store.
};

/// The commands that --help lists. Throws where there are none.
[[nodiscard]] std::vector<std::string> HelpCommands();
/// Throws where --help fails.
[[nodiscard]] Help HelpOf(const std::string& command);

}  // namespace offsetstore::testing
