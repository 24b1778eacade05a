// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "offsetstore/backends/postgres.h"
#include "offsetstore/examine.h"

namespace offsetstore::postgres {

/// Asks the server what the role may do and how it is set. Makes nothing, whatever `create` says.
[[nodiscard]] Result<Examination> ExaminePostgresStore(const PostgresOptions& options,
                                                       Deadline deadline);

}  // namespace offsetstore::postgres
