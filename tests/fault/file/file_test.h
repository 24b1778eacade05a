// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fault_file_system.h"
#include "offsetstore/backends/file.h"
#include "offsetstore/testing/test_group.h"
#include "temp_dir.h"

namespace offsetstore::testing {

/// A folder of a file store that does not exist yet, and stores on it.
struct FileFolder {
  std::shared_ptr<FaultFileSystem> quick = std::make_shared<FaultFileSystem>();
  TempDir parent;
  FileOptions options = Options();

  [[nodiscard]] std::unique_ptr<OffsetStore> Open() const;
  /// Without waiting for the disk.
  [[nodiscard]] std::unique_ptr<OffsetStore> OpenQuick() const;
  [[nodiscard]] std::unique_ptr<OffsetStore> OpenOn(FaultFileSystem& fs) const;
  /// What opening it says; throws where it opens.
  [[nodiscard]] Error OpenError() const;

  [[nodiscard]] std::filesystem::path Groups() const { return options.folder / "groups"; }
  [[nodiscard]] std::filesystem::path Log(std::string_view base = "g") const;
  /// Files whose names hold `part`, in the folder of groups.
  [[nodiscard]] std::vector<std::filesystem::path> FilesWith(std::string_view part) const;

 private:
  [[nodiscard]] FileOptions Options() const;
};

[[nodiscard]] std::string ReadFile(const std::filesystem::path& path);
void WriteFile(const std::filesystem::path& path, std::string_view content);
[[nodiscard]] std::vector<std::string> LinesOf(std::string_view text);

/// `{"orders", number}`.
[[nodiscard]] TopicPartition Part(std::int32_t number);

/// The group `g` of a store.
[[nodiscard]] TestGroup GroupOf(OffsetStore& store);

/// Commits all or nothing; throws where it is not all.
void MustCommitAll(const TestGroup& group, const std::vector<Move>& moves);

/// The positions of all partitions of group `g`, as text: `0=5 1=7`. An error is its code.
[[nodiscard]] std::string StateOf(OffsetStore& store);

/// The error of reading all of group `g`; throws where that succeeds.
[[nodiscard]] Error FetchError(OffsetStore& store);

/// A forked process that runs `work` with the writing end of a pipe and then exits with what that
/// returns. Killed and reaped at the end.
class Forked {
 public:
  explicit Forked(const std::function<int(int out)>& work);
  Forked(const Forked&) = delete;
  Forked& operator=(const Forked&) = delete;
  ~Forked();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// The next number that it wrote with `Tell`; none at the end.
  [[nodiscard]] std::optional<std::int64_t> Next() const;
  void Signal(int number) const;
  /// Waits until it was stopped by a signal.
  void WaitStopped() const;
  /// Waits for its end: its exit status, or the negative number of the signal that killed it.
  int Wait();

 private:
  pid_t pid_ = -1;
  int out_ = -1;
};

void Tell(int out, std::int64_t number);

}  // namespace offsetstore::testing
