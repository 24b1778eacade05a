// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "offsetstore/migration/decide.h"
#include "offsetstore/migration/run.h"

namespace offsetstore::migration {

/// The position that a step leaves in the target.
[[nodiscard]] From WantedBy(const Step& step);

/// Results of a group before anything is done: kept, refused by the plan, or (`kFailed`) still to
/// be done.
[[nodiscard]] GroupRun BeginRun(GroupPlan plan);

/// Reads both sides again and refuses what moved since the plan. Returns which steps are to be
/// written; where none is, nothing was found to do. `with_source`: the plan has a source.
[[nodiscard]] std::vector<bool> CheckUnmoved(
    GroupRun& run, OffsetStore& source, OffsetStore& target, bool with_source, Duration timeout);

/// Refuses what would be written while somebody is at work.
void RefuseLive(GroupRun& run, std::vector<bool>& write, const Result<Evidence>& evidence);

/// Writes those steps, each for itself, under the conditions that the plan saw.
void WriteSteps(GroupRun& run,
                const std::vector<bool>& write,
                OffsetStore& target,
                const PlanHeader& header,
                const std::string& name,
                Duration timeout);

/// Reads back what was written and compares.
void ReadBack(GroupRun& run, const std::vector<bool>& write, OffsetStore& target, Duration timeout);

}  // namespace offsetstore::migration
