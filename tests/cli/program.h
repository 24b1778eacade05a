// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "files.h"

namespace offsetstore::testing {

/// How one run of the program ended and what it said.
struct Ran {
  int code = -1;  ///< 128 + signal where one ended it.
  std::string out;
  std::string err;

  [[nodiscard]] bool ErrHas(std::string_view text) const {
    return err.find(text) != std::string::npos;
  }
  [[nodiscard]] bool OutHas(std::string_view text) const {
    return out.find(text) != std::string::npos;
  }
};

using Words = std::vector<std::string>;

/// Runs offsetctl to its end; or another program, where the first word is its absolute path.
/// `stdout_path`: where its output goes instead.
[[nodiscard]] Ran Offsetctl(const Words& arguments, const std::string& stdout_path = {});

/// A run that is still under way. Its output goes to files, or to a pipe whose reader the test is.
class Running {
 public:
  enum class Output { kFile, kPipe };
  explicit Running(const Words& arguments,
                   Output output = Output::kFile,
                   const std::string& path = {});
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  /// Kills what still runs.
  ~Running();

  void Signal(int signal) const;
  /// Reads up to `bytes` of its piped output, blocking for the first.
  [[nodiscard]] std::string ReadPipe(std::size_t bytes) const;
  void ClosePipe();
  /// What it wrote to standard output, and to standard error, by now.
  [[nodiscard]] std::string Out() const;
  [[nodiscard]] std::string Err() const;
  /// Whether it has this file open.
  [[nodiscard]] bool HasOpen(const std::filesystem::path& file) const;
  [[nodiscard]] bool Over();
  /// Waits for the end, one minute at most; throws where it does not come.
  [[nodiscard]] Ran Wait();

 private:
  std::filesystem::path folder_;
  std::filesystem::path out_;
  pid_t pid_ = -1;
  int pipe_ = -1;
  int code_ = -1;
};

/// Whether `err` is exactly one line that begins with `offsetctl: `.
[[nodiscard]] bool IsOneComplaint(const std::string& err);

}  // namespace offsetstore::testing
