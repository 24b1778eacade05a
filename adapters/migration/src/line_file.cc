// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "line_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "internal/characters.h"
#include "internal/crc32.h"
#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

constexpr std::string_view kMark = R"(,"crc32":")";
constexpr std::size_t kTail = kMark.size() + 8 + 2;  // eight digits, `"}`
constexpr std::size_t kBuffer = 1U << 16U;
constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;

std::string ReasonOf(int code) {
  return std::generic_category().message(code);
}

Error CannotOpen(const std::string& path, int code) {
  const ErrorCode kind = code == EACCES || code == EPERM || code == EROFS
                             ? ErrorCode::kPermissionDenied
                             : ErrorCode::kInvalidArgument;
  Error error = MakeError(kind, "'" + Printable(path) + "' cannot be opened: " + ReasonOf(code));
  error.native = code;
  return error;
}

std::string Digits(std::uint32_t crc) {
  std::string digits(8, '0');
  for (std::size_t i = 8; i-- > 0; crc >>= 4U) digits[i] = internal::kHexDigits[crc & 15U];
  return digits;
}

}  // namespace

Status SyncFolderOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return CannotOpen(folder, errno);
  const int code = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (code == 0) return {};
  return MakeError(ErrorCode::kUnavailable,
                   "'" + Printable(folder) + "' cannot be synced: " + ReasonOf(code));
}

void LineChain::Add(std::string_view line_digits) {
  digits_ = Digits(internal::Crc32(digits_ + std::string(line_digits)));
}

Result<LineWriter> LineWriter::Create(const std::string& path) {
  const int fd = ::open(path.c_str(), kFlags | O_EXCL, S_IRUSR | S_IWUSR);
  if (fd < 0) return CannotOpen(path, errno);
  LineWriter writer(path, fd);
  OS_RETURN_IF_ERROR(SyncFolderOf(path));
  return writer;
}

Result<LineWriter> LineWriter::Append(const std::string& path, std::optional<std::uint64_t> size) {
  const int fd = ::open(path.c_str(), kFlags, S_IRUSR | S_IWUSR);
  if (fd < 0) return CannotOpen(path, errno);
  LineWriter writer(path, fd);
  if (size && ::ftruncate(fd, static_cast<off_t>(*size)) != 0) {
    return writer.Failed("cut", errno);
  }
  OS_RETURN_IF_ERROR(SyncFolderOf(path));
  return writer;
}

LineWriter::LineWriter(LineWriter&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      buffer_(std::move(other.buffer_)),
      unsynced_(std::move(other.unsynced_)),
      chain_(std::move(other.chain_)) {}

LineWriter& LineWriter::operator=(LineWriter&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(buffer_, other.buffer_);
  std::swap(unsynced_, other.unsynced_);
  std::swap(chain_, other.chain_);
  return *this;
}

LineWriter::~LineWriter() {
  if (fd_ >= 0) ::close(fd_);
}

Status LineWriter::Add(const Json& object) {
  std::string line = object.dump();
  line.pop_back();  // the brace that closes it
  const std::string digits = Digits(internal::Crc32(line));
  buffer_ += line;
  buffer_ += kMark;
  buffer_ += digits + "\"}\n";
  chain_.Add(digits);
  return buffer_.size() < kBuffer ? Status() : Flush();
}

Status LineWriter::EndLine() {
  buffer_ += '\n';
  return Flush();
}

Status LineWriter::Flush() {
  if (unsynced_) return *unsynced_;
  std::size_t done = 0;
  int code = 0;
  while (done < buffer_.size() && code == 0) {
    const ssize_t written = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno != EINTR) {
      code = errno;
    }
  }
  buffer_.erase(0, done);
  return code == 0 ? Status() : Status(Failed("written", code));
}

Status LineWriter::Sync() {
  OS_RETURN_IF_ERROR(Flush());
  if (::fdatasync(fd_) == 0) return {};
  unsynced_ = Failed("synced", errno);
  return *unsynced_;
}

Error LineWriter::Failed(const char* what, int code) const {
  Error error =
      MakeError(code == ENOSPC || code == EDQUOT ? ErrorCode::kUnavailable : ErrorCode::kInternal,
                "'" + Printable(path_) + "' cannot be " + what + ": " + ReasonOf(code));
  error.native = code;
  return error;
}

Result<LineReader> LineReader::Open(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return CannotOpen(path, errno);
  return LineReader(path, file);
}

Result<std::optional<Json>> LineReader::Next() {
  std::string line;
  OS_ASSIGN_OR_RETURN(const bool whole, ReadLine(line));
  if (!whole) return std::optional<Json>();
  ++number_;
  const std::string_view text(line);
  if (text.size() <= kTail || text.substr(text.size() - kTail, kMark.size()) != kMark ||
      text.substr(text.size() - 2) != "\"}") {
    return Bad("it is not of this kind of file: its checksum is missing");
  }
  const std::string_view checked = text.substr(0, text.size() - kTail);
  const std::string digits = Digits(internal::Crc32(checked));
  if (digits != text.substr(checked.size() + kMark.size(), 8)) {
    return Bad("it was changed since it was written: its checksum is another one");
  }
  Result<Json> json = ParseJson(std::string(checked) + "}");
  if (!json) return Bad(json.error().message);
  whole_bytes_ += line.size() + 1;
  chain_.Add(digits);
  return std::optional<Json>(*std::move(json));
}

Result<bool> LineReader::ReadLine(std::string& line) {
  char* buffer = nullptr;
  std::size_t room = 0;
  const ssize_t length = ::getline(&buffer, &room, file_.get());
  const int code = errno;
  const std::unique_ptr<char, decltype(&std::free)> owned(buffer, &std::free);
  if (length <= 0) {
    if (std::feof(file_.get()) != 0) return false;
    return MakeError(code == EISDIR ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable,
                     "'" + Printable(path_) + "' cannot be read: " + ReasonOf(code));
  }
  line.assign(buffer, static_cast<std::size_t>(length));
  torn_ = line.back() != '\n';
  if (torn_) return false;
  line.pop_back();
  return true;
}

Error LineReader::Bad(const std::string& what) const {
  const std::uint64_t line = std::max<std::uint64_t>(number_, 1);  // none is whole: the first
  return MakeError(ErrorCode::kCorrupt,
                   "'" + Printable(path_) + "', line " + std::to_string(line) + ": " + what);
}

}  // namespace offsetstore::migration
