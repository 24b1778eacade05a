// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "migrate/execution.h"
#include "offsetstore/migration/plan_file.h"
#include "offsetstore/migration/planner.h"

namespace CLI {
class App;
}

namespace offsetstore::cli {

/// `--follow` and `--interval`.
struct FollowArguments {
  bool follow = false;
  Duration interval = std::chrono::seconds(10);
};
void AddFollowArguments(CLI::App& command, FollowArguments& arguments);

/// Keeps the target up to date until the first signal, then makes the last pass and prints it.
/// `retention`: how long the target keeps what nobody writes again.
[[nodiscard]] ExitCode FollowUntilStopped(const migration::Sides& sides,
                                          const migration::PlanHeader& header,
                                          const migration::PlanOptions& plan,
                                          const RunArguments& run,
                                          Duration interval,
                                          std::optional<Duration> retention);

}  // namespace offsetstore::cli
