// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/registry.h"
#include "offsetstore/testing/history.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace testing {

/// Another process on the same storage: this same program, told to run the one test case that
/// serves the parent's orders. Killed and reaped at the end. Throws where the system refuses.
///
/// An order is a line of words; names are those that `Unique` makes, so they hold no blank.
///
///     commit GROUP TOPIC PARTITION FIRST LAST           `applied N` for each, then `done`
///     fight GROUP TOPIC PARTITION ROUNDS STEPS OWNER    `applied COUNTER FROM TO`..., then `done`
///     claim GROUP TOPIC PARTITION                       `claimed COUNTER NONCE`
///     move GROUP TOPIC PARTITION TO COUNTER NONCE       the outcome
///
/// What fails is answered `failed TEXT`.
class ChildProcess {
 public:
  /// `test_case` is the full name of the case that calls `ServeAsChild`.
  ChildProcess(std::string_view test_case, std::string_view uri);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  void Order(std::string_view line);
  /// The next line of the answer; none: the process has ended. Throws where nothing comes in time.
  [[nodiscard]] std::optional<std::string> NextLine();
  /// Lines up to `done`. Throws where one says `failed`, and where the process ends first.
  [[nodiscard]] std::vector<std::string> LinesUntilDone();
  /// SIGKILL; returns once the process is gone. Lines it wrote before can still be read.
  void Kill();

 private:
  /// Waits for more of the answer; false: the process has ended.
  [[nodiscard]] bool ReadMore(Deadline deadline);

  pid_t pid_ = -1;
  int orders_ = -1;
  int answers_ = -1;
  std::string unread_;
};

/// Whether this process is such a child.
[[nodiscard]] bool IsChild();

/// Serves orders until the parent goes. Opens the store with `register_backend`.
void ServeAsChild(const std::function<Status(BackendRegistry&)>& register_backend);

/// What the answers to `fight` acknowledge.
[[nodiscard]] std::vector<AppliedCommit> ParseApplied(const std::vector<std::string>& lines);

}  // namespace testing
}  // namespace offsetstore
