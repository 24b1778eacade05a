// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "link.h"
#include "names.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::redis {

/// A store in its database: its keys, and what the key of the store holds. Every call checks that
/// again, so that a database that was flushed, swapped or filled with something else is never taken
/// for one without positions.
struct Layout {
  KeyNames names;
  std::string mark;  ///< `<format> <store id>`
  std::string store_id;
};

/// Finds the store; makes it where the database has none and `create` says so. `ConfigInvalid`
/// where it has none and must not be made, `Unsupported` for a newer format, `Corrupt` for a key
/// that is no store's.
[[nodiscard]] Result<Layout> FindStore(Link& link, const RedisOptions& options, Deadline deadline);

/// `Unavailable`: the key of the store is gone or another one.
[[nodiscard]] Error StoreIsGone(const Layout& layout, std::string_view endpoint);

}  // namespace offsetstore::redis
