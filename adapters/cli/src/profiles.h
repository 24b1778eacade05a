// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "offsetstore/result.h"

namespace offsetstore::cli {

/// The URI of a store under a name of the user's, from a file of lines `name=URI`.
struct Profile {
  std::string uri;    ///< May hold a secret.
  std::string file;   ///< Where it stands.
  std::string where;  ///< The same with the line, for messages.
};

/// Whether this is `@name`, and not a URI.
[[nodiscard]] bool IsProfile(std::string_view text) noexcept;

/// `offsetctl/profiles` in $XDG_CONFIG_HOME, else in `~/.config`. Empty where neither is known.
[[nodiscard]] std::string ProfilesFile();

/// What `@name` means. `ConfigInvalid` says which file was looked into and what is wrong: no such
/// file, a damaged line, no such name (with the nearest), a value that is no URI. Shows no URI.
[[nodiscard]] Result<Profile> FindProfile(std::string_view text);

}  // namespace offsetstore::cli
