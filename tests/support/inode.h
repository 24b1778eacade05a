// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <filesystem>

namespace offsetstore::testing {

/// What a file or a folder is known by whatever its name; 0 where it is not there.
inline ino_t InodeOf(const std::filesystem::path& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_ino : 0;
}

}  // namespace offsetstore::testing
