// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What a store's `Info()` says about a request, as pure functions for whoever stands before a
// backend. Each returns the first thing that is wrong; the messages name the value (escaped), the
// limit and the store.
#pragma once

#include <span>
#include <string_view>

#include "offsetstore/store.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

[[nodiscard]] Status CheckGroup(const StoreInfo& info, std::string_view group);
[[nodiscard]] Status CheckPage(const StoreInfo& info, const PageRequest& page);
[[nodiscard]] Status CheckSelection(const StoreInfo& info, const Selection& selection);
[[nodiscard]] Status CheckClaims(const StoreInfo& info, std::span<const ClaimRequest> requests);
[[nodiscard]] Status CheckMoves(const StoreInfo& info,
                                std::span<const Move> moves,
                                Atomicity atomicity);
[[nodiscard]] Status CheckReleases(const StoreInfo& info, std::span<const Claimed> claims);
[[nodiscard]] Status CheckRemovals(const StoreInfo& info, std::span<const Removal> removals);

}  // namespace internal
}  // namespace offsetstore
