// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "offsetstore/backends/redis.h"
#include "offsetstore/examine.h"

namespace offsetstore::redis {

/// Asks the server what the user may do and how it is set. Changes no key, whatever `create` says.
[[nodiscard]] Result<Examination> ExamineRedisStore(const RedisOptions& options, Deadline deadline);

}  // namespace offsetstore::redis
