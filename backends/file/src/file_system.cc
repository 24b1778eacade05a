// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>

namespace offsetstore::internal {
namespace {

template <class Call>
auto Retried(Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0) return result;
    if (errno != EINTR) return static_cast<decltype(result)>(-errno);
  }
}

class Kernel final : public FileSystem {
 public:
  int Open(int folder, const char* name, int flags, mode_t mode) override {
    return Retried(
        [&] { return ::openat(folder, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode); });
  }
  // Not repeated on EINTR: the descriptor is gone by then, and may be somebody else's.
  int Close(int fd) noexcept override { return ::close(fd) < 0 ? -errno : 0; }
  ssize_t Read(int fd, char* to, std::size_t bytes, off_t at) override {
    return Retried([&] { return ::pread(fd, to, bytes, at); });
  }
  ssize_t Write(int fd, const char* from, std::size_t bytes, off_t at) override {
    return Retried([&] { return ::pwrite(fd, from, bytes, at); });
  }
  // Never repeated, not even on EINTR: see the rule about failed syncs.
  int SyncData(int fd) override { return ::fdatasync(fd) < 0 ? -errno : 0; }
  int Sync(int fd) override { return ::fsync(fd) < 0 ? -errno : 0; }
  int Truncate(int fd, off_t size) override {
    return Retried([&] { return ::ftruncate(fd, size); });
  }
  int Rename(int folder, const char* from, const char* to) override {
    return ::renameat(folder, from, folder, to) < 0 ? -errno : 0;
  }
  int Unlink(int folder, const char* name) override {
    return ::unlinkat(folder, name, 0) < 0 ? -errno : 0;
  }
  int MakeFolder(int folder, const char* name, mode_t mode) override {
    return ::mkdirat(folder, name, mode) < 0 ? -errno : 0;
  }
  int SetOwner(int fd, uid_t user, gid_t group) override {
    return ::fchown(fd, user, group) < 0 ? -errno : 0;
  }
  int Stat(const char* path, struct stat* to) override {
    return ::lstat(path, to) < 0 ? -errno : 0;
  }
  int StatOpen(int fd, struct stat* to) override { return ::fstat(fd, to) < 0 ? -errno : 0; }
  int Magic(int fd, long* to) override {
    struct statfs found {};
    if (::fstatfs(fd, &found) < 0) return -errno;
    *to = static_cast<long>(found.f_type);
    return 0;
  }
  int List(int folder, std::vector<std::string>* to) override {
    // A descriptor of its own: the position in a folder belongs to the open file.
    const int own = Open(folder, ".", O_RDONLY | O_DIRECTORY, 0);
    if (own < 0) return own;
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::fdopendir(own), ::closedir);
    if (!open) {
      const int error = -errno;
      Close(own);
      return error;
    }
    errno = 0;
    while (const dirent* entry = ::readdir(open.get())) {
      const std::string_view name(static_cast<const char*>(entry->d_name));
      if (name != "." && name != "..") to->emplace_back(name);
    }
    return -errno;
  }
};

}  // namespace

FileSystem& KernelFileSystem() {
  static Kernel kernel;
  return kernel;
}

}  // namespace offsetstore::internal
