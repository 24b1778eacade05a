// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "file_system.h"
#include "offsetstore/result.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// The path without a slash at its end, which would follow a symbolic link. `ConfigInvalid` where
/// it is empty, relative or holds the byte 0.
[[nodiscard]] Result<std::string> CheckedPath(const std::filesystem::path& path);

/// What stands at `path`, a symbolic link not followed: `true` for a folder, `false` for nothing,
/// `ConfigInvalid` with what to do for anything else.
[[nodiscard]] Result<bool> IsFolder(FileSystem& fs, const std::string& path);

/// `/a` of `/a/b`.
[[nodiscard]] std::string ParentOf(const std::string& path);

/// The name of the network or cluster file system whose `statfs` magic that is, or an empty text.
[[nodiscard]] std::string NetworkFileSystem(long magic);

}  // namespace internal
}  // namespace offsetstore
