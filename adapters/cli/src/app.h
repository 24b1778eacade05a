// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "command.h"

namespace CLI {
class App;
}

namespace offsetstore::cli {

/// offsetctl with all of its commands. What a parsed command line asks for is left in `job`.
/// `registry` and `job` outlive it.
[[nodiscard]] std::unique_ptr<CLI::App> MakeApp(const BackendRegistry& registry, Job& job);

}  // namespace offsetstore::cli
