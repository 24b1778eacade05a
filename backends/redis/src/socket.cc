// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "internal/flock.h"

namespace offsetstore::redis {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

/// Closes its descriptor unless it was taken out.
class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const noexcept { return number_; }
  [[nodiscard]] int Take() noexcept { return std::exchange(number_, -1); }

 private:
  int number_;
};

Result<int> ConnectAddress(int family,
                           const sockaddr* address,
                           socklen_t length,
                           const std::string& what,
                           Deadline deadline) {
  Descriptor made(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (made.get() < 0) return internal::ErrnoError(errno, what);
  if (::connect(made.get(), address, length) == 0) return made.Take();
  // EAGAIN: the server's queue of a Unix socket is full.
  if (errno != EINPROGRESS && errno != EINTR) {
    Error error = internal::ErrnoError(errno, what);
    if (error.code != ErrorCode::kPermissionDenied) {
      error.code = ErrorCode::kUnavailable;
      error.retry = Retry::kSafe;
    }
    return error;
  }
  if (!WaitFor(made.get(), POLLOUT, deadline)) {
    return MakeError(ErrorCode::kDeadlineExceeded,
                     what + ": no answer until the deadline; nothing was sent");
  }
  int failed = 0;
  socklen_t size = sizeof failed;
  if (::getsockopt(made.get(), SOL_SOCKET, SO_ERROR, &failed, &size) != 0) failed = errno;
  if (failed != 0) {
    Error error = MakeError(ErrorCode::kUnavailable, what + ": " + std::strerror(failed));
    error.native = failed;
    return error;
  }
  return made.Take();
}

Result<int> ConnectUnix(const std::string& path, Deadline deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "the path of the socket is longer than the system allows: " + Printable(path));
  }
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  return ConnectAddress(AF_UNIX,
                        static_cast<const sockaddr*>(static_cast<const void*>(&address)),
                        sizeof address,
                        "connect to " + Printable(path),
                        deadline);
}

/// Small requests go out at once, and a peer that vanished without a word is noticed some day.
void SetUpTcp(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

Result<int> ConnectTcp(const RedisOptions& options, Deadline deadline) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(options.port);
  const std::string what = "connect to " + Printable(options.host) + ':' + port;
  const int code = ::getaddrinfo(options.host.c_str(), port.c_str(), &hints, &found);
  if (code != 0) {
    return MakeError(ErrorCode::kUnavailable, what + ": " + ::gai_strerror(code));
  }
  const AddressList addresses(found, &freeaddrinfo);
  int left = 0;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) ++left;
  Result<int> last = MakeError(ErrorCode::kUnavailable, what + ": the name has no address");
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next, --left) {
    // An address that does not answer leaves time for the next one.
    const Deadline share = left > 1 ? deadline.Sooner(deadline.Remaining() / left) : deadline;
    last = ConnectAddress(one->ai_family, one->ai_addr, one->ai_addrlen, what, share);
    if (!last) continue;
    SetUpTcp(*last);
    break;
  }
  return last;
}

}  // namespace

bool WaitFor(int descriptor, short events, Deadline deadline) {
  for (;;) {
    pollfd wait{.fd = descriptor, .events = events, .revents = 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(deadline.Remaining().count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // the call that follows says what is wrong
    if (deadline.Passed()) return false;
  }
}

Result<int> ConnectSocket(const RedisOptions& options, Deadline deadline) {
  return options.socket.empty() ? ConnectTcp(options, deadline)
                                : ConnectUnix(options.socket.string(), deadline);
}

}  // namespace offsetstore::redis
