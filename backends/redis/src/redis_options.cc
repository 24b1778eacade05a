// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "examine.h"
#include "internal/macros.h"
#include "internal/password_keys.h"
#include "offsetstore/backends/redis.h"
#include "offsetstore/units.h"

namespace offsetstore {
namespace {

constexpr std::string_view kExample = "redis://db.example:6379/0";
constexpr std::int64_t kLargestDatabase = std::numeric_limits<std::int32_t>::max();

Error Invalid(const Uri& uri, std::string_view what) {
  return MakeError(ErrorCode::kConfigInvalid, uri.text + ": " + std::string(what));
}

/// Host, port and database of `redis://` and `rediss://`.
Status TakeServer(const Uri& uri, RedisOptions& options) {
  if (uri.hosts.size() > 1) {
    return Invalid(uri,
                   "name one server, the primary; Redis Cluster and Sentinel are not supported");
  }
  if (uri.hosts.empty() && !uri.path.empty() && uri.path != "/") {
    return Invalid(uri,
                   "a host is missing; write " + std::string(kExample) +
                       ", or redis+unix:///run/redis.sock for a Unix socket");
  }
  if (!uri.hosts.empty()) {
    options.host = uri.hosts.front().name;
    options.port = uri.hosts.front().port.value_or(options.port);
  }
  options.user = uri.user;
  const std::string_view path = uri.path;
  if (path.empty() || path == "/") return {};
  const Result<std::int64_t> number = ParseInteger(path.substr(1));
  if (!number || *number < 0 || *number > kLargestDatabase) {
    return Invalid(uri, "behind the host stands the number of a database, such as /0");
  }
  options.database = static_cast<std::int32_t>(*number);
  return {};
}

/// Path, database and user of `redis+unix://`.
Status TakeSocket(const Uri& uri, QueryReader& query, RedisOptions& options) {
  if (!uri.hosts.empty() || !uri.path.starts_with('/') || uri.path.size() < 2) {
    return Invalid(uri,
                   "redis+unix takes the whole path of a socket and no host; write three slashes, "
                   "as in redis+unix:///run/redis.sock");
  }
  options.socket = uri.path;
  options.user = query.String("user", "");
  options.database = static_cast<std::int32_t>(query.Integer("db", 0, 0, kLargestDatabase));
  return {};
}

bool IsPrefix(std::string_view prefix) {
  return std::all_of(prefix.begin(), prefix.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == ':' || c == '-';
  });
}

void TakeDurability(QueryReader& query, RedisOptions& options) {
  options.require_aof_always = query.Choice("require", {"none", "aof-always"}, "none") != "none";
  options.assume_aof_always = query.Choice("assume", {"none", "aof-always"}, "none") != "none";
  options.replicas = static_cast<std::int32_t>(query.Integer("replicas", 0, 0, 100));
  options.replicas_timeout = query.Duration("replicas-timeout", options.replicas_timeout);
  options.allow_eviction = query.Bool("allow-eviction", false);
}

}  // namespace

Result<RedisOptions> RedisOptions::FromUri(const Uri& uri) {
  RedisOptions options;
  QueryReader query(uri);
  internal::KnowPasswordKeys(query);
  if (uri.scheme == "redis+unix") {
    OS_RETURN_IF_ERROR(TakeSocket(uri, query, options));
  } else {
    OS_RETURN_IF_ERROR(TakeServer(uri, options));
  }
  if (uri.scheme == "rediss") {
    options.tls = true;
    options.tls_ca = query.String("tls-ca", "");
  }
  options.password = uri.password;
  options.prefix = query.String("prefix", options.prefix);
  options.space = query.String("space", "");
  options.create = query.Bool("create", true);
  options.connections = static_cast<std::size_t>(query.Integer("connections", 4, 1, 1000));
  TakeDurability(query, options);
  OS_RETURN_IF_ERROR(query.Finish());
  if (!IsPrefix(options.prefix)) {
    return Invalid(uri, "a prefix is made of letters, digits and '.', '_', ':', '-' only");
  }
  return options;
}

Status RegisterRedisBackend(BackendRegistry& registry) {
  BackendInfo backend;
  backend.name = "redis";
  backend.schemes = {"redis", "redis+unix", "rediss"};
  backend.summary = "one hash per group on a Redis primary, changed by server-side scripts";
  backend.example = kExample;
  backend.made_by_opening = true;
  backend.open = [](const Uri& uri, Deadline deadline) -> Result<std::unique_ptr<OffsetStore>> {
    OS_ASSIGN_OR_RETURN(const RedisOptions options, RedisOptions::FromUri(uri));
    return OpenRedisStore(options, deadline);
  };
  backend.examine = [](const Uri& uri, Deadline deadline) -> Result<Examination> {
    OS_ASSIGN_OR_RETURN(const RedisOptions options, RedisOptions::FromUri(uri));
    return redis::ExamineRedisStore(options, deadline);
  };
  return registry.Add(std::move(backend));
}

}  // namespace offsetstore
