// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offsetstore/backends/redis.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"

namespace offsetstore::redis {

/// What the server says of itself; empty or none: it does not tell this user.
struct ServerFacts {
  std::string version;              ///< `7.0.15`
  std::string mode;                 ///< `standalone`, `cluster`, `sentinel`
  std::string role;                 ///< `master`, `slave`
  std::string primary;              ///< Of a replica: `host:port`.
  std::string policy;               ///< `noeviction`, `allkeys-lru`, ...
  std::string appendfsync;          ///< `always`, `everysec`, `no`
  std::string no_fsync_on_rewrite;  ///< `yes`: `always` is not kept while the log is rewritten.
  std::optional<bool> append_only;
  std::optional<std::uint64_t> most_memory;  ///< 0: no limit.
};

/// The value of one line of what `INFO` answered; empty: there is none.
[[nodiscard]] std::string_view ValueIn(std::string_view info, std::string_view name);

/// Adds what `INFO` answered.
void TakeInfo(std::string_view info, ServerFacts& facts);

/// Whether a server whose memory is full drops our keys.
[[nodiscard]] bool MayEvict(const ServerFacts& facts);
/// Whether it would, were its memory limited.
[[nodiscard]] bool WouldEvict(const ServerFacts& facts);

/// Whether the server is what `require=` asks for.
[[nodiscard]] bool IsAsRequired(const ServerFacts& facts, const RedisOptions& options);
/// What it is, in words, and what to do where that is not enough.
[[nodiscard]] std::string SettingsOf(const ServerFacts& facts);
[[nodiscard]] std::string ToSyncAlways(const ServerFacts& facts);

[[nodiscard]] inline bool IsReplica(const ServerFacts& facts) noexcept {
  return facts.role == "slave" || facts.role == "replica";
}

/// Refuses a server that cannot or must not keep positions. `endpoint` is for the message.
[[nodiscard]] Status CheckServer(const ServerFacts& facts,
                                 const RedisOptions& options,
                                 std::string_view endpoint);

struct DurabilityFacts {
  Durability level = Durability::kProcess;
  std::string note;
};

/// What an acknowledged commit survives.
[[nodiscard]] DurabilityFacts DurabilityOf(const ServerFacts& facts, const RedisOptions& options);

}  // namespace offsetstore::redis
