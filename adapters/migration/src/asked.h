// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "offsetstore/migration/planner.h"
#include "offsetstore/migration/selection.h"

namespace offsetstore::migration {

/// Whether what a scope asks for by name is there. A name that is mistyped would else pass for a
/// plan with nothing in it, or for one that moves everything under its old name.
class Asked {
 public:
  explicit Asked(const Scope& scope) : scope_(scope) {}

  /// A group of the plan, as it was read.
  void Meet(const GroupPlan& group);
  /// `InvalidArgument` names what was asked for in vain.
  [[nodiscard]] Status Check(const GroupCount& groups) const;

 private:
  const Scope& scope_;
  bool all_read_ = true;
  bool any_partition_ = false;
  std::set<std::string> groups_;  ///< Of those with a new name.
  std::set<std::string> topics_;
};

}  // namespace offsetstore::migration
