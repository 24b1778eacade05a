// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "offsetstore/migration/journal.h"
#include "offsetstore/migration/planner.h"
#include "offsetstore/migration/sides.h"
#include "offsetstore/result.h"

namespace offsetstore::migration {

/// A plan that takes back what a run wrote: each partition that still holds what was written gets
/// what stood there before, or nothing where nothing stood there. Refused is what moved since, a
/// group with consumers at work (unless `rules.allow_live`), the removal of a copy within one store
/// whose original is gone by now, and any removal of what another rollback brought back: nothing
/// tells whether it is the last copy. `Apply` then does it, with a journal of its own, so that a
/// rollback can be gone on with and taken back like any other run. Of `sides` only the target is
/// used. Errors as `MakePlan`, and as the snapshot's reader.
[[nodiscard]] Status PlanRollback(SnapshotReader& snapshot,
                                  const Sides& sides,
                                  const Rules& rules,
                                  const Pace& pace,
                                  const EmitGroup& emit);

/// The header of such a plan.
[[nodiscard]] PlanHeader NewRollback(const SnapshotReader& snapshot);

}  // namespace offsetstore::migration
