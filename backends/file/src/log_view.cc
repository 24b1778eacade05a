// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "log_view.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "internal/flock.h"
#include "internal/macros.h"
#include "names.h"

namespace offsetstore::internal {
namespace {

Error AtPath(Error error, const std::string& path) {
  error.message = path + ": " + error.message;
  return error;
}

}  // namespace

LogView::LogView(std::shared_ptr<Folder> folder, std::string_view base, std::string_view group)
    : folder_(std::move(folder)),
      name_(LogName(base)),
      group_(group),
      path_(folder_->PathOf(name_)) {}

Result<std::string> LogView::Refresh() {
  OS_ASSIGN_OR_RETURN(const bool has_more, OpenCurrent());
  if (!has_more) return std::string();
  OS_ASSIGN_OR_RETURN(std::string bytes, file_->ReadFrom(state_.end, path_));
  bytes.erase(0, Accept(state_, bytes));
  return bytes;
}

Status LogView::RefreshToRead() {
  // A writer that cuts and appends between the reads of two pages can show a mix of old and new
  // bytes. Damage stands still; a mix does not.
  std::string before;
  for (bool first = true;; first = false) {
    OS_ASSIGN_OR_RETURN(std::string rest, Refresh());
    if (!file_ || IsWhole(rest)) return {};
    const Tail tail = Judge(state_, rest);
    if (!tail.corrupt) return {};
    if (!first && rest == before) return CorruptError(tail);
    before = std::move(rest);
  }
}

void LogView::Replace(std::shared_ptr<LogFile> file, LogState state) {
  file_ = std::move(file);
  state_ = std::move(state);
}

Error LogView::CorruptError(const Tail& tail) const {
  return MakeError(ErrorCode::kCorrupt,
                   path_ + ": " + tail.problem +
                       "; the group is refused so that nothing is lost silently; "
                       "repair it with RepairGroupFile (docs/backends/file.md)");
}

// Makes `file_` the one that stands under the name now. Returns whether there is more to read.
Result<bool> LogView::OpenCurrent() {
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    struct stat found {};
    const int error = folder_->fs().Stat(path_.c_str(), &found);
    if (error == -ENOENT || error == -ENOTDIR) {
      OS_RETURN_IF_ERROR(CheckMissing());
      return false;
    }
    if (error < 0) return ErrnoError(-error, "look at " + path_);
    if (file_ && file_->Is(found)) return HasMore(static_cast<std::uint64_t>(found.st_size));
    OS_ASSIGN_OR_RETURN(auto opened, OpenFile());
    if (!opened) continue;
    struct stat again {};
    if (folder_->fs().Stat(path_.c_str(), &again) < 0 || !opened->Is(again)) continue;
    OS_RETURN_IF_ERROR(Adopt(std::move(opened)));
    return true;
  }
  OS_RETURN_IF_ERROR(folder_->CheckInPlace());
  return MakeError(ErrorCode::kUnavailable, path_ + " is replaced again and again; try later");
}

// Of the file that is open, now of that size.
Result<bool> LogView::HasMore(std::uint64_t size) {
  if (size >= state_.end) return size > state_.end;
  // Somebody cut what was accepted. Read again; what was known must be there still.
  const std::uint64_t known = state_.last;
  OS_RETURN_IF_ERROR(Load(*file_, &state_));
  state_.mark = std::max(state_.mark, known);
  return true;
}

// No file means that nothing is stored, unless it, or the folder, was taken away.
Status LogView::CheckMissing() const {
  OS_RETURN_IF_ERROR(folder_->CheckInPlace());
  if (!file_) return {};
  return Gone("was removed while the store was open; put it back, or open the store again");
}

Error LogView::Gone(const std::string& what) const {
  Error error = MakeError(ErrorCode::kUnavailable, path_ + ' ' + what);
  error.retry = Retry::kNever;
  return error;
}

// Null where it vanished meanwhile.
Result<std::shared_ptr<LogFile>> LogView::OpenFile() const {
  FileSystem& fs = folder_->fs();
  bool writable = true;
  int fd = fs.Open(folder_->fd(), name_.c_str(), O_RDWR, 0);
  if (fd == -EACCES || fd == -EROFS || fd == -EPERM) {
    writable = false;
    fd = fs.Open(folder_->fd(), name_.c_str(), O_RDONLY, 0);
  }
  if (fd == -ENOENT) return std::shared_ptr<LogFile>();
  if (fd == -ELOOP || fd == -ENXIO || fd == -EISDIR) {
    return MakeError(ErrorCode::kCorrupt, path_ + " is a symbolic link or no file; move it away");
  }
  if (fd < 0) return ErrnoError(-fd, "open " + path_);
  Descriptor open(fs, fd);
  struct stat found {};
  if (const int error = fs.StatOpen(fd, &found); error < 0) {
    return ErrnoError(-error, "stat " + path_);
  }
  if (!S_ISREG(found.st_mode)) {
    return MakeError(ErrorCode::kCorrupt, path_ + " is no regular file; move it away");
  }
  return std::make_shared<LogFile>(fs, std::move(open), found, writable);
}

Status LogView::Adopt(std::shared_ptr<LogFile> file) {
  LogState state;
  OS_RETURN_IF_ERROR(Load(*file, &state));
  // Numbers run on over every new file of ours. In an older one they were given before, and what
  // this process knows as synced under them is something else.
  if (file_ && state.last < state_.last) {
    return Gone(
        "was replaced by an older one (of a backup?) while the store was open; open the "
        "store again");
  }
  state_ = std::move(state);
  file_ = std::move(file);
  return {};
}

Status LogView::Load(const LogFile& file, LogState* state) const {
  OS_ASSIGN_OR_RETURN(const std::string text, file.ReadFrom(0, path_));
  const std::size_t end = text.find('\n');
  OS_ASSIGN_OR_RETURN(FileHeader header, ReadHeader(std::string_view(text).substr(0, end)));
  if (end == std::string::npos) {
    return MakeError(ErrorCode::kCorrupt, path_ + ": line 1, the header, has no end");
  }
  *state = StateAfter(std::move(header), end + 1);
  Accept(*state, std::string_view(text).substr(end + 1));
  return {};
}

Status LogView::CheckSameFile() const {
  LogState now;
  OS_RETURN_IF_ERROR(Load(*file_, &now));
  if (now.header.file_id == state_.header.file_id && now.end == state_.end) return {};
  return Gone("was overwritten while the store was open; open the store again");
}

Result<FileHeader> LogView::ReadHeader(std::string_view text) const {
  auto header = ParseHeader(text);
  if (!header) return AtPath(std::move(header).error(), path_);
  if (header->store_id != folder_->store_id()) {
    return MakeError(ErrorCode::kCorrupt,
                     path_ + " belongs to another store (id " + Printable(header->store_id) +
                         "); it was copied here by hand: move it away");
  }
  if (header->group != group_ || header->space != folder_->space()) {
    return MakeError(ErrorCode::kCorrupt,
                     path_ + " holds the group '" + Printable(header->group) + "' of the space '" +
                         Printable(header->space) +
                         "': it was renamed by hand, or the file system does not tell capitals "
                         "from small letters");
  }
  return header;
}

}  // namespace offsetstore::internal
