// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// A lock file shared by the processes of one machine (`flock`, never classic `fcntl`, whose locks
/// vanish when any descriptor of the file is closed). The file is created 0600 and never removed:
/// a lock on a removed file guards nothing. The last component of the path may not be a symlink.
/// One `LockFile` per thread of use: two threads that lock the same one must be serialised before.
class LockFile {
 public:
  [[nodiscard]] static Result<LockFile> Open(const std::filesystem::path& path);

  LockFile(LockFile&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
  LockFile& operator=(LockFile&& other) noexcept;
  ~LockFile();

  /// Takes the lock. `DeadlineExceeded` names the file (nothing was done). Where somebody removed
  /// the file, the one that others would lock now is locked instead.
  [[nodiscard]] Status Lock(Deadline deadline);
  void Unlock() noexcept;

  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  LockFile(int fd, std::filesystem::path path) noexcept : fd_(fd), path_(std::move(path)) {}
  Status Wait(Deadline deadline);

  int fd_ = -1;
  std::filesystem::path path_;
};

/// Holds a `LockFile` for a scope.
class LockGuard {
 public:
  explicit LockGuard(LockFile& file) noexcept : file_(&file) {}
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;
  ~LockGuard() { Unlock(); }
  void Unlock() noexcept {
    if (file_ != nullptr) file_->Unlock();
    file_ = nullptr;
  }

 private:
  LockFile* file_;
};

/// `strerror` text and errno as an `Error`: rights → `PermissionDenied`, full or absent or I/O →
/// `Unavailable`, and so on. `what` says what was tried (`open /var/x/lock`).
[[nodiscard]] Error ErrnoError(int error_number, std::string_view what);

}  // namespace internal
}  // namespace offsetstore
