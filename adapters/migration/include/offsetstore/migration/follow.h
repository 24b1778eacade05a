// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "offsetstore/migration/planner.h"
#include "offsetstore/migration/run.h"
#include "offsetstore/migration/sides.h"

namespace offsetstore::migration {

struct FollowOptions {
  PlanOptions plan;
  RunOptions run;         ///< `journal_path`: the snapshot of what stood in the target at first.
  std::string plan_path;  ///< Where the plan of the pass in hand is kept.
  Duration interval{0};   ///< Between the end of a pass and the next.
  std::stop_token until;  ///< Asks for the last pass; the pass in hand is finished first.
  /// How long the target keeps a position that nobody writes again; none: forever. What does not
  /// move is written again when a third of it is over.
  std::optional<Duration> retention;
  /// Takes the partitions of a group that a pass before the last wrote for the first time, or may
  /// have; what is written again is not told: it would be told for days. What could not be told is
  /// told again before anything else is written. Empty: not told.
  EmitRun first;
};

/// Takes how a pass ended that is not the last one; an error of it ended that pass alone.
using TellPass = std::function<void(const Result<Totals>&)>;

/// Keeps the target up to date while the consumers of the source are at work, pass after pass,
/// until it is asked to stop; then the last pass, which does what `MakePlan` and `Apply` do and
/// refuses groups whose consumers are still at work, also where nothing is left to write.
///
/// A pass writes where the source moved, in either direction. What the target holds for the first
/// time is `plan.rules`' matter; after that only what this follower wrote, or may have written, or
/// found equal, is overwritten. The journal keeps what stood there before the first write of each
/// partition, on the disk before that write; `Rules::allow_moved` rolls back to it. A group of the
/// target with consumers at work is refused in every pass. Memory: some 200 bytes per position.
///
/// Errors: of the last pass, and as `Apply` where the journal cannot be opened.
[[nodiscard]] Result<Totals> Follow(const Sides& sides,
                                    const PlanHeader& header,
                                    const FollowOptions& options,
                                    const EmitRun& emit_last,
                                    const TellPass& tell);

}  // namespace offsetstore::migration
