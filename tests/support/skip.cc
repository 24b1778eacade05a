// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "skip.h"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

bool CanMount() {
  if (::unshare(CLONE_NEWNS) != 0) return false;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  const TempDir folder;
  const char* const path = folder.path().c_str();
  return ::mount("tmpfs", path, "tmpfs", 0, "size=64k") == 0 && ::umount(path) == 0;
}

}  // namespace

void Skip(const std::string& why) {
  std::fprintf(stderr, "SKIPPED: %s\n", why.c_str());
  std::_Exit(77);
}

void NeedsRoot() {
  if (::geteuid() != 0) Skip("needs root");
}

void NeedsMounts() {
  static const bool can = CanMount();
  if (!can) Skip("needs root, and the right to mount a file system");
}

}  // namespace offsetstore::testing
