// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

namespace offsetstore::testing {

/// A child process made by `fork`, which runs `work` and ends without destructors. `work` gets a
/// way to send lines to the parent. Killed and reaped at the end of the scope. Fork before threads
/// are started.
class Forked {
 public:
  using Send = std::function<void(const std::string& line)>;

  explicit Forked(const std::function<void(const Send&)>& work);
  Forked(const Forked&) = delete;
  Forked& operator=(const Forked&) = delete;
  ~Forked();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// The next line; none at the end of the output. Throws where nothing comes for a long time.
  [[nodiscard]] std::optional<std::string> Receive();
  void Signal(int signal) const;
  /// Waits until the child has stopped (SIGSTOP).
  void AwaitStop() const;
  /// Waits for its end; the exit status of `waitpid`.
  int Join();

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string read_;
};

}  // namespace offsetstore::testing
