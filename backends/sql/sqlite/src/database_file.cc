// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "database_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

#include "internal/flock.h"
#include "internal/macros.h"
#include "offsetstore/types.h"

namespace offsetstore::sql {
namespace {

Error Invalid(const std::filesystem::path& path, std::string_view what) {
  return MakeError(ErrorCode::kConfigInvalid, Printable(path.string()) + ' ' + std::string(what));
}

Status CheckShape(const std::filesystem::path& path) {
  if (path.empty()) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "the path is missing; write sqlite:///var/lib/app/offsets.db");
  }
  if (!path.is_absolute()) {
    return Invalid(path, "is a relative path; write the whole path from /");
  }
  if (path.native().find('\0') != std::string::npos) {
    return Invalid(path, "holds the byte 0, which no file name can");
  }
  const std::filesystem::path name = path.filename();
  if (name.empty() || name == "." || name == "..") {
    return Invalid(path, "names a folder; add the name of the database, e.g. offsets.db");
  }
  return {};
}

Result<std::filesystem::path> RealFolder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::path real = std::filesystem::canonical(folder, failed);
  if (!failed) return real;
  if (failed == std::errc::no_such_file_or_directory) {
    return Invalid(folder, "does not exist; create the folder first");
  }
  return internal::ErrnoError(failed.value(), "folder " + Printable(folder.string()));
}

// WAL keeps its index in memory that all processes share, so they must run on one machine; and the
// locks of network file systems are not to be trusted with either journal.
Status CheckLocal(const std::filesystem::path& folder) {
  constexpr std::array<unsigned long, 7> kNetwork = {
      0x6969UL,      // NFS
      0x517BUL,      // SMB
      0xFE534D42UL,  // SMB2
      0xFF534D42UL,  // CIFS
      0x5346414FUL,  // AFS
      0x73757245UL,  // Coda
      0x00C36400UL,  // Ceph
  };
  struct statfs info {};
  if (::statfs(folder.c_str(), &info) != 0) {
    return internal::ErrnoError(errno, "statfs " + Printable(folder.string()));
  }
  const auto type = static_cast<unsigned long>(info.f_type) & 0xFFFFFFFFUL;
  if (std::find(kNetwork.begin(), kNetwork.end(), type) == kNetwork.end()) return {};
  return Invalid(folder,
                 "is on a network file system, where SQLite's locks cannot be trusted; use a "
                 "local disk, or a store with a server");
}

Status CheckKind(const std::filesystem::path& path, const struct stat& info) {
  if (S_ISREG(info.st_mode)) {
    // Each name would get a -wal of its own: SQLite calls that a way to corrupt a database.
    if (info.st_nlink > 1) {
      return Invalid(path, "has several names (hard links); a database may have only one");
    }
    return {};
  }
  if (S_ISLNK(info.st_mode)) return Invalid(path, "is a symbolic link; name the file itself");
  if (S_ISDIR(info.st_mode)) return Invalid(path, "is a folder; name a file in it");
  return Invalid(path, "is a device, pipe or socket, not a file");
}

// A file that others can see is never closed by us: closing any descriptor of a database drops the
// locks that SQLite holds on it in this process. So it gets its name only after it was closed.
Status CreateEmpty(const std::filesystem::path& path) {
  std::string temporary = path.string() + "-XXXXXX";
  const int file = ::mkostemp(temporary.data(), O_CLOEXEC);  // 0600
  if (file < 0 && errno == ENOENT) {
    // The folder is there: what says that it is not (/proc) takes no files.
    return Invalid(path, "cannot be made: its folder takes no files; name one on a local disk");
  }
  if (file < 0) return internal::ErrnoError(errno, "create " + Printable(path.string()));
  ::close(file);
  if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
    return {};
  }
  const int failure = errno;
  ::unlink(temporary.c_str());
  if (failure == EEXIST) return {};  // Another process was first.
  return internal::ErrnoError(failure, "create " + Printable(path.string()));
}

Status SyncFolder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return internal::ErrnoError(errno, "open folder " + Printable(folder.string()));
  const int failure = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (failure == 0) return {};
  return internal::ErrnoError(failure, "sync folder " + Printable(folder.string()));
}

}  // namespace

Result<std::filesystem::path> PrepareFile(const std::filesystem::path& path, bool create) {
  OS_RETURN_IF_ERROR(CheckShape(path));
  OS_ASSIGN_OR_RETURN(const std::filesystem::path folder, RealFolder(path.parent_path()));
  std::filesystem::path real = folder / path.filename();
  OS_RETURN_IF_ERROR(CheckLocal(folder));
  struct stat info {};
  if (::lstat(real.c_str(), &info) == 0) {
    OS_RETURN_IF_ERROR(CheckKind(real, info));
    return real;
  }
  if (errno != ENOENT) return internal::ErrnoError(errno, "look at " + Printable(real.string()));
  if (!create) return Invalid(real, "does not exist, and is not to be made");
  OS_RETURN_IF_ERROR(CreateEmpty(real));
  // Covers a power loss after the first commit: the file's name must be on the disk by then.
  OS_RETURN_IF_ERROR(SyncFolder(folder));
  return real;
}

Result<internal::LockFile> OpenLock(const std::filesystem::path& database) {
  const std::filesystem::path path = LockPath(database);
  struct stat found {};
  const bool made = ::lstat(path.c_str(), &found) != 0;
  OS_ASSIGN_OR_RETURN(internal::LockFile lock, internal::LockFile::Open(path));
  if (!made || ::stat(database.c_str(), &found) != 0) return lock;
  constexpr mode_t kReadWrite = 0666;
  // Only root may give it away. Another user may have made it in between, and gives it its rights.
  if (::fchown(lock.fd(), found.st_uid, found.st_gid) != 0 && errno != EPERM) {
    return internal::ErrnoError(errno, "give " + path.string() + " the database's owner");
  }
  if (::fchmod(lock.fd(), found.st_mode & kReadWrite) != 0 && errno != EPERM) {
    return internal::ErrnoError(errno, "give " + path.string() + " the database's rights");
  }
  return lock;
}

}  // namespace offsetstore::sql
