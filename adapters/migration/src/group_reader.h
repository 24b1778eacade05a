// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "offsetstore/migration/decide.h"
#include "offsetstore/migration/plan.h"
#include "offsetstore/migration/planner.h"

namespace offsetstore::migration {

/// Reads one group on both sides: the steps of a plan, undecided. What went wrong for the group as
/// a whole is in `error`.
[[nodiscard]] GroupPlan ReadGroup(OffsetStore& source,
                                  OffsetStore& target,
                                  const Scope& scope,
                                  const std::string& group,
                                  Duration timeout);

/// Reads the named partitions, in that order. Where the store refuses one topic's name, the
/// others are read all the same.
[[nodiscard]] Answers<Read> ReadPartitions(OffsetStore& store,
                                           const std::string& group,
                                           std::vector<TopicPartition> partitions,
                                           Duration timeout);

/// `orders[0] is held by member ...`; empty where no consumer holds it.
[[nodiscard]] std::string HeldBy(const Read& read);

/// Who is at work in each group, on either side, by watches and claims.
[[nodiscard]] std::vector<Result<Evidence>> LookForLife(const Sides& sides,
                                                        std::span<const GroupPlan> groups,
                                                        Duration timeout);

}  // namespace offsetstore::migration
