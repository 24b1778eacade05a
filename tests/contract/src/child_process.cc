// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/testing/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "child_channel.h"

namespace offsetstore::testing {
namespace {

[[noreturn]] void FailWith(int error_number, const char* what) {
  throw std::system_error(error_number, std::generic_category(), what);
}

/// Moves both ends above the two numbers that the child is given.
std::pair<int, int> Raise(const std::array<int, 2>& low) {
  std::array<int, 2> high{};
  for (std::size_t i = 0; i < low.size(); ++i) {
    high.at(i) = ::fcntl(low.at(i), F_DUPFD_CLOEXEC, kChildAnswers + 1);
    if (high.at(i) < 0) FailWith(errno, "fcntl");
    ::close(low.at(i));
  }
  return {high[0], high[1]};
}

/// For orders: a child that is gone is an error of `send`, where a pipe would raise SIGPIPE.
std::pair<int, int> MakeSocketPair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    FailWith(errno, "socketpair");
  }
  return Raise(ends);
}

/// For answers: what a killed child wrote can still be read, up to a plain end.
std::pair<int, int> MakePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) FailWith(errno, "pipe2");
  return Raise(ends);
}

/// What `posix_spawn` does in the child: the pipes at their numbers, no output of its own.
class SpawnActions {
 public:
  SpawnActions(int orders, int answers) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, orders, kChildOrders);
    ::posix_spawn_file_actions_adddup2(&actions_, answers, kChildAnswers);
    ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }

  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

pid_t Spawn(const SpawnActions& actions, std::string test_case, std::string uri) {
  std::string program = "/proc/self/exe";
  std::string all = "--no-skip=true";
  std::string only = "--test-case=" + std::move(test_case);
  const std::array<char*, 4> arguments = {program.data(), only.data(), all.data(), nullptr};
  std::vector<char*> environment;
  for (char** entry = ::environ; *entry != nullptr; ++entry) environment.push_back(*entry);
  std::string order = std::string(kChildVariable) + '=' + std::move(uri);
  environment.push_back(order.data());
  environment.push_back(nullptr);
  pid_t pid = -1;
  const int failed = ::posix_spawn(
      &pid, program.c_str(), actions.get(), nullptr, arguments.data(), environment.data());
  if (failed != 0) FailWith(failed, "posix_spawn");
  return pid;
}

}  // namespace

ChildProcess::ChildProcess(std::string_view test_case, std::string_view uri) {
  const auto [child_orders, orders] = MakeSocketPair();
  const auto [answers, child_answers] = MakePipe();
  orders_ = orders;
  answers_ = answers;
  const SpawnActions actions(child_orders, child_answers);
  pid_ = Spawn(actions, std::string(test_case), std::string(uri));
  ::close(child_orders);
  ::close(child_answers);
}

ChildProcess::~ChildProcess() {
  Kill();
  ::close(orders_);
  ::close(answers_);
}

void ChildProcess::Order(std::string_view line) {
  const std::string text = std::string(line) + '\n';
  // One short line: it is taken whole.
  const ssize_t sent = ::send(orders_, text.data(), text.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(text.size())) {
    FailWith(errno, "order");
  }
}

std::optional<std::string> ChildProcess::NextLine() {
  const Deadline deadline = Soon();
  for (;;) {
    const std::size_t end = unread_.find('\n');
    if (end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    if (!ReadMore(deadline)) return std::nullopt;
  }
}

bool ChildProcess::ReadMore(Deadline deadline) {
  pollfd ready{answers_, POLLIN, 0};
  const int count = ::poll(&ready, 1, static_cast<int>(deadline.Remaining().count()));
  if (count == 0) throw std::runtime_error("the child process does not answer");
  if (count < 0 && errno != EINTR) FailWith(errno, "poll");
  if (count < 0) return true;
  std::array<char, 4096> buffer{};
  const ssize_t size = ::read(answers_, buffer.data(), buffer.size());
  if (size < 0 && errno != EINTR) FailWith(errno, "read");
  if (size > 0) unread_.append(buffer.data(), static_cast<std::size_t>(size));
  return size != 0;
}

std::vector<std::string> ChildProcess::LinesUntilDone() {
  std::vector<std::string> lines;
  for (;;) {
    auto line = NextLine();
    if (!line) throw std::runtime_error("the child process ended");
    if (line->starts_with("failed")) throw std::runtime_error("child process: " + *line);
    if (*line == "done") return lines;
    lines.push_back(*std::move(line));
  }
}

void ChildProcess::Kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

}  // namespace offsetstore::testing
