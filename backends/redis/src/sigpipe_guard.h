// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace offsetstore::redis {

/// Keeps SIGPIPE from this thread while it lives, and swallows the one that a write raised.
/// hiredis writes with write(2), which kills the process where the peer has closed. The handler of
/// the process is the application's and is not touched.
class SigpipeGuard {
 public:
  SigpipeGuard() noexcept;
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;
  ~SigpipeGuard();

 private:
  sigset_t before_{};
  bool was_pending_ = false;  // the application's own, which stays pending
};

}  // namespace offsetstore::redis
