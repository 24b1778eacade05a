// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hiredis/hiredis.h>

#include "offsetstore/backends/redis.h"
#include "offsetstore/result.h"

namespace offsetstore::redis {

/// Whether this build can speak TLS: hiredis 1.0 or newer with its TLS part was there.
[[nodiscard]] bool HasTls() noexcept;

/// `Unsupported` where `options.tls` asks for what this build has not.
[[nodiscard]] Status CheckTls(const RedisOptions& options);

/// Puts TLS on a fresh connection where `options.tls` asks for it. The server's certificate must be
/// valid for `options.host`.
[[nodiscard]] Status StartTls(redisContext& context, const RedisOptions& options);

}  // namespace offsetstore::redis
