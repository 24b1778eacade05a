// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace offsetstore::cli {

/// After a parse that failed: what word nobody takes, and the nearest that somebody does. Empty
/// where every word was taken.
[[nodiscard]] std::string ExplainStray(const CLI::App& app);

/// What is wrong with a name that no command of `app` has: the nearest, and all there are.
[[nodiscard]] std::string UnknownCommand(const CLI::App& app, const std::string& word);

}  // namespace offsetstore::cli
