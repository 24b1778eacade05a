// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "file_system.h"
#include "offsetstore/result.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// An open file of a group. While it is open its inode number cannot be given to another file, so
/// that comparing the number with that of the path tells whether the path still means this file.
/// Shared by the group's log and by a thread that is syncing it.
class LogFile {
 public:
  LogFile(FileSystem& fs, Descriptor fd, const struct stat& found, bool writable)
      : fs_(fs),
        fd_(std::move(fd)),
        device_(found.st_dev),
        inode_(found.st_ino),
        writable_(writable) {}

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] bool writable() const noexcept { return writable_; }
  [[nodiscard]] bool Is(const struct stat& found) const noexcept {
    return found.st_ino == inode_ && found.st_dev == device_;
  }

  /// Everything from `from` to the end. `path` is for the error.
  [[nodiscard]] Result<std::string> ReadFrom(std::uint64_t from, const std::string& path) const;

  /// Set when a sync failed: the kernel may have dropped what it could not write and call the
  /// file clean, so that no later sync of it proves anything.
  std::atomic<bool> failed{false};
  /// Whether the folder was synced since the file got its name.
  std::atomic<bool> folder_synced{false};

 private:
  FileSystem& fs_;
  Descriptor fd_;
  dev_t device_;
  ino_t inode_;
  bool writable_;
};

/// Writes all of `bytes` at `at`. Returns 0 or the negative errno; an error may leave a part.
[[nodiscard]] int WriteAll(FileSystem& fs, int fd, std::string_view bytes, std::uint64_t at);

/// Why a write, or a new file, failed; where the disk is full it says that nothing was applied and
/// a retry is safe.
[[nodiscard]] Error WriteError(int error_number, const std::string& what);

}  // namespace internal
}  // namespace offsetstore
