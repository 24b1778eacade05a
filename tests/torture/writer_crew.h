// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "operation.h"
#include "temp_dir.h"

namespace offsetstore::testing {

/// Processes that run `torture_writer` on one group, each with a history of its own. Killed and
/// reaped at the end.
class WriterCrew {
 public:
  WriterCrew(std::string uri, std::size_t processes, int partitions, unsigned seed);
  WriterCrew(const WriterCrew&) = delete;
  WriterCrew& operator=(const WriterCrew&) = delete;
  ~WriterCrew();

  /// SIGKILL to one of them, and another one in its place.
  void KillOne();
  /// Waits until each that lives was told of `more` operations that they are applied; false where
  /// that takes longer than `limit`.
  [[nodiscard]] bool AllGoOn(std::size_t more, std::chrono::milliseconds limit);
  /// Ends all in good order; false where one ended by itself or not with 0.
  [[nodiscard]] bool Finish();

  [[nodiscard]] const std::string& group() const noexcept { return group_; }
  [[nodiscard]] int kills() const noexcept { return kills_; }
  /// What all wrote down, also those that were killed.
  [[nodiscard]] std::vector<Operation> History() const;

 private:
  struct Process {
    pid_t pid = 0;
    int number = 0;
    std::streamoff read = 0;
    std::size_t applied = 0;
  };
  [[nodiscard]] Process Start();
  [[nodiscard]] std::filesystem::path FileOf(int number) const;
  [[nodiscard]] std::size_t Applied(Process& process) const;

  TempDir dir_;
  std::string uri_;
  std::string group_;
  int partitions_;
  std::mt19937 random_;
  int started_ = 0;
  int kills_ = 0;
  std::vector<Process> processes_;
};

}  // namespace offsetstore::testing
