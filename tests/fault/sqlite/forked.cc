// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "forked.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <exception>
#include <stdexcept>

namespace offsetstore::testing {
namespace {

constexpr int kSilence = 60'000;  // milliseconds; nothing that works comes near it

[[noreturn]] void RunChild(int output, const std::function<void(const Forked::Send&)>& work) {
  const auto send = [output](const std::string& line) {
    const std::string text = line + '\n';
    if (::write(output, text.data(), text.size()) != static_cast<ssize_t>(text.size())) ::_exit(4);
  };
  try {
    work(send);
  } catch (const std::exception& failure) {
    send(std::string("exception: ") + failure.what());
    ::_exit(3);
  }
  ::_exit(0);
}

}  // namespace

Forked::Forked(const std::function<void(const Send&)>& work) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) {
    ::close(ends[0]);
    RunChild(ends[1], work);
  }
  ::close(ends[1]);
  output_ = ends[0];
}

Forked::~Forked() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(output_);
}

std::optional<std::string> Forked::Receive() {
  for (;;) {
    const std::size_t end = read_.find('\n');
    if (end != std::string::npos) {
      std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      return line;
    }
    pollfd ready{.fd = output_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, kSilence) <= 0) throw std::runtime_error("the child says nothing");
    std::array<char, 4096> buffer{};
    const ssize_t size = ::read(output_, buffer.data(), buffer.size());
    if (size < 0) throw std::runtime_error("read from the child");
    if (size == 0) return std::nullopt;
    read_.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

void Forked::Signal(int signal) const {
  if (::kill(pid_, signal) != 0) throw std::runtime_error("kill");
}

void Forked::AwaitStop() const {
  int status = 0;
  if (::waitpid(pid_, &status, WUNTRACED) != pid_ || !WIFSTOPPED(status)) {
    throw std::runtime_error("the child did not stop");
  }
}

int Forked::Join() {
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) throw std::runtime_error("waitpid");
  pid_ = -1;
  return status;
}

}  // namespace offsetstore::testing
