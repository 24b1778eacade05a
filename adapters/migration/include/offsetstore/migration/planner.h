// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "offsetstore/migration/decide.h"
#include "offsetstore/migration/plan.h"
#include "offsetstore/migration/sides.h"
#include "offsetstore/result.h"

namespace offsetstore::migration {

/// Which groups and topics are moved, and what they are called in the target.
struct Scope {
  using Wanted = std::function<bool(std::string_view)>;
  Wanted group;                                    ///< Empty: every one.
  Wanted topic;                                    ///< Empty: every one.
  std::map<std::string, std::string> group_names;  ///< Old to new; others keep theirs.
  std::map<std::string, std::string> topic_names;
};

struct PlanOptions {
  Scope scope;
  Rules rules;
  /// Rules for one step of one group in the place of `rules`; empty: none has its own.
  std::function<const Rules&(const GroupPlan&, const Step&)> rules_of = {};
  Pace pace;
  /// Reads everything twice, so far apart; what moved between has a writer at work that registers
  /// nowhere. 0: not done.
  Duration sample_interval = Duration::zero();
  /// Whether it is a mistake that the source has nothing of what `scope` asks for: no group at all,
  /// none or no topic that is wanted, none that has a new name. Not where it may come later.
  bool must_match = true;
};

/// Takes one group of the plan; an error ends the planning.
using EmitGroup = std::function<Status(GroupPlan)>;

/// Reads both sides and decides, group by group in the source's order. Writes nothing. A group that
/// cannot be read is emitted with its error and stops no other. Memory: `Pace::batch` groups.
/// Errors: the source cannot be listed; two groups or topics would get one name, or the name of one
/// that is renamed within the same store, what is asked for by name is not there, times are asked
/// for that the source does not keep (`InvalidArgument`); what `emit` answers; `Unavailable` when
/// stopped.
[[nodiscard]] Status MakePlan(const Sides& sides,
                              const PlanOptions& options,
                              const EmitGroup& emit);

}  // namespace offsetstore::migration
