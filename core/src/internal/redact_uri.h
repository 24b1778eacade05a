// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace offsetstore::internal {

/// `Redacted` for a text that is one URI and nothing else: blanks and quotes do not end it. Made
/// for broken URIs too: what could be a password is hidden, also where the parser would read a
/// host, a port or a path in it.
[[nodiscard]] std::string RedactUri(std::string_view uri);

/// Whether `text` is written as the names of environment variables are: `[A-Z_][A-Z0-9_]*`. What
/// is not may be the secret itself, written where its variable's name belongs.
[[nodiscard]] bool IsVariable(std::string_view text) noexcept;

/// Whether `text` shows that it is a path: it has a slash. A bare word may be the secret itself,
/// written where the path of its file belongs.
[[nodiscard]] bool IsPath(std::string_view text) noexcept;

}  // namespace offsetstore::internal
