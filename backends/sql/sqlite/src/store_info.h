// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "offsetstore/backends/sqlite.h"
#include "schema.h"

namespace offsetstore::sql {

/// What is known of a store in the database at `path`, which turned out to be `schema`.
[[nodiscard]] StoreInfo MakeInfo(const SqliteOptions& options,
                                 const std::filesystem::path& path,
                                 const Schema& schema);

}  // namespace offsetstore::sql
