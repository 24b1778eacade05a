// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "offsetstore/uri.h"

namespace offsetstore::internal {

/// For a store that uses `Uri::password`: names the keys that `ParseUri` has taken among those that
/// `query` knows, so that a key with a slip of the pen is told of them.
inline void KnowPasswordKeys(QueryReader& query) {
  for (const std::string_view key : {"password-file", "password-env"}) {
    static_cast<void>(query.String(key, ""));
  }
}

}  // namespace offsetstore::internal
