// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "redis_error.h"

#include <array>

namespace offsetstore::redis {
namespace {

struct Known {
  std::string_view start;  // of what the server says
  ErrorCode code;
  std::string_view advice;
};

constexpr std::string_view kNoCluster =
    "this is a node of a Redis Cluster, which is not supported; use a single primary";
constexpr std::string_view kNoRight =
    "the user lacks a right; docs/backends/redis.md lists those that are needed";
constexpr std::string_view kBadPassword =
    "user or password are wrong; give them as redis://USER@HOST?password-file=PATH";

// The first that fits is taken. The server says all of these before it writes anything.
constexpr std::array kKnown = {
    Known{"NOAUTH",
          ErrorCode::kPermissionDenied,
          "the server asks for a password: password-file= or password-env="},
    Known{"WRONGPASS", ErrorCode::kPermissionDenied, kBadPassword},
    Known{"ERR invalid password", ErrorCode::kPermissionDenied, kBadPassword},
    Known{"ERR Client sent AUTH",
          ErrorCode::kPermissionDenied,
          "the server has no password set; give none"},
    Known{"ERR AUTH <password> called without",
          ErrorCode::kPermissionDenied,
          "the server's default user has no password; give none, or name a user"},
    Known{"ERR wrong number of arguments for 'auth'",
          ErrorCode::kConfigInvalid,
          "the server is older than 6.0 and knows no users; give a password only"},
    Known{"NOPERM", ErrorCode::kPermissionDenied, kNoRight},
    Known{"ERR The user executing the script can't run", ErrorCode::kPermissionDenied, kNoRight},
    Known{"The user executing the script can't run", ErrorCode::kPermissionDenied, kNoRight},
    Known{"DENIED", ErrorCode::kPermissionDenied, "the server is in protected mode"},
    Known{"WRONGTYPE",
          ErrorCode::kCorrupt,
          "a key of ours holds something else; another program uses this prefix"},
    Known{"MOVED", ErrorCode::kUnsupported, kNoCluster},
    Known{"ASK", ErrorCode::kUnsupported, kNoCluster},
    Known{"CROSSSLOT", ErrorCode::kUnsupported, kNoCluster},
    Known{"CLUSTERDOWN", ErrorCode::kUnsupported, kNoCluster},
    Known{"TRYAGAIN", ErrorCode::kUnsupported, kNoCluster},
    Known{"READONLY",
          ErrorCode::kUnavailable,
          "the server is a replica; only the primary takes writes"},
    Known{"MASTERDOWN", ErrorCode::kUnavailable, "the server is a replica without its primary"},
    Known{"NOREPLICAS", ErrorCode::kUnavailable, "the server misses replicas and takes no writes"},
    Known{"OOM", ErrorCode::kUnavailable, "the server's memory is full (maxmemory)"},
    Known{"MISCONF", ErrorCode::kUnavailable, "the server cannot save to its disk"},
    Known{"LOADING", ErrorCode::kUnavailable, "the server still loads its data"},
    Known{"BUSY", ErrorCode::kUnavailable, "the server runs somebody's long script"},
    Known{
        "ERR max number of clients", ErrorCode::kUnavailable, "the server has no connection left"},
    Known{"ERR DB index is out of range",
          ErrorCode::kConfigInvalid,
          "the server has no database of that number"},
    Known{"ERR invalid DB index",
          ErrorCode::kConfigInvalid,
          "the server has no database of that number"},
    Known{"ERR unknown command",
          ErrorCode::kUnsupported,
          "the server does not know a command that is needed"},
};

/// What a command inside a script answered stands behind the script's own words (before 7.0).
std::string_view InnerText(std::string_view text) noexcept {
  constexpr std::string_view kScript = "ERR Error running script";
  constexpr std::string_view kPlace = "@user_script:";
  if (!text.starts_with(kScript)) return text;
  const std::size_t place = text.rfind(kPlace);
  if (place == std::string_view::npos) return text;
  const std::size_t colon = text.find(": ", place + kPlace.size());
  if (colon == std::string_view::npos) return text;
  text.remove_prefix(colon + 2);
  if (text.starts_with('-')) text.remove_prefix(1);
  return text;
}

Error InDoubt(std::string_view endpoint, std::string_view why) {
  return MakeError(ErrorCode::kInDoubt,
                   std::string(endpoint) + ": " + std::string(why) +
                       " after a write was sent; it may or may not be applied");
}

}  // namespace

Error CutError(Cut cut, Risk risk, std::string_view endpoint, std::string_view reason) {
  const std::string why = cut == Cut::kDeadline ? "no answer until the deadline"
                          : cut == Cut::kProtocol
                              ? "what answers there is no Redis (" + Printable(reason) + ')'
                              : "the connection failed (" + Printable(reason) + ')';
  if (risk == Risk::kWrite) return InDoubt(endpoint, why);
  const ErrorCode code =
      cut == Cut::kDeadline ? ErrorCode::kDeadlineExceeded : ErrorCode::kUnavailable;
  return MakeError(code, std::string(endpoint) + ": " + why);
}

Error ReplyError(std::string_view text, Risk risk, std::string_view endpoint) {
  const std::string_view said = InnerText(text);
  for (const Known& known : kKnown) {
    if (!said.starts_with(known.start)) continue;
    return MakeError(
        known.code,
        std::string(endpoint) + ": " + std::string(known.advice) + " (" + Printable(said) + ')');
  }
  const std::string answered = "the server answered " + Printable(said);
  if (risk == Risk::kWrite) return InDoubt(endpoint, answered);
  return MakeError(ErrorCode::kInternal, std::string(endpoint) + ": " + answered);
}

bool IsNotReady(std::string_view text) noexcept {
  const std::string_view said = InnerText(text);
  return said.starts_with("LOADING") || said.starts_with("BUSY ");
}

bool IsUnknownScript(std::string_view text) noexcept {
  return text.starts_with("NOSCRIPT");
}

bool IsRefused(std::string_view text) noexcept {
  return text.starts_with("NOPERM") || text.starts_with("ERR unknown");
}

}  // namespace offsetstore::redis
