// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "open_mark.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "internal/flock.h"
#include "internal/macros.h"
#include "offsetstore/types.h"

namespace offsetstore::sql {
namespace {

struct Mark {
  std::uint64_t id;
  dev_t device;
  ino_t inode;
  pid_t pid;
};

struct Marks {
  std::mutex mutex;  // guards the two below; held for moments only
  std::vector<Mark> list;
  std::uint64_t last_id = 0;
};

Marks& AllMarks() {
  // Never destroyed: a store in another static object may close after it would be.
  static auto* const kMarks = new Marks;
  return *kMarks;
}

/// A fork may have copied the mutex in its locked state: then this waits in vain, but not forever.
std::unique_lock<std::mutex> Lock(std::mutex& mutex, Deadline deadline) {
  std::unique_lock lock(mutex, std::try_to_lock);
  while (!lock.owns_lock() && !deadline.Passed()) {
    std::this_thread::yield();
    static_cast<void>(lock.try_lock());
  }
  return lock;
}

}  // namespace

Result<OpenMark> OpenMark::Make(const std::filesystem::path& path, Deadline deadline) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return internal::ErrnoError(errno, "look at " + Printable(path.string()));
  }
  Marks& marks = AllMarks();
  const std::unique_lock lock = Lock(marks.mutex, deadline);
  const auto inherited = [&info](const Mark& mark) {
    return mark.device == info.st_dev && mark.inode == info.st_ino && mark.pid != ::getpid();
  };
  if (!lock.owns_lock() || std::any_of(marks.list.begin(), marks.list.end(), inherited)) {
    return MakeError(ErrorCode::kUnsupported,
                     Printable(path.string()) +
                         " was open when this process was forked, and SQLite cannot open it here "
                         "again; open the store only after fork(), or exec() first");
  }
  marks.list.push_back({++marks.last_id, info.st_dev, info.st_ino, ::getpid()});
  return OpenMark(marks.last_id, ::getpid());
}

OpenMark::~OpenMark() {
  // What the parent had open stays marked in the child: its counts are still there.
  if (id_ == 0 || pid_ != ::getpid()) return;
  Marks& marks = AllMarks();
  const std::lock_guard lock(marks.mutex);
  std::erase_if(marks.list, [this](const Mark& mark) { return mark.id == id_; });
}

}  // namespace offsetstore::sql
