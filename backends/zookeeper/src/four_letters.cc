// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "four_letters.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

namespace offsetstore::zookeeper {
namespace {

constexpr std::size_t kMostAnswer = 64 << 10;

class Socket {
 public:
  explicit Socket(int family)
      : fd_(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

  [[nodiscard]] bool Await(short event, Deadline deadline) const {
    pollfd wait{fd_, event, 0};
    while (!deadline.Passed()) {
      const auto left = std::min<Duration::rep>(deadline.Remaining().count() + 1, 1000);
      const int ready = ::poll(&wait, 1, static_cast<int>(left));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
    return false;
  }

 private:
  int fd_;
};

bool Connect(const Socket& socket, const sockaddr& server, socklen_t size, Deadline deadline) {
  if (socket.get() < 0) return false;
  if (::connect(socket.get(), &server, size) == 0) return true;
  if (errno != EINPROGRESS || !socket.Await(POLLOUT, deadline)) return false;
  int failure = 0;
  socklen_t length = sizeof failure;
  return ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &failure, &length) == 0 && failure == 0;
}

}  // namespace

std::string AskServer(const sockaddr& server,
                      socklen_t size,
                      std::string_view word,
                      Deadline deadline) {
  const Socket socket(server.sa_family);
  if (!Connect(socket, server, size, deadline)) return {};
  const auto sent = ::send(socket.get(), word.data(), word.size(), MSG_NOSIGNAL);
  if (sent < 0 || static_cast<std::size_t>(sent) != word.size()) return {};
  std::string answer;
  std::array<char, 4096> part{};
  while (answer.size() < kMostAnswer && socket.Await(POLLIN, deadline)) {
    const auto got = ::recv(socket.get(), part.data(), part.size(), 0);
    if (got == 0) return answer;
    if (got > 0) answer.append(part.data(), static_cast<std::size_t>(got));
    if (got < 0 && errno != EAGAIN && errno != EINTR) break;
  }
  return {};
}

}  // namespace offsetstore::zookeeper
