// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/store.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace testing {

/// Topics that a store of that domain must keep apart: they differ by case, by encoding, by blanks,
/// by what a path, a key, a line or a statement would take them for.
[[nodiscard]] std::vector<std::string> AwkwardTopics(NameDomain domain, std::size_t longest);

/// The same for groups; `tag` makes those that can carry it unique to the caller.
[[nodiscard]] std::vector<std::string> AwkwardGroups(NameDomain domain,
                                                     std::string_view tag,
                                                     std::size_t longest);

/// Names that a store of that domain must refuse. Empty for `kAny`.
[[nodiscard]] std::vector<std::string> TopicsOutside(NameDomain domain);
[[nodiscard]] std::vector<std::string> GroupsOutside(NameDomain domain);

}  // namespace testing
}  // namespace offsetstore
