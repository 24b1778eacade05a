// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "migrate/execution.h"
#include "migrate/run_report.h"

namespace offsetstore::cli {

/// Reads what a run has written once more, `--second-look` later: what is something else by then
/// has a writer at work.
class SecondLook {
 public:
  /// A group of the run. Left out later is one that is not as planned, which is told already, and
  /// one of which nothing was written: its consumers may be at work since.
  void Take(const migration::GroupRun& run);

  /// Looks at what those plans have written, and returns the exit code of the command: that of
  /// `report`, which `printed` says was printed, unless this look finds worse.
  [[nodiscard]] ExitCode End(const std::vector<std::string>& plans,
                             const migration::Sides& sides,
                             const RunArguments& arguments,
                             const RunReport& report,
                             ExitCode printed) const;

 private:
  [[nodiscard]] ExitCode Look(const std::string& path,
                              const migration::Sides& sides,
                              const RunArguments& arguments) const;

  std::unordered_set<std::string> left_out_;
};

}  // namespace offsetstore::cli
