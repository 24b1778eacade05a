// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "tls.h"

namespace offsetstore::redis {

Status StartTls(redisContext& /*context*/, const RedisOptions& /*options*/, Deadline /*deadline*/) {
  return {};
}

Status CheckTls(const RedisOptions& options) {
  if (!options.tls) return {};
  return MakeError(ErrorCode::kUnsupported,
                   "rediss:// needs hiredis 1.0 or newer with hiredis_ssl when offsetstore is "
                   "built, and this build has hiredis " +
                       std::to_string(HIREDIS_MAJOR) + '.' + std::to_string(HIREDIS_MINOR) + '.' +
                       std::to_string(HIREDIS_PATCH) +
                       " without it; build it so, or go through a tunnel such as stunnel with "
                       "redis://");
}

}  // namespace offsetstore::redis
