// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "sigpipe_guard.h"

#include <ctime>

namespace offsetstore::redis {
namespace {

sigset_t OnlySigpipe() noexcept {
  sigset_t signals{};
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  return signals;
}

bool IsPending() noexcept {
  sigset_t pending{};
  sigpending(&pending);
  return sigismember(&pending, SIGPIPE) == 1;
}

}  // namespace

SigpipeGuard::SigpipeGuard() noexcept : was_pending_(IsPending()) {
  const sigset_t signals = OnlySigpipe();
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
}

SigpipeGuard::~SigpipeGuard() {
  if (!was_pending_ && IsPending()) {
    const sigset_t signals = OnlySigpipe();
    const timespec at_once{};
    sigtimedwait(&signals, nullptr, &at_once);
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace offsetstore::redis
