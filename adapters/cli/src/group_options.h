// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/migration/selection.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"

namespace CLI {
class App;
}

namespace offsetstore::cli {

/// Groups that are read at a time where a command does not let its user say.
inline constexpr std::size_t kGroupsAtATime = 8;

/// Several groups: by name, by regular expression, from a file.
struct GroupArguments {
  std::vector<std::string> names;
  std::vector<std::string> patterns;
  std::string file;
};
/// GROUP..., `--groups RE`, `--groups-from FILE`.
void AddGroupArguments(CLI::App& command, GroupArguments& arguments);
/// `--groups RE` alone.
void AddGroupPatterns(CLI::App& command, std::vector<std::string>& patterns);

/// What can be known before the store is opened. `InvalidArgument`: an expression that is wrong, a
/// file that cannot be read, nothing named at all.
struct GroupChoice {
  std::vector<std::string> names;  ///< In order, each once.
  bool by_pattern = false;
  migration::Filter filter;
};
[[nodiscard]] Result<GroupChoice> ReadGroups(const GroupArguments& arguments);

/// The names, and behind them the store's groups that the expressions mean. `InvalidArgument` where
/// these mean none.
[[nodiscard]] Result<std::vector<std::string>> FindGroups(OffsetStore& store,
                                                          const GroupChoice& choice,
                                                          Duration timeout);

}  // namespace offsetstore::cli
