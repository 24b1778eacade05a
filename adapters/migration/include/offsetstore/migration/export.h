// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

#include "offsetstore/deadline.h"
#include "offsetstore/migration/formats.h"
#include "offsetstore/migration/selection.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

struct ExportOptions {
  Filter groups;
  Filter topics;
  Duration timeout = std::chrono::seconds(10);  ///< Of each call.
  std::size_t parallel = 8;                     ///< Groups that are read at a time, at least 1.
};

/// Adds to `writer` what `store` holds, group by group in its order; finishing it is the caller's,
/// who may not want a file of nothing. A group that cannot be read is a row of its own and stops no
/// other. Memory: four groups for each of
/// `parallel`. Errors: the groups cannot be listed; what `writer` answers.
[[nodiscard]] Result<GroupCount> ExportStore(OffsetStore& store,
                                             const ExportOptions& options,
                                             RowWriter& writer);

}  // namespace offsetstore::migration
