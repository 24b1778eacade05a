// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exit_code.h"
#include "offsetstore/migration/reset.h"
#include "report.h"

namespace offsetstore::cli {

/// One group of a reset, and what became of it.
struct ResetGroup {
  migration::ResetPlan plan;
  /// One per step of the plan; none: nothing was to be written there, or nothing was tried yet.
  std::vector<std::optional<Outcome>> outcomes;
  std::optional<Error> error;  ///< Writing the group as a whole was refused.
};

/// Writes what `group` plans, on condition that it is as the plan saw it.
void Execute(OffsetStore& store, ResetGroup& group, Deadline deadline);

/// One row per partition; a group or a topic that cannot be done has one without a partition.
[[nodiscard]] Report ResetReport(std::span<const ResetGroup> groups, bool executed);

/// `kDone` where everything was done (or, not executed, can be), `kPartly`, or why nothing was.
[[nodiscard]] ExitCode ResetCode(std::span<const ResetGroup> groups);

/// One line for standard error about what was not done; empty where everything was.
[[nodiscard]] std::string ResetShortfall(std::span<const ResetGroup> groups);

}  // namespace offsetstore::cli
