// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exit_code.h"
#include "offsetstore/migration/plan_file.h"
#include "offsetstore/migration/run.h"
#include "report.h"

namespace offsetstore::cli {

/// Prints plans and runs, a row per partition, as they come; groups that could not be read, a row
/// for the group. What is kept is left out of a table unless `details`.
class RunReport {
 public:
  RunReport(const migration::PlanHeader& header, OutputForm form, bool details, bool executed);

  /// A group of a plan that is only shown.
  [[nodiscard]] Status Show(const migration::GroupPlan& group);
  /// A group and what became of it.
  [[nodiscard]] Status Show(const migration::GroupRun& run);
  /// The totals; prints what is left.
  [[nodiscard]] ExitCode End();

  [[nodiscard]] const migration::Totals& totals() const noexcept { return totals_; }
  /// Whether something is another one in the target than before, or may be.
  [[nodiscard]] bool MayHaveWritten() const noexcept {
    return totals_.written + totals_.in_doubt + totals_.mismatched != 0;
  }
  /// The exit code that the totals ask for.
  [[nodiscard]] ExitCode Code() const;
  /// One line for people: what was done, and what was not.
  [[nodiscard]] std::string Summary() const;

 private:
  [[nodiscard]] Status Add(Json row);
  [[nodiscard]] Status AddRow(const migration::GroupPlan& group,
                              const migration::Step& step,
                              const migration::StepResult* result);
  void Note(ErrorCode code);

  RowStream rows_;
  bool as_table_;
  bool details_;
  bool executed_;
  migration::Totals totals_;
  std::uint64_t changes_ = 0;
  std::uint64_t denied_ = 0;       ///< Failures by missing rights.
  std::uint64_t unreachable_ = 0;  ///< Failures because nobody answered.
};

}  // namespace offsetstore::cli
