// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "internal/local_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace offsetstore::internal {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
// Rewriting a log, or a write-ahead log that a long reader holds up, takes some of it for a while.
constexpr std::uint64_t kLeastFree = 64 * kMiB;

}  // namespace

bool MayWrite(const std::string& path) noexcept {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return false;
  const int wanted = R_OK | W_OK | (S_ISDIR(found.st_mode) ? X_OK : 0);
  return ::faccessat(AT_FDCWD, path.c_str(), wanted, AT_EACCESS) == 0;
}

Finding DiskFinding(const std::string& path) {
  struct statvfs disk {};
  if (::statvfs(path.c_str(), &disk) != 0) {
    return {"disk", Grade::kUnknown, std::strerror(errno), {}};
  }
  const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  Finding finding{"disk", Grade::kOk, std::to_string(free / kMiB) + " MiB free", {}};
  if ((disk.f_flag & ST_RDONLY) != 0) {
    return {"disk", Grade::kFailed, "mounted read-only", "mount it for writing"};
  }
  if (free < kLeastFree) {
    finding.grade = Grade::kWarning;
    finding.advice = "make room: commits fail when it is full (nothing stored is lost)";
  }
  return finding;
}

}  // namespace offsetstore::internal
