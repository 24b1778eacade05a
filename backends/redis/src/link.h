// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "command.h"
#include "connection.h"
#include "offsetstore/backends/redis.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "reply.h"
#include "server_facts.h"

namespace offsetstore::redis {

/// A connection that is ready: authenticated, on its database, with our scripts, and with what the
/// server said of itself, which a restart may have changed since the last one.
struct Link {
  std::unique_ptr<Connection> connection;
  ServerFacts facts;
  DurabilityFacts durability;
};

/// Makes one in a single round trip after the connect. Errors as `OpenRedisStore`.
[[nodiscard]] Result<std::unique_ptr<Link>> MakeLink(const RedisOptions& options,
                                                     Deadline deadline);

/// Runs `command`, which is a read or may be repeated, and returns its reply; an error where the
/// reply is one.
[[nodiscard]] Result<Reply> Ask(Link& link, Command command, Deadline deadline);

}  // namespace offsetstore::redis
