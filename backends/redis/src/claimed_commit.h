// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "layout.h"
#include "link.h"
#include "offsetstore/deadline.h"
#include "offsetstore/store.h"
#include "script_batch.h"

namespace offsetstore::redis {

/// Moves positions under their claims, in one round trip: the server checks and writes. All of
/// `moves` name a claim. A refusal is explained from the very bytes that the server refused on.
[[nodiscard]] std::vector<Outcome> CommitClaimed(Link& link,
                                                 const Layout& layout,
                                                 const WritePromise& promise,
                                                 std::string_view group,
                                                 std::span<const Move> moves,
                                                 const Owner& by,
                                                 Atomicity atomicity,
                                                 Deadline deadline);

}  // namespace offsetstore::redis
