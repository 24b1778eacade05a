// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hiredis/hiredis.h>

#include "offsetstore/backends/redis.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::redis {

/// `Unsupported` where `options.tls` asks for what this build has not: TLS is there where hiredis
/// 1.0 or newer and its TLS part were.
[[nodiscard]] Status CheckTls(const RedisOptions& options);

/// Puts TLS on a fresh connection where `options.tls` asks for it. The server's certificate must be
/// trusted and be that of `options.host`, else `PermissionDenied`.
[[nodiscard]] Status StartTls(redisContext& context,
                              const RedisOptions& options,
                              Deadline deadline);

}  // namespace offsetstore::redis
