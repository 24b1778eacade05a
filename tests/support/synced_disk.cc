// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "synced_disk.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <fstream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "inode.h"

namespace offsetstore::testing {
namespace {

namespace fs = std::filesystem;

struct Named {
  ino_t inode = 0;
  bool is_folder = false;
};

/// A file or a folder as it was when a sync of it began.
struct Image {
  std::string content;
  std::map<std::string, Named> names;
};

struct Noted {
  int syncs = 0;
  Image last;
};

// The C library's functions have no object, so what they note is global.
std::atomic<bool> noting = false;
std::mutex mutex;  // guards `disk`
std::map<ino_t, Noted> disk;

/// Through the descriptor itself: to open a file once more and close it would drop this process's
/// locks on it.
std::string ContentOf(int fd, std::size_t size) {
  std::string content(size, '\0');
  const ssize_t got = ::pread(fd, content.data(), size, 0);
  if (got != static_cast<ssize_t>(size)) throw std::runtime_error("read what is synced");
  return content;
}

Image Look(int fd, const struct stat& found) {
  Image image;
  if (!S_ISDIR(found.st_mode)) {
    image.content = ContentOf(fd, static_cast<std::size_t>(found.st_size));
    return image;
  }
  for (const auto& entry : fs::directory_iterator("/proc/self/fd/" + std::to_string(fd))) {
    image.names[entry.path().filename().string()] = {InodeOf(entry.path()), entry.is_directory()};
  }
  return image;
}

int Synced(long call, int fd) {
  struct stat found {};
  if (!noting || ::fstat(fd, &found) != 0) return static_cast<int>(::syscall(call, fd));
  // What is written while the sync runs need not be part of it.
  Image before = Look(fd, found);
  if (::syscall(call, fd) != 0) return -1;
  const std::lock_guard lock(mutex);
  Noted& noted = disk[found.st_ino];
  ++noted.syncs;
  noted.last = std::move(before);
  return 0;
}

void Restore(ino_t folder, const fs::path& to) {
  fs::create_directories(to);
  fs::permissions(to, fs::perms::owner_all);
  for (const auto& [name, named] : disk[folder].last.names) {
    if (named.is_folder) {
      Restore(named.inode, to / name);
    } else {
      std::ofstream(to / name, std::ios::binary) << disk[named.inode].last.content;
    }
  }
}

}  // namespace

SyncedDisk::SyncedDisk() {
  const std::lock_guard lock(mutex);
  disk.clear();
  noting = true;
}

SyncedDisk::~SyncedDisk() {
  noting = false;
}

int SyncedDisk::SyncsOf(const fs::path& path) const {
  const std::lock_guard lock(mutex);
  return disk[InodeOf(path)].syncs;
}

void SyncedDisk::CutPower(const fs::path& folder, const fs::path& to) const {
  const std::lock_guard lock(mutex);
  Restore(InodeOf(folder), to);
}

}  // namespace offsetstore::testing

// In place of the C library's, for everything that is linked with this.
extern "C" {
[[gnu::visibility("default")]] int fsync(int fd) {
  return offsetstore::testing::Synced(SYS_fsync, fd);
}
[[gnu::visibility("default")]] int fdatasync(int fd) {
  return offsetstore::testing::Synced(SYS_fdatasync, fd);
}
}
