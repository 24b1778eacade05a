// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "offsetstore/backends/postgres.h"
#include "offsetstore/result.h"

namespace offsetstore::postgres {

// An index entry holds space, group and topic together and must fit a third of a page, less its
// head: 2704 bytes.
inline constexpr std::size_t kLongestSpace = 512;
inline constexpr std::size_t kLongestName = 1024;

/// What `PostgresOptions` says of its members. `ConfigInvalid` names the first that is wrong.
[[nodiscard]] Status CheckOptions(const PostgresOptions& options);

}  // namespace offsetstore::postgres
