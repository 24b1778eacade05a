// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "log_file.h"

#include <cerrno>
#include <cstddef>

#include "internal/flock.h"

namespace offsetstore::internal {

Result<std::string> LogFile::ReadFrom(std::uint64_t from, const std::string& path) const {
  struct stat now {};
  if (const int error = fs_.StatOpen(fd(), &now); error < 0) {
    return ErrnoError(-error, "stat " + path);
  }
  const auto size = static_cast<std::uint64_t>(now.st_size);
  std::string bytes(size > from ? size - from : 0, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = fs_.Read(
        fd(), bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(from + filled));
    if (got < 0) return ErrnoError(static_cast<int>(-got), "read " + path);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

int WriteAll(FileSystem& fs, int fd, std::string_view bytes, std::uint64_t at) {
  while (!bytes.empty()) {
    const ssize_t wrote = fs.Write(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (wrote < 0) return static_cast<int>(wrote);
    if (wrote == 0) return -EIO;
    at += static_cast<std::uint64_t>(wrote);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return 0;
}

Error WriteError(int error_number, const std::string& what) {
  Error error = ErrnoError(error_number, what);
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG) {
    error.code = ErrorCode::kUnavailable;
    error.retry = Retry::kSafe;
    error.message += "; nothing was applied; free space (or raise the quota or file size limit)";
  }
  return error;
}

}  // namespace offsetstore::internal
