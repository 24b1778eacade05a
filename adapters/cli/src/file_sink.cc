// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "console.h"
#include "internal/flock.h"
#include "internal/macros.h"
#include "sink.h"

namespace offsetstore::cli {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

Error FileError(const std::filesystem::path& file, const std::string& what, int code) {
  return internal::ErrnoError(code, "--into " + file.string() + ": " + what);
}

Error NotUsable(const std::filesystem::path& file, const std::string& why) {
  return MakeError(ErrorCode::kInvalidArgument, "--into " + file.string() + ": " + why);
}

/// A file that was just made is safe only when its folder is.
Status SyncFolder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0)
    return FileError(file, "cannot sync its folder", errno);
  return {};
}

class FileSink final : public Sink {
 public:
  FileSink(std::filesystem::path file, Descriptor fd, off_t size)
      : file_(std::move(file)), fd_(std::move(fd)), size_(size) {}

  Status Put(std::string_view bytes) override {
    if (const int code = WriteFully(fd_.get(), bytes); code != 0) return CutBack(code);
    if (::fdatasync(fd_.get()) != 0) {
      // What the disk kept is unknown: nothing of this batch is committed, so it comes again.
      return FileError(file_, "cannot sync", errno);
    }
    size_ += static_cast<off_t>(bytes.size());
    taken_ += bytes.size();
    return {};
  }

  std::uint64_t Taken() override { return taken_; }
  Status Settle(Deadline /*deadline*/) override { return {}; }

  /// Closes off a record that a crash tore, so that the next one does not run into it.
  Status CloseTornRecord(std::string_view ending) {
    if (size_ == 0 || ending.empty()) return {};
    std::string tail(ending.size(), '\0');
    const off_t from = size_ - static_cast<off_t>(ending.size());
    const ssize_t got = from < 0 ? 0 : ::pread(fd_.get(), tail.data(), tail.size(), from);
    if (got < 0) return FileError(file_, "cannot read its end", errno);
    if (static_cast<std::size_t>(got) == tail.size() && tail == ending) return {};
    Complain("note: " + file_.string() +
             " does not end with a whole record; it is closed off, and the record comes again");
    OS_RETURN_IF_ERROR(Put(ending));
    taken_ = 0;
    return {};
  }

 private:
  Status CutBack(int code) {
    if (::ftruncate(fd_.get(), size_) != 0) {
      return FileError(file_, "cannot write, nor cut off the torn record", code);
    }
    return FileError(file_, "cannot write (records that were not written are not committed)", code);
  }

  std::filesystem::path file_;
  Descriptor fd_;
  off_t size_;
  std::uint64_t taken_ = 0;
};

}  // namespace

Result<std::unique_ptr<Sink>> AppendTo(const std::filesystem::path& file, std::string_view ending) {
  struct stat info {};
  const bool existed = ::stat(file.c_str(), &info) == 0;
  if (existed && !S_ISREG(info.st_mode)) {
    return NotUsable(file, "not a regular file; write to standard output and redirect it");
  }
  Descriptor fd(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (fd.get() < 0) {
    if (errno == ENOENT) {
      return NotUsable(file, "its folder is not there, or takes no files; make it first");
    }
    return FileError(file, "cannot open", errno);
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return NotUsable(file, "another offsetctl appends to it; choose another file");
    return FileError(file, "cannot lock", errno);
  }
  if (::fstat(fd.get(), &info) != 0) return FileError(file, "cannot look at it", errno);
  if (!existed) OS_RETURN_IF_ERROR(SyncFolder(file));
  auto sink = std::make_unique<FileSink>(file, std::move(fd), info.st_size);
  OS_RETURN_IF_ERROR(sink->CloseTornRecord(ending));
  return std::unique_ptr<Sink>(std::move(sink));
}

}  // namespace offsetstore::cli
