// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "offsetstore/error.h"

namespace offsetstore::redis {

/// What became of the requests that a failure belongs to.
enum class Risk : std::uint8_t {
  kNone,   ///< Reads, or writes of which no byte was sent: surely nothing was applied.
  kWrite,  ///< At least one byte of a write was sent.
};

/// How a connection failed, where it did not by an error that the server sent.
enum class Cut : std::uint8_t { kDeadline, kClosed, kProtocol };

/// The one place where failures become errors. `reason` is the client library's own text.
[[nodiscard]] Error CutError(Cut cut,
                             Risk risk,
                             std::string_view endpoint,
                             std::string_view reason);

/// An error that the server sent. Those that it sends before a write are `Risk::kNone` whatever
/// `risk` says; one that is not known is in doubt where it answers a write.
[[nodiscard]] Error ReplyError(std::string_view text, Risk risk, std::string_view endpoint);

/// The server is not ready yet, and the same command may succeed soon (`LOADING`, `BUSY`).
[[nodiscard]] bool IsNotReady(std::string_view text) noexcept;
/// The server does not know the script (any more).
[[nodiscard]] bool IsUnknownScript(std::string_view text) noexcept;
/// The user may not do that, or the server does not know the command.
[[nodiscard]] bool IsRefused(std::string_view text) noexcept;

}  // namespace offsetstore::redis
