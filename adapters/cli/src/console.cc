// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "console.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "offsetstore/uri.h"

namespace offsetstore::cli {
namespace {

constexpr std::string_view kClearLine = "\r\033[K";

std::atomic<bool> status_shown = false;

}  // namespace

void ReserveStandardDescriptors() noexcept {
  // In this order: the system gives the lowest number that is free.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    const int way = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (::open("/dev/null", way) != fd) ::_exit(static_cast<int>(ExitCode::kFailed));
  }
}

int WriteFully(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

void ShowStatus(std::string_view text) noexcept {
  if (::isatty(STDERR_FILENO) != 1) return;
  if (text.empty() && !status_shown) return;
  status_shown = !text.empty();
  static_cast<void>(WriteFully(STDERR_FILENO, std::string(kClearLine) + std::string(text)));
}

void Complain(std::string_view text) noexcept {
  const std::string_view clear = status_shown.exchange(false) ? kClearLine : std::string_view();
  const std::string line = std::string(clear) + "offsetctl: " + Printable(Redacted(text)) + "\n";
  static_cast<void>(WriteFully(STDERR_FILENO, line));
}

ExitCode Fail(const Error& error) {
  Complain(ToString(error));
  return ExitCodeOf(error);
}

ExitCode Print(std::string_view text, std::string_view lost) {
  const int failure = WriteFully(STDOUT_FILENO, text);
  if (failure == 0) return ExitCode::kDone;
  std::string why = "cannot write to standard output: " + std::generic_category().message(failure);
  if (!lost.empty()) why += "; " + std::string(lost);
  Complain(why);
  return ExitCode::kOutput;
}

bool ColourWanted() noexcept {
  const char* refused = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0');
}

}  // namespace offsetstore::cli
