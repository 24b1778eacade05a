// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offsetstore/result.h"
#include "offsetstore/store.h"

namespace CLI {
class App;
}

namespace offsetstore::cli {

/// `[TOPIC[:P,P-P]]`, or `--topic TOPIC [--partitions P,P-P]` for names that end like a list.
struct TargetOptions {
  std::optional<std::string> text;
  std::optional<std::string> topic;
  std::optional<std::string> partitions;

  /// What a fetch of it asks for; nothing given = all of the group.
  [[nodiscard]] Result<Selection> ToSelection() const;
  /// What the user looks for, in words: `group 'g'`, `'orders:3' of group 'g'`.
  [[nodiscard]] std::string Of(std::string_view group) const;
};

void AddTargetOptions(CLI::App& command, TargetOptions& options);

}  // namespace offsetstore::cli
