// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace offsetstore::internal {

/// The calls of a store, as errors and metrics name them.
inline constexpr std::string_view kListGroups = "list_groups";
inline constexpr std::string_view kFetch = "fetch";
inline constexpr std::string_view kClaim = "claim";
inline constexpr std::string_view kCommit = "commit";
inline constexpr std::string_view kRelease = "release";
inline constexpr std::string_view kRemove = "remove";

}  // namespace offsetstore::internal
