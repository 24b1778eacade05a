// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace [[gnu::visibility("default")]] offsetstore {

/// What went wrong, named by what the caller should do. A store never answers with one of the last
/// three: there a fence or a conflict is the outcome of one partition. They say why a consumer
/// ended.
enum class ErrorCode : std::uint8_t {
  kInvalidArgument,   ///< The request is wrong (a name, an offset, a limit). Change the call.
  kConfigInvalid,     ///< A URI, a file or an option is wrong. Change the configuration.
  kUnsupported,       ///< This store, or the server behind it, cannot do that. Choose another way.
  kPermissionDenied,  ///< Authentication or rights. Fix them; a retry changes nothing.
  kUnavailable,       ///< The store cannot be reached or used now. Nothing was applied.
  kDeadlineExceeded,  ///< The deadline passed and **surely nothing was applied**.
  kInDoubt,           ///< A write was sent and its answer is unknown: it may or may not be applied.
  kCorrupt,           ///< What is stored cannot be trusted or understood. Never read as absent.
  kInternal,          ///< A broken invariant in this library or in the client library under it.
  kFenced,      ///< A consumer ended: somebody else holds its partition; the message names whom.
  kConflict,    ///< A consumer ended: what is stored belongs to another cluster or writer.
  kOutOfRange,  ///< A consumer ended: a stored position is not in the log (any more).
};

/// What may follow an error.
enum class Retry : std::uint8_t {
  kNever,          ///< The same call fails again.
  kSafe,           ///< Nothing was applied; the same call may be made again.
  kAfterNewClaim,  ///< Only after a new (conditional) claim told what is stored now.
};

/// One failure, as a value. Copyable; holds no secret (messages are redacted where they are made).
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  Retry retry = Retry::kNever;
  std::string message;      ///< One line: what was wrong, where, and what to do.
  std::string scheme;       ///< The store's scheme, filled in by the context layer.
  std::string operation;    ///< `fetch`, `claim`, `commit`, ... filled in by the context layer.
  std::int64_t native = 0;  ///< The client library's or the kernel's own code; 0 = none.
  std::vector<std::pair<std::string, std::string>> context;  ///< `group`, `path`, `topic`, ...

  /// Appends a context pair. Returns `*this`, so that an error can be built in one expression.
  Error& With(std::string key, std::string value);
};

/// Makes an error with the advice that its code implies: `kUnavailable` and `kDeadlineExceeded`
/// are safe to retry, `kInDoubt` needs a new claim, all others are never retried.
[[nodiscard]] Error MakeError(ErrorCode code, std::string message);

/// `InvalidArgument`, `Unavailable`, ...: stable, for logs and JSON.
[[nodiscard]] std::string_view ToString(ErrorCode code) noexcept;
[[nodiscard]] std::string_view ToString(Retry retry) noexcept;

/// One line for people: `file: commit: Unavailable: <message> [group=g path=/x]`. Control
/// characters of names are escaped, so that a name cannot forge a log line.
[[nodiscard]] std::string ToString(const Error& error);

/// Returns `text` with control characters, and bytes that are not UTF-8, as `\xNN`.
[[nodiscard]] std::string Printable(std::string_view text);

}  // namespace offsetstore
