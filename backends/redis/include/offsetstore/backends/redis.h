// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "offsetstore/deadline.h"
#include "offsetstore/registry.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "offsetstore/uri.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// Positions in one Redis primary: one hash per group, changed by server-side scripts. See
/// docs/backends/redis.md for the keys, the rights, the durability and what can go wrong.
struct RedisOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::filesystem::path socket;  ///< A Unix socket; not empty: `host` and `port` mean nothing.
  bool tls = false;              ///< `rediss://`. Needs hiredis 1.0 or newer with its TLS part.
  std::filesystem::path tls_ca;  ///< Certificates to trust; empty: the system's.
  std::string user;              ///< An ACL user; empty: the server's default user.
  std::string password;          ///< Empty: none is sent, unless there is a user.
  std::int32_t database = 0;
  std::string prefix = "offsetstore:";  ///< Of all keys; `[A-Za-z0-9._:-]`.
  std::string space;                    ///< Any bytes.
  bool create = true;                   ///< False: a database without our store is an error.
  std::size_t connections = 4;          ///< Most connections at one time.
  bool require_aof_always = false;      ///< Refuse a server that does not sync each commit.
  bool assume_aof_always = false;       ///< Believe that it does where its settings cannot be read.
  std::int32_t replicas = 0;  ///< Replicas that must have each write; fewer: below durability.
  Duration replicas_timeout{1000};  ///< How long a write waits for them.
  bool allow_eviction = false;      ///< Accept a server that may drop our keys when it is full.

  /// Reads `redis://[USER@]HOST[:PORT][/DB]?...`, `rediss://...` and
  /// `redis+unix:///PATH?db=&user=&...`. `ConfigInvalid` names what is wrong.
  [[nodiscard]] static Result<RedisOptions> FromUri(const Uri& uri);
};

/// Opens the bare store (without layers); makes its key where the database holds none. Waits, up
/// to the deadline, for a server that is loading its data.
/// Errors: `ConfigInvalid` (options, a database number that does not exist, a server that misses
/// what `require` asks for, or that may evict our keys), `PermissionDenied` (password, rights),
/// `Unsupported` (Cluster, Sentinel, a server or a stored format of another age, TLS that was not
/// built), `Corrupt`, `Unavailable`, `DeadlineExceeded`.
[[nodiscard]] Result<std::unique_ptr<OffsetStore>> OpenRedisStore(const RedisOptions& options,
                                                                  Deadline deadline);

/// Adds the schemes `redis`, `redis+unix` and `rediss`.
[[nodiscard]] Status RegisterRedisBackend(BackendRegistry& registry);

}  // namespace offsetstore
