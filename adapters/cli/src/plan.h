// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/store.h"
#include "report.h"
#include "targets.h"

namespace offsetstore::cli {

/// What a writing command would do, made from one read. Every write is conditional on it: where
/// position or claim has moved since, nothing is written.
struct Plan {
  std::string group;
  std::vector<Read> seen;
  std::vector<Position> to;  ///< One per element of `seen`; empty for a removal.

  [[nodiscard]] bool Removes() const noexcept { return to.empty(); }
};

/// Reads what is stored for `settings`. Fails with that error where one cannot be read: a `set`
/// over something unreadable cannot be conditional.
[[nodiscard]] Result<Plan> PlanSet(OffsetStore& store,
                                   std::string group,
                                   const std::vector<Setting>& settings,
                                   Deadline deadline);

/// Reads what `selection` holds. Partitions without a position need no removal and are left out,
/// but for the ones that the selection names.
[[nodiscard]] Result<Plan> PlanRemoval(OffsetStore& store,
                                       std::string group,
                                       const Selection& selection,
                                       Deadline deadline);

/// Performs exactly the plan; one outcome per element of `seen`. Together where the store can
/// write so many at once, else each for itself. A store that cannot check what the plan saw in the
/// same step is read again just before, which leaves a moment for others.
[[nodiscard]] Answers<Outcome> Apply(OffsetStore& store, const Plan& plan, Deadline deadline);

/// The plan, with what became of it (`outcomes` empty: nothing was done, this is a preview).
[[nodiscard]] Report PlanReport(const Plan& plan, const std::vector<Outcome>& outcomes);

/// One line for standard error about what was not done; empty where everything was.
[[nodiscard]] std::string Shortfall(const std::vector<Outcome>& outcomes);

/// One line about what was done and is less safe than the store declares; empty where nothing is.
[[nodiscard]] std::string BelowDurability(const std::vector<Outcome>& outcomes);

}  // namespace offsetstore::cli
