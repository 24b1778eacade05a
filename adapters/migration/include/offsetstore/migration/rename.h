// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "offsetstore/migration/planner.h"
#include "offsetstore/migration/sides.h"
#include "offsetstore/result.h"

namespace offsetstore::migration {

/// The second half of a rename within one store, after the positions were copied: a plan that
/// removes from `old_name` each position that `new_name` holds too. What differs is refused, and so
/// is everything while either group has consumers at work, unless `rules.allow_live`. `Apply`
/// removes a position only while both are still as planned, so that one of the two groups has it
/// at any time.
[[nodiscard]] Status PlanRemovalOfCopied(const Sides& sides,
                                         const std::string& old_name,
                                         const std::string& new_name,
                                         const Rules& rules,
                                         const Pace& pace,
                                         const EmitGroup& emit);

}  // namespace offsetstore::migration
