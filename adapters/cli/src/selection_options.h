// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "offsetstore/migration/selection.h"
#include "offsetstore/result.h"

namespace CLI {
class App;
}

namespace offsetstore::cli {

/// `--group RE`, `--exclude-group RE`, `--topic RE`, `--exclude-topic RE`, each as often as wanted.
struct SelectionOptions {
  std::vector<std::string> groups;
  std::vector<std::string> exclude_groups;
  std::vector<std::string> topics;
  std::vector<std::string> exclude_topics;

  [[nodiscard]] Result<migration::Filter> Groups() const;
  [[nodiscard]] Result<migration::Filter> Topics() const;
};
void AddSelectionOptions(CLI::App& command, SelectionOptions& options);

/// An option `NAME OLD=NEW`, as often as wanted.
void AddNewNames(CLI::App& command,
                 const std::string& name,
                 std::vector<std::string>& renames,
                 const std::string& help);
/// Old to new. `InvalidArgument` where one is not OLD=NEW, or an old name stands there twice.
[[nodiscard]] Result<std::map<std::string, std::string>> ParseRenames(
    const std::string& option, const std::vector<std::string>& renames);

}  // namespace offsetstore::cli
