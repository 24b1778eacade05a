// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "internal/flock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <thread>

#include "internal/macros.h"

namespace offsetstore::internal {

Result<LockFile> LockFile::Open(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd < 0) return ErrnoError(errno, "open lock file " + path.string());
  return LockFile(fd, path);
}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  path_.swap(other.path_);
  return *this;
}

LockFile::~LockFile() {
  if (fd_ >= 0) ::close(fd_);
}

Status LockFile::Lock(Deadline deadline) {
  for (;;) {
    OS_RETURN_IF_ERROR(Wait(deadline));
    struct stat found {};
    if (::fstat(fd_, &found) != 0) {
      const int error = errno;
      Unlock();
      return ErrnoError(error, "look at " + path_.string());
    }
    if (found.st_nlink > 0) return {};
    // A lock on a removed file guards nothing: others make the file anew and lock that.
    OS_ASSIGN_OR_RETURN(LockFile anew, Open(path_));
    *this = std::move(anew);
  }
}

Status LockFile::Wait(Deadline deadline) {
  // flock has no timeout. The sections it guards take microseconds, so the pause starts there and
  // grows only for a holder that was stopped.
  auto pause = std::chrono::microseconds(20);
  for (;;) {
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return {};
    if (errno != EWOULDBLOCK && errno != EINTR) return ErrnoError(errno, "lock " + path_.string());
    if (deadline.Passed()) {
      return MakeError(
          ErrorCode::kDeadlineExceeded,
          "another process holds the lock " + path_.string() + " (`fuser` says which)");
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds(1000));
  }
}

void LockFile::Unlock() noexcept {
  ::flock(fd_, LOCK_UN);
}

Error ErrnoError(int error_number, std::string_view what) {
  ErrorCode code = ErrorCode::kUnavailable;
  switch (error_number) {
    case EACCES:
    case EPERM:
    case EROFS:
      code = ErrorCode::kPermissionDenied;
      break;
    case EINVAL:
    case EISDIR:
    case ENAMETOOLONG:
    case ENOTDIR:
    case ELOOP:
      code = ErrorCode::kConfigInvalid;
      break;
    default:
      break;
  }
  Error error =
      MakeError(code, std::string(what) + ": " + std::generic_category().message(error_number));
  error.native = error_number;
  // Of the unavailable ones only those pass by themselves that wait for somebody else.
  if (code == ErrorCode::kUnavailable && error_number != EAGAIN && error_number != EBUSY) {
    error.retry = Retry::kNever;
  }
  return error;
}

}  // namespace offsetstore::internal
