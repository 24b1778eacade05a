// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// The calls of the kernel that this store makes, so that a test can fail the n-th one or stop the
/// world between two. Each returns what the call returns, or the negative errno. Threads: any.
class FileSystem {
 public:
  FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;
  virtual ~FileSystem() = default;

  /// `openat` with O_CLOEXEC and O_NOFOLLOW.
  virtual int Open(int folder, const char* name, int flags, mode_t mode) = 0;
  virtual int Close(int fd) noexcept = 0;
  virtual ssize_t Read(int fd, char* to, std::size_t bytes, off_t at) = 0;
  virtual ssize_t Write(int fd, const char* from, std::size_t bytes, off_t at) = 0;
  virtual int SyncData(int fd) = 0;
  virtual int Sync(int fd) = 0;
  virtual int Truncate(int fd, off_t size) = 0;
  virtual int Rename(int folder, const char* from, const char* to) = 0;
  virtual int Unlink(int folder, const char* name) = 0;
  virtual int MakeFolder(int folder, const char* name, mode_t mode) = 0;
  virtual int SetOwner(int fd, uid_t user, gid_t group) = 0;
  /// Does not follow a symbolic link in the last component.
  virtual int Stat(const char* path, struct stat* to) = 0;
  virtual int StatOpen(int fd, struct stat* to) = 0;
  /// The `statfs` magic of the file system that `fd` lies on.
  virtual int Magic(int fd, long* to) = 0;
  /// Names in the folder, without `.` and `..`.
  virtual int List(int folder, std::vector<std::string>* to) = 0;
};

/// The kernel's. Lives as long as the program; has no state.
[[nodiscard]] FileSystem& KernelFileSystem();

/// A descriptor that closes itself. Nothing here relies on what `close` answers: whatever must be
/// on the disk was synced before.
class Descriptor {
 public:
  Descriptor() = default;
  Descriptor(FileSystem& fs, int fd) : fs_(&fs), fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fs_(other.fs_), fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fs_, other.fs_);
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) fs_->Close(fd_);
  }

  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  FileSystem* fs_ = nullptr;
  int fd_ = -1;
};

}  // namespace internal
}  // namespace offsetstore
