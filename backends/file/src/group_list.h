// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "folder.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// Every group that has a file and whose name is not below `from`, sorted by bytes.
[[nodiscard]] Result<std::vector<std::string>> GroupsFrom(const Folder& folder,
                                                          const std::string& from);

/// Whether a list shows the group: it has a position, or it cannot be read. What cannot be read is
/// not absent, and asking for it says what is wrong.
[[nodiscard]] bool IsListed(const std::shared_ptr<Folder>& folder, const std::string& group);

}  // namespace internal
}  // namespace offsetstore
