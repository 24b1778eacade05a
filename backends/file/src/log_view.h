// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "folder.h"
#include "log_file.h"
#include "replay.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// What the file of one group says, as far as this process has read it. Reading takes no lock of
/// other processes and changes nothing. Threads: one at a time.
class LogView {
 public:
  LogView(std::shared_ptr<Folder> folder, std::string_view base, std::string_view group);

  /// Reads on: accepts every whole batch that others appended, or all of a new file that took the
  /// name. Returns the bytes after the last whole batch. Where the group has no file: `file()` is
  /// null. Errors: `Unavailable` where file or folder were taken away, `Corrupt`, `Unsupported`
  /// and rights of a file that has to be opened.
  [[nodiscard]] Result<std::string> Refresh();

  /// `Refresh` for somebody who holds no lock: a tail that a writer is about to finish is passed
  /// over, damage is `Corrupt` once it was seen to stand still.
  [[nodiscard]] Status RefreshToRead();

  [[nodiscard]] const std::shared_ptr<LogFile>& file() const noexcept { return file_; }
  [[nodiscard]] const LogState& state() const noexcept { return state_; }
  [[nodiscard]] LogState& state() noexcept { return state_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// Goes on with a file that this process has just put under the name.
  void Replace(std::shared_ptr<LogFile> file, LogState state);

  /// Whether what follows the last whole batch must be judged at all.
  [[nodiscard]] bool IsWhole(std::string_view rest) const noexcept {
    return rest.empty() && state_.mark <= state_.last;
  }
  [[nodiscard]] Error CorruptError(const Tail& tail) const;

  /// Whether the file is what was read, up to the last whole batch. Asked before its tail is cut:
  /// a file that somebody wrote over in place would be taken for one with a torn tail.
  [[nodiscard]] Status CheckSameFile() const;

 private:
  Result<std::shared_ptr<LogFile>> OpenFile() const;
  Status Adopt(std::shared_ptr<LogFile> file);
  Status Load(const LogFile& file, LogState* state) const;
  Result<FileHeader> ReadHeader(std::string_view text) const;
  Status CheckMissing() const;
  Result<bool> OpenCurrent();
  Result<bool> HasMore(std::uint64_t size);
  Error Gone(const std::string& what) const;

  std::shared_ptr<Folder> folder_;
  std::string name_;
  std::string group_;
  std::string path_;
  std::shared_ptr<LogFile> file_;  // shared with a thread that is syncing it
  LogState state_;
};

}  // namespace internal
}  // namespace offsetstore
