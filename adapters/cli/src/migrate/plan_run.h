// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "exit_code.h"
#include "migrate/execution.h"
#include "offsetstore/migration/plan_file.h"
#include "offsetstore/migration/planner.h"

namespace offsetstore::cli {

/// A plan that is still to be made, and where it is kept.
struct Planning {
  migration::PlanHeader header;
  std::function<Status(const migration::EmitGroup&)> make;
  std::string plan_out;  ///< Empty: in the state folder while it is executed, else nowhere.
};

/// Writes the plan to its place. Nothing is left where it fails.
[[nodiscard]] Status Keep(const Planning& planning, const RunArguments& arguments);

/// Without `--execute` shows what is planned; with it does it, and `next` after it (`ExecutePlan`).
[[nodiscard]] ExitCode PlanAndRun(const Planning& planning,
                                  const migration::Sides& sides,
                                  const RunArguments& arguments,
                                  const NextPlan& next = {});

}  // namespace offsetstore::cli
