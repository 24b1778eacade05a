// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace offsetstore::bench {

/// What a program took.
struct Took {
  double seconds = 0;
  double megabytes = 0;  ///< Its most memory at a time.
};

/// Runs a program, whose output goes into `log`; ends this one where that one fails.
Took RunProgram(const std::vector<std::string>& words, const std::string& log);

}  // namespace offsetstore::bench
