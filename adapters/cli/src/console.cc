// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "console.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
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

/// `text` cut to `most` bytes, not within a character, with how much is left out.
std::string Cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return std::string(text.substr(0, most)) + "...(" + std::to_string(text.size() - most) +
         " bytes more)";
}

/// A name may have 64 KiB: of that a line for people shows the start. What stands around it stays.
std::string Readable(std::string_view text) {
  constexpr std::size_t kLongestWord = 500;
  constexpr std::size_t kLongestLine = 4000;
  std::string out;
  while (!text.empty()) {
    const std::size_t word = std::min(text.find(' '), text.size());
    const std::size_t blanks = std::min(text.find_first_not_of(' ', word), text.size());
    out += Cut(text.substr(0, word), kLongestWord);
    out += text.substr(word, blanks - word);
    text.remove_prefix(blanks);
  }
  return Cut(out, kLongestLine);
}

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
  const std::string line =
      std::string(clear) + "offsetctl: " + Readable(Printable(Redacted(text))) + "\n";
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

Screen OutputScreen() noexcept {
  if (::isatty(STDOUT_FILENO) != 1) return {};
  const char* refused = std::getenv("NO_COLOR");
  Screen screen{refused == nullptr || *refused == '\0', 0, 0};
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    screen.columns = size.ws_col;
    screen.rows = size.ws_row;
  }
  return screen;
}

}  // namespace offsetstore::cli
