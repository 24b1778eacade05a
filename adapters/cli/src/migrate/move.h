// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "migrate/execution.h"
#include "migrate/follow_run.h"
#include "migrate/open_sides.h"
#include "migrate/scope_options.h"

namespace offsetstore::cli {

/// What `migrate`, `copy` and `import` take beside their two sides.
struct MoveArguments {
  std::string plan_out;
  FollowArguments following;  ///< `migrate` alone.
  ScopeOptions scope;
  RunArguments run;
};
void AddMoveArguments(CLI::App& command, MoveArguments& arguments);

/// What can be said before anything is opened: selection and times are well formed, and with
/// `--execute` the state folder is there. Returns how to plan.
[[nodiscard]] Result<migration::PlanOptions> PrepareMove(MoveArguments& arguments);

/// Opens the store that is to have the positions.
[[nodiscard]] Result<OpenedSide> OpenTarget(const BackendRegistry& registry,
                                            const std::string& uri,
                                            const RunArguments& arguments);

/// Plans the move of what `source` has to `target`; shows it, or does it. Closes both.
[[nodiscard]] ExitCode MovePositions(OpenedSide& source,
                                     OpenedSide& target,
                                     const migration::PlanOptions& options,
                                     const MoveArguments& arguments);

}  // namespace offsetstore::cli
