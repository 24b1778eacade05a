// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "offsetstore/result.h"

namespace offsetstore::sql {

/// The format that this release writes; `offsetstore_meta` keeps it under the key `format`.
/// Opening never changes it: in a rolling deploy older releases still read the same database.
inline constexpr int kFormat = 1;

/// Checks the stored text of the format. `Unsupported` for a newer one, `Corrupt` for no number.
[[nodiscard]] Status CheckFormat(std::string_view stored);

/// A new store id: 32 hexadecimal digits.
[[nodiscard]] std::string NewStoreId();

}  // namespace offsetstore::sql
