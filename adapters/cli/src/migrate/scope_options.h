// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "offsetstore/migration/planner.h"
#include "offsetstore/result.h"
#include "selection_options.h"

namespace CLI {
class App;
}

namespace offsetstore::cli {

/// Which groups and topics are meant, what they become, and what is allowed.
struct ScopeOptions {
  SelectionOptions selection;
  std::vector<std::string> rename_groups;
  std::vector<std::string> rename_topics;
  std::string newer_than;
  std::string older_than;
  migration::Rules rules;
  Duration sample_interval = std::chrono::seconds(3);

  /// Errors name the option.
  [[nodiscard]] Result<migration::PlanOptions> ToPlan(const migration::Pace& pace) const;
};

void AddScopeOptions(CLI::App& command, ScopeOptions& options);

}  // namespace offsetstore::cli
