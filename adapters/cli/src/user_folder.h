// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace offsetstore::cli {

/// The folder of offsetctl among the user's files of one kind: in what the environment variable
/// `variable` names, else in `below_home` of HOME. Empty where neither is an absolute path.
[[nodiscard]] std::string UserFolder(const char* variable, const char* below_home);

}  // namespace offsetstore::cli
