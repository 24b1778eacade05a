// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::cli {

/// This program run once more, with other arguments. It is killed with SIGKILL when this object or
/// this process ends, and gets no signal from the terminal.
class Child {
 public:
  /// Starts it with standard error, and standard output unless `pipe`, appended to `log`.
  [[nodiscard]] static Result<Child> Start(const std::vector<std::string>& arguments,
                                           const std::filesystem::path& log,
                                           bool pipe = false);

  Child(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child& operator=(Child&&) = delete;
  ~Child();

  /// The exit code (128 + signal where one ended it), or none while it runs.
  [[nodiscard]] std::optional<int> Ended();
  /// SIGKILL, and waits until it is gone.
  void Kill();
  /// The first line of its piped standard output. `Unavailable` where it ends without one.
  [[nodiscard]] Result<std::string> ReadLine(Deadline deadline) const;

 private:
  Child(pid_t pid, int out) : pid_(pid), out_(out) {}
  pid_t pid_ = -1;
  int out_ = -1;
  std::optional<int> ended_;
};

/// The last line of a child's log, for error messages.
[[nodiscard]] std::string LastLine(const std::filesystem::path& log);

}  // namespace offsetstore::cli
