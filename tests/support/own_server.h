// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

#include "temp_dir.h"

namespace offsetstore::testing {

/// A server of a test's own, to be killed, stopped and frozen: what `tests/services/NAME.sh`
/// starts. Everything throws where it does not work.
class OwnServer {
 public:
  /// `name` is the script's, in lower case: `kafka`, `redis`.
  explicit OwnServer(std::string name);
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;
  ~OwnServer();

  /// Where it is: the value of `OFFSETSTORE_TEST_NAME` that the script prints.
  [[nodiscard]] std::string address() const { return Value("OFFSETSTORE_TEST_" + upper_name_); }
  /// The value of any variable that the script prints.
  [[nodiscard]] std::string Value(const std::string& variable) const;
  [[nodiscard]] const TempDir& folder() const noexcept { return folder_; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  /// Starts it, again on the same port with the same data.
  void Start();
  /// In good order.
  void Stop();
  /// `kill -9`, and waits until the process is gone.
  void Kill();
  /// Takes connections and answers nothing, until `Thaw`.
  void Freeze() const;
  void Thaw() const;

 private:
  std::string name_;
  std::string upper_name_;
  TempDir folder_;
  std::string exports_;
  pid_t pid_ = 0;
};

/// Freezes a server's process for a scope.
class Frozen {
 public:
  explicit Frozen(pid_t pid);
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;
  ~Frozen();

 private:
  pid_t pid_;
};

}  // namespace offsetstore::testing
