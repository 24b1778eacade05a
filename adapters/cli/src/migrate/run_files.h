// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "offsetstore/result.h"

namespace CLI {
class App;
}

namespace offsetstore::cli {

/// Where runs leave their files: plans, journals and the audit file.
struct RunFiles {
  std::string folder;  ///< As given; empty: the default.

  /// Settles which folder it is and makes nothing. The default is `offsetctl` in
  /// `$XDG_STATE_HOME`, else in `~/.local/state`. `ConfigInvalid`: neither is known, or the folder
  /// that was named is not there.
  [[nodiscard]] Status Find();
  /// The same, and makes it where it is missing. `ConfigInvalid`: it cannot be made.
  [[nodiscard]] Status Prepare();

  [[nodiscard]] std::string Plan(const std::string& id) const {
    return folder + "/" + id + ".plan";
  }
  [[nodiscard]] std::string Journal(const std::string& id) const {
    return folder + "/" + id + ".journal";
  }
  [[nodiscard]] std::string Audit() const { return folder + "/history"; }

 private:
  [[nodiscard]] Status Settle();
};

/// `--state-dir`.
void AddRunFiles(CLI::App& command, RunFiles& files);

}  // namespace offsetstore::cli
