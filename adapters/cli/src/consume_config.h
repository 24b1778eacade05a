// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "offsetstore/properties.h"

namespace offsetstore::cli {

/// The file's properties with `--set key=value` and `--topic` over them: what the command line says
/// replaces what the file says. `InvalidArgument` for a `--set` without `=`.
[[nodiscard]] Result<Properties> WithOverrides(Properties properties,
                                               const std::vector<std::string>& settings,
                                               const std::vector<std::string>& topics);

/// What is printed or appended to a file is delivered at least once: `ConfigInvalid` where the
/// properties ask for something else.
[[nodiscard]] Status CheckAtLeastOnce(const Properties& properties);

/// Replaces the value of `key`.
void Override(Properties& properties, std::string key, std::string value);

}  // namespace offsetstore::cli
