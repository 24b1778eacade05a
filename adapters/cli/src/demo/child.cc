// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "demo/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <system_error>
#include <utility>

namespace offsetstore::cli {
namespace {

constexpr int kCannotStart = 127;

Error ChildError(const std::string& what, int code) {
  Error error =
      MakeError(ErrorCode::kInternal, what + ": " + std::generic_category().message(code));
  error.native = code;
  return error;
}

/// Between fork and exec: only calls that are safe there.
[[noreturn]] void BecomeChild(pid_t parent, int out, int log, char* const* arguments) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kCannotStart);
  ::setpgid(0, 0);
  ::dup2(out >= 0 ? out : log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execv("/proc/self/exe", arguments);
  ::_exit(kCannotStart);
}

}  // namespace

Result<Child> Child::Start(const std::vector<std::string>& arguments,
                           const std::filesystem::path& log,
                           bool pipe) {
  std::vector<std::string> words = {"offsetctl"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int log_fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log_fd < 0) return ChildError("cannot open " + log.string(), errno);
  std::array<int, 2> ends = {-1, -1};
  if (pipe && ::pipe2(ends.data(), O_CLOEXEC) != 0) {
    const int code = errno;
    ::close(log_fd);
    return ChildError("cannot make a pipe", code);
  }
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) BecomeChild(parent, ends[1], log_fd, pointers.data());
  const int code = errno;
  ::close(log_fd);
  if (pipe) ::close(ends[1]);
  Child child(pid, ends[0]);
  if (pid < 0) return ChildError("cannot start another process", code);
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      out_(std::exchange(other.out_, -1)),
      ended_(other.ended_) {}

Child::~Child() {
  Kill();
  if (out_ >= 0) ::close(out_);
}

std::optional<int> Child::Ended() {
  if (ended_ || pid_ < 0) return ended_;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  ended_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return ended_;
}

void Child::Kill() {
  if (ended_ || pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  ended_ = 128 + SIGKILL;
}

Result<std::string> Child::ReadLine(Deadline deadline) const {
  std::string line;
  while (!deadline.Passed()) {
    pollfd in{out_, POLLIN, 0};
    if (::poll(&in, 1, static_cast<int>(deadline.Remaining().count())) <= 0) continue;
    char c = 0;
    if (::read(out_, &c, 1) != 1) break;
    if (c == '\n') return line;
    line += c;
  }
  return MakeError(ErrorCode::kUnavailable, "the process ended, or said nothing in time");
}

std::string LastLine(const std::filesystem::path& log) {
  std::ifstream in(log);
  std::string last = "no reason given";
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

}  // namespace offsetstore::cli
