// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

/// What the store answers to a `Fetch` of each group, in the order of `groups`; `parallel` of them
/// (at least 1) are asked for at a time, `timeout` is of each.
[[nodiscard]] std::vector<Answers<Read>> FetchGroups(OffsetStore& store,
                                                     std::span<const std::string> groups,
                                                     const Selection& selection,
                                                     std::size_t parallel,
                                                     Duration timeout);

}  // namespace offsetstore::migration
