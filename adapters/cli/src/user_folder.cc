// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "user_folder.h"

#include <cstdlib>

namespace offsetstore::cli {
namespace {

/// The XDG base directory specification has relative paths ignored.
std::string AbsolutePath(const char* variable) {
  const char* path = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): before threads
  return path != nullptr && *path == '/' ? path : std::string();
}

}  // namespace

std::string UserFolder(const char* variable, const char* below_home) {
  if (const std::string base = AbsolutePath(variable); !base.empty()) return base + "/offsetctl";
  const std::string home = AbsolutePath("HOME");
  return home.empty() ? home : home + "/" + below_home + "/offsetctl";
}

}  // namespace offsetstore::cli
