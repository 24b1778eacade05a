// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/process.h"

#include <doctest/doctest.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "eventually.h"

namespace offsetstore {
namespace {

/// A child that reports its identity and then runs `live`, until it is killed.
class Child {
 public:
  template <class Live>
  explicit Child(Live live) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      const std::string text = ProcessIdentity();
      const bool written = ::write(pipe[1], text.data(), text.size()) > 0;
      ::close(pipe[1]);
      if (written) live();
      ::_exit(1);
    }
    ::close(pipe[1]);
    std::array<char, 256> text{};
    const ssize_t size = ::read(pipe[0], text.data(), text.size());
    ::close(pipe[0]);
    if (size > 0) identity_.assign(text.data(), static_cast<std::size_t>(size));
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    Kill();
    Reap();
  }

  [[nodiscard]] const std::string& identity() const { return identity_; }

  /// Kills it and waits until it is dead, without reaping it.
  void Kill() const {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }
  void Reap() {
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  std::string identity_;
};

void PauseForever() {
  for (;;) ::pause();
}

std::vector<std::string> Parts(const std::string& identity) {
  std::vector<std::string> parts(1);
  for (const char c : identity) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string Join(const std::vector<std::string>& parts) {
  std::string text = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) text += '/' + parts[i];
  return text;
}

TEST_CASE("a process names its boot, pid namespace, pid and start time") {
  const auto parts = Parts(ProcessIdentity());
  REQUIRE(parts.size() == 4);
  CHECK(parts[0].size() == 36);
  CHECK(parts[1].find_first_not_of("0123456789") == std::string::npos);
  CHECK(parts[2] == std::to_string(::getpid()));
  CHECK(parts[3].find_first_not_of("0123456789") == std::string::npos);
  CHECK(ProcessIdentity() == Join(parts));
}

TEST_CASE("a process that runs is running") {
  CHECK(StateOf(ProcessIdentity()) == ProcessState::kRunning);
  const Child child(PauseForever);
  CHECK(child.identity() != ProcessIdentity());
  CHECK(StateOf(child.identity()) == ProcessState::kRunning);
}

TEST_CASE("a killed process is gone, before and after it is reaped") {
  Child child(PauseForever);
  child.Kill();
  CHECK(StateOf(child.identity()) == ProcessState::kGone);
  child.Reap();
  CHECK(StateOf(child.identity()) == ProcessState::kGone);
}

// Whether the process's first thread is shown as a zombie.
bool IsShownAsZombie(const std::string& identity) {
  std::ifstream file("/proc/" + Parts(identity)[2] + "/stat");
  const std::string stat((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return stat.find(") Z ") != std::string::npos;
}

TEST_CASE("a process whose main thread ended while another goes on is running") {
  const Child child([] {
    pthread_t thread{};
    const auto run = [](void* /*argument*/) -> void* {
      PauseForever();
      return nullptr;
    };
    // The bare call: pthread_exit would unwind through the test runner.
    if (::pthread_create(&thread, nullptr, run, nullptr) == 0) ::syscall(SYS_exit, 0);
  });
  REQUIRE(Parts(child.identity()).size() == 4);
  REQUIRE(testing::Eventually([&] { return IsShownAsZombie(child.identity()); }));
  CHECK(StateOf(child.identity()) == ProcessState::kRunning);
}

TEST_CASE("a pid that belongs to a newer process says that the older one is gone") {
  auto parts = Parts(ProcessIdentity());
  REQUIRE(parts.size() == 4);
  parts[3] += '0';
  CHECK(StateOf(Join(parts)) == ProcessState::kGone);
}

TEST_CASE("nothing is said of another boot, another pid namespace, or nonsense") {
  const auto own = Parts(ProcessIdentity());
  REQUIRE(own.size() == 4);
  auto other_boot = own;
  other_boot[0][0] = other_boot[0][0] == 'a' ? 'b' : 'a';
  CHECK(StateOf(Join(other_boot)) == ProcessState::kUnknown);
  auto other_namespace = own;
  other_namespace[1] += '0';
  CHECK(StateOf(Join(other_namespace)) == ProcessState::kUnknown);
  for (const std::string pid : {"", "-1", "self", "..", "99999999999999999999"}) {
    auto bad_pid = own;
    bad_pid[2] = pid;
    CHECK(StateOf(Join(bad_pid)) == ProcessState::kUnknown);
  }
  CHECK(StateOf("") == ProcessState::kUnknown);
  CHECK(StateOf("a/b/c") == ProcessState::kUnknown);
  CHECK(StateOf(ProcessIdentity() + "/x") == ProcessState::kUnknown);
}

}  // namespace
}  // namespace offsetstore
