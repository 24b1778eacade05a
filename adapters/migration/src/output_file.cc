// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "internal/macros.h"
#include "line_file.h"

namespace offsetstore::migration {
namespace {

ErrorCode CodeOfErrno(int code) {
  if (code == EACCES || code == EPERM || code == EROFS) return ErrorCode::kPermissionDenied;
  if (code == ENOSPC || code == EDQUOT || code == EIO) return ErrorCode::kUnavailable;
  return ErrorCode::kInvalidArgument;
}

}  // namespace

OutputFile::OutputFile(std::string path, std::string draft, int fd)
    : path_(std::move(path)), draft_(std::move(draft)), fd_(fd) {}

Result<OutputFile> OutputFile::Create(const std::string& path) {
  std::error_code code;
  // Through a link: the file that it names is replaced, not the link.
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, code);
  const std::string target = code ? path : real.string();
  struct stat there {};
  if (::stat(target.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "'" + Printable(path) + "' is no file: name one, or write to standard output");
  }
  const std::string draft = target + ".draft-" + std::to_string(::getpid());
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  int fd = ::open(draft.c_str(), kFlags, 0666);
  if (fd < 0 && errno == EEXIST) {
    // Of a process that was killed; where each is the first of its container, the number comes
    // again.
    ::unlink(draft.c_str());
    fd = ::open(draft.c_str(), kFlags, 0666);
  }
  const int code_of_open = errno;
  OutputFile file(target, draft, fd);
  if (fd < 0) return file.Failed("written", code_of_open);
  return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      draft_(std::move(other.draft_)),
      fd_(std::exchange(other.fd_, -1)) {}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(draft_, other.draft_);
  std::swap(fd_, other.fd_);
  return *this;
}

OutputFile::~OutputFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(draft_.c_str());
}

Status OutputFile::Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("written", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status OutputFile::Finish() {
  if (::fsync(fd_) != 0) return Failed("synced", errno);
  if (std::rename(draft_.c_str(), path_.c_str()) != 0) return Failed("given its name", errno);
  ::close(std::exchange(fd_, -1));
  return SyncFolderOf(path_);
}

Error OutputFile::Failed(const char* what, int code) const {
  Error error = MakeError(CodeOfErrno(code),
                          "'" + Printable(path_) + "' cannot be " + what + ": " +
                              std::generic_category().message(code));
  error.native = code;
  return error;
}

}  // namespace offsetstore::migration
