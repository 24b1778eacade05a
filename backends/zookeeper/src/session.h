// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "request.h"

namespace offsetstore::zookeeper {

struct SessionConfig {
  std::string hosts;  ///< As the client library takes them: `h1:2181,::1:2181`.
  std::string shown;  ///< As a URI has them: `h1:2181,[::1]:2181`.
  Duration timeout{};
  std::string digest;  ///< `user:password`; empty = no authentication.
  std::string tls;     ///< `ca,cert,key`; empty = no TLS.
};

/// One session with the ensemble. The client library's calls that may block without a bound (it
/// resolves names when it starts, and joins its threads when it closes) run on a thread of the
/// session's own, so that nobody waits for them beyond a deadline. Threads: any, but `Close` only
/// when nobody else uses it.
class Session {
 public:
  /// Never blocks. Throws std::system_error where the system gives no more threads.
  [[nodiscard]] static std::shared_ptr<Session> Start(const SessionConfig& config);

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  /// Ends the session without waiting for it.
  ~Session();

  /// It expired or was refused, and will never work again.
  [[nodiscard]] bool Dead() const;

  /// `Unavailable` where no server took it by the deadline, `ConfigInvalid` where no host has an
  /// address, `PermissionDenied` where authentication failed.
  [[nodiscard]] Status AwaitConnected(Deadline deadline) const;

  /// Sends all, `window` at a time, in order, and waits. After a break of the connection, or the
  /// deadline, what was not sent stays `kNotSent`. Requires that it was connected once.
  [[nodiscard]] std::vector<Reply> Run(std::span<const Request> requests,
                                       std::size_t window,
                                       Deadline deadline) const;

  /// What the server of this session answers to a four letter word (`srvr`), on a connection of its
  /// own; empty where it does not, as it may be told. Not through TLS.
  [[nodiscard]] std::string Ask(std::string_view word, Deadline deadline) const;

  /// Ends it, and waits until the deadline: `DeadlineExceeded` where that is not over by then (it
  /// goes on by itself).
  [[nodiscard]] Status Close(Deadline deadline);

 private:
  struct Link;
  explicit Session(std::shared_ptr<Link> link) : link_(std::move(link)) {}
  void RequestClose();

  std::shared_ptr<Link> link_;  // shared with the session's thread, which may outlive us
};

}  // namespace offsetstore::zookeeper
