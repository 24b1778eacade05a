// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Text files of one JSON object per line, each closed by the CRC-32 of what stands before it, so
// that a plan that somebody edited, or a journal that a crash cut, is noticed and the line named.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "offsetstore/result.h"
#include "slot_json.h"

namespace offsetstore::migration {

/// Returns when the names in the folder of `path` survive a loss of power.
[[nodiscard]] Status SyncFolderOf(const std::string& path);

/// A checksum over the checksums of lines, in their order.
class LineChain {
 public:
  void Add(std::string_view line_digits);
  /// Eight hexadecimal digits; none before the first line.
  [[nodiscard]] const std::string& digits() const noexcept { return digits_; }

 private:
  std::string digits_;
};

/// Appends lines. What could not be written (a full disk) is kept, and goes out first with the next
/// call, so that no line is torn or doubled. A failed sync is told by every call after it: what is
/// on the disk is not known any more, and the system would not tell it twice.
class LineWriter {
 public:
  /// A new file, for its owner alone. `InvalidArgument` where there is one already.
  [[nodiscard]] static Result<LineWriter> Create(const std::string& path);
  /// At the end of a file; makes it where there is none. Cuts to `size` bytes before.
  [[nodiscard]] static Result<LineWriter> Append(const std::string& path,
                                                 std::optional<std::uint64_t> size = {});
  LineWriter(LineWriter&& other) noexcept;
  LineWriter& operator=(LineWriter&& other) noexcept;
  ~LineWriter();

  /// Writes `object`, which has at least one member and no `crc32`. Buffered until `Flush`.
  [[nodiscard]] Status Add(const Json& object);
  /// Ends a line that somebody else left without its end.
  [[nodiscard]] Status EndLine();
  /// Hands over to the operating system.
  [[nodiscard]] Status Flush();
  /// Returns when everything survives a loss of power.
  [[nodiscard]] Status Sync();

  /// Over the lines added so far: another one where a line is missing, doubled, moved or of another
  /// file.
  [[nodiscard]] const LineChain& chain() const noexcept { return chain_; }

 private:
  LineWriter(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  [[nodiscard]] Error Failed(const char* what, int code) const;

  std::string path_;
  int fd_ = -1;
  std::string buffer_;
  std::optional<Error> unsynced_;
  LineChain chain_;
};

/// Reads lines, one at a time.
class LineReader {
 public:
  [[nodiscard]] static Result<LineReader> Open(const std::string& path);

  /// The next line's object without its `crc32`; nullopt at the end. `Corrupt` names file and line.
  /// After a line without its end (`torn()`) it is the end.
  [[nodiscard]] Result<std::optional<Json>> Next();

  /// The last line is not whole: its writer died, or the file was cut.
  [[nodiscard]] bool torn() const noexcept { return torn_; }
  /// Bytes of all whole lines read so far.
  [[nodiscard]] std::uint64_t whole_bytes() const noexcept { return whole_bytes_; }
  /// Of the line that was read last, from 1.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  /// Over all lines read so far, as their writer had it.
  [[nodiscard]] const LineChain& chain() const noexcept { return chain_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// `Corrupt`, with file and line, and `what` is wrong there.
  [[nodiscard]] Error Bad(const std::string& what) const;

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  LineReader(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  [[nodiscard]] Result<bool> ReadLine(std::string& line);

  std::string path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::uint64_t number_ = 0;
  std::uint64_t whole_bytes_ = 0;
  LineChain chain_;
  bool torn_ = false;
};

}  // namespace offsetstore::migration
