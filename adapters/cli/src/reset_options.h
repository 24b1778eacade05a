// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "offsetstore/migration/load.h"
#include "offsetstore/migration/reset.h"
#include "offsetstore/result.h"

namespace CLI {
class App;
}

namespace offsetstore::cli {

/// `--to-earliest`, `--to-latest`, ...: exactly one of them.
struct ResetTargetOptions {
  bool earliest = false;
  bool latest = false;
  bool current = false;
  std::optional<std::string> offset;
  std::optional<std::string> shift;
  std::optional<std::string> datetime;
  std::optional<std::string> duration;
  std::optional<std::string> file;
};
void AddResetTarget(CLI::App& command, ResetTargetOptions& options);

/// A target, and the file that it may have been read from.
struct ReadTarget {
  migration::ResetTarget target;
  std::unique_ptr<OffsetStore> file;
  std::vector<std::string> notes;  ///< About the file; for people.
};
/// `InvalidArgument`: none or several are given; a value is wrong. `group`: whom a file is about
/// that names no group.
[[nodiscard]] Result<ReadTarget> ReadResetTarget(const ResetTargetOptions& options,
                                                 const std::optional<std::string>& group,
                                                 Time now);

/// `TOPIC[:P,P-P]` of each `--topic`.
[[nodiscard]] Result<std::vector<migration::TopicScope>> ReadScope(
    const std::vector<std::string>& topics);

}  // namespace offsetstore::cli
