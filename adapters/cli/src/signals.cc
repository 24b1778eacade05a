// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "signals.h"

#include <unistd.h>

#include <csignal>

namespace offsetstore::cli {
namespace {

constexpr int kSignalled = 128;

volatile std::sig_atomic_t finish_first = 0;
volatile std::sig_atomic_t received = 0;

extern "C" void OnSignal(int signal) {
  if (finish_first == 0 || received != 0) ::_exit(kSignalled + signal);
  received = signal;
}

void Handle(int signal) noexcept {
  struct sigaction before {};
  sigaction(signal, nullptr, &before);
  // Ignored from the start (nohup, a shell's background job): that stays.
  if (before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = OnSignal;
  // No SA_RESTART: a write that waits for a slow reader must notice.
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

void Ignore(int signal) noexcept {
  struct sigaction action {};
  action.sa_handler = SIG_IGN;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void EndOnSignal() noexcept {
  finish_first = 0;
  for (const int signal : {SIGPIPE, SIGXFSZ}) Ignore(signal);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) Handle(signal);
}

void FinishOnFirstSignal() noexcept {
  finish_first = 1;
}

bool StopAsked() noexcept {
  return received != 0;
}

ExitCode SignalledOr(ExitCode code) noexcept {
  return StopAsked() ? static_cast<ExitCode>(kSignalled + received) : code;
}

}  // namespace offsetstore::cli
