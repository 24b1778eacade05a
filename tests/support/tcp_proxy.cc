// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "tcp_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "eventually.h"

namespace offsetstore::testing {
namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

const sockaddr* Generic(const sockaddr_in& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

int Connect(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  if (::connect(fd, Generic(address), sizeof(address)) == 0) return fd;
  ::close(fd);
  return -1;
}

/// Appends what can be read now; false where the other side is gone.
bool Receive(int fd, std::string& into) {
  std::array<char, 65536> part{};
  const ssize_t got = ::recv(fd, part.data(), part.size(), MSG_DONTWAIT);
  if (got > 0) into.append(part.data(), static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/// Sends what fits now and takes it out of `from`. A side that is gone shows at its next read.
void SendSome(int fd, std::string& from) {
  if (fd < 0 || from.empty()) return;
  const ssize_t sent = ::send(fd, from.data(), from.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent > 0) from.erase(0, static_cast<std::size_t>(sent));
}

void CloseSide(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

}  // namespace

TcpProxy::TcpProxy(std::uint16_t server_port, std::uint16_t own_port) : server_port_(server_port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address = Loopback(own_port);
  socklen_t size = sizeof(address);
  if (::bind(listener_, Generic(address), size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, static_cast<sockaddr*>(static_cast<void*>(&address)), &size) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  port_ = ntohs(address.sin_port);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) throw std::runtime_error("eventfd");
  thread_ = std::thread([this] { Loop(); });
}

TcpProxy::~TcpProxy() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  Wake();
  thread_.join();
  for (const auto& one : connections_) Close(*one);
  ::close(listener_);
  ::close(wake_);
}

void TcpProxy::Set(Fault fault) {
  {
    const std::lock_guard lock(mutex_);
    fault_ = fault;
  }
  Wake();
}

void TcpProxy::CutAll() {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& one : connections_) Close(*one);
    fault_ = Fault::kNone;
  }
  Wake();
}

std::size_t TcpProxy::ReleaseLate() {
  std::size_t released = 0;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& one : connections_) {
      if (one->client >= 0 || one->requests.empty()) continue;
      one->late = true;
      ++released;
    }
  }
  Wake();
  return released;
}

bool TcpProxy::AwaitHeld(std::chrono::milliseconds limit) const {
  return Eventually(
      [this] {
        const std::lock_guard lock(mutex_);
        return std::any_of(connections_.begin(), connections_.end(), [this](const auto& one) {
          return fault_ == Fault::kHoldReplies ? !one->replies.empty() : !one->requests.empty();
        });
      },
      limit);
}

bool TcpProxy::AwaitDone(std::chrono::milliseconds limit) const {
  return Eventually(
      [this] {
        const std::lock_guard lock(mutex_);
        return fault_ == Fault::kNone;
      },
      limit);
}

void TcpProxy::Wake() const {
  // Fails only where the counter is full, and then a wake-up is waiting already.
  static_cast<void>(::eventfd_write(wake_, 1));
}

void TcpProxy::Loop() {
  std::vector<pollfd> polled;
  for (;;) {
    polled.assign({{listener_, POLLIN, 0}, {wake_, POLLIN, 0}});
    {
      const std::lock_guard lock(mutex_);
      if (ending_) return;
      for (const auto& one : connections_) {
        const auto wants_out = [](const std::string& rest, bool held) {
          return static_cast<short>(rest.empty() || held ? POLLIN : POLLIN | POLLOUT);
        };
        polled.push_back({one->client, wants_out(one->replies, fault_ == Fault::kHoldReplies), 0});
        polled.push_back(
            {one->server,
             wants_out(one->requests,
                       fault_ == Fault::kHoldRequests || (one->client < 0 && !one->late)),
             0});
      }
    }
    ::poll(polled.data(), polled.size(), -1);
    const std::lock_guard lock(mutex_);
    eventfd_t wakes = 0;
    static_cast<void>(::eventfd_read(wake_, &wakes));
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      Connection& one = *connections_[i];
      const std::size_t at = 2 + 2 * i;
      if (fault_ == Fault::kRefuse || !Serve(one, polled[at].revents, polled[at + 1].revents)) {
        Close(one);
      }
    }
    std::erase_if(connections_, [](const auto& one) { return one->client < 0 && one->server < 0; });
    if ((polled[0].revents & POLLIN) != 0) Accept();
  }
}

void TcpProxy::Accept() {
  auto one = std::make_unique<Connection>();
  one->client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  one->server = fault_ == Fault::kRefuse ? -1 : Connect(server_port_);
  if (one->client < 0 || one->server < 0) {
    Close(*one);
    return;
  }
  const int yes = 1;
  ::setsockopt(one->client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  ::setsockopt(one->server, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  connections_.push_back(std::move(one));
}

/// Moves bytes; returns whether the connection stays.
bool TcpProxy::Serve(Connection& one, short client_events, short server_events) {
  constexpr short kReadable = POLLIN | POLLHUP | POLLERR;
  if (one.client >= 0 && (client_events & kReadable) != 0 && !ReadClient(one)) return false;
  if (one.server >= 0 && (server_events & kReadable) != 0 && !ReadServer(one)) return false;
  Flush(one);
  return one.client >= 0 || !one.requests.empty() || one.late;
}

bool TcpProxy::ReadClient(Connection& one) {
  if (!Receive(one.client, one.requests)) {
    CloseSide(one.client);
    return true;
  }
  if (fault_ != Fault::kCutRequest || one.requests.empty()) return true;
  fault_ = Fault::kNone;
  return false;
}

bool TcpProxy::ReadServer(Connection& one) {
  if (!Receive(one.server, one.replies)) {
    // What it had said before still reaches the client.
    if (fault_ != Fault::kHoldReplies) SendSome(one.client, one.replies);
    return false;
  }
  if (one.client < 0) one.replies.clear();
  if (one.replies.empty()) return true;
  if (fault_ == Fault::kCutReply) {
    fault_ = Fault::kNone;
    return false;
  }
  if (fault_ == Fault::kHalfClose) {
    fault_ = Fault::kNone;
    one.replies.clear();
    ::shutdown(one.client, SHUT_WR);
  }
  return true;
}

void TcpProxy::Flush(Connection& one) const {
  const bool kept = one.client < 0 && !one.late;
  if (fault_ != Fault::kHoldRequests && !kept) SendSome(one.server, one.requests);
  if (fault_ != Fault::kHoldReplies) SendSome(one.client, one.replies);
}

void TcpProxy::Close(Connection& one) const {
  CloseSide(one.client);
  CloseSide(one.server);
}

std::uint16_t PortOf(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) throw std::runtime_error("no port in " + address);
  return static_cast<std::uint16_t>(std::stoul(address.substr(colon + 1)));
}

}  // namespace offsetstore::testing
