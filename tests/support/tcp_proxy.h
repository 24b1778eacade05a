// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace offsetstore::testing {

/// A network between a client and a real server on 127.0.0.1, whose faults a test chooses. A fault
/// acts on all connections, those that are open and those to come. Throws where it cannot listen.
class TcpProxy {
 public:
  enum class Fault : std::uint8_t {
    kNone,          ///< Everything passes.
    kHoldRequests,  ///< What clients send is kept here: sent for them, unknown to the server.
    kHoldReplies,   ///< What the server says is kept here: done by the server, unknown to clients.
    kCutRequest,    ///< Once: the next bytes of a client are lost and its connection is cut.
    kCutReply,      ///< Once: the next bytes of the server are lost and that connection is cut.
    kHalfClose,     ///< Once: instead of the server's next bytes the client sees the end of the
                    ///< stream; its own direction stays open.
    kRefuse,        ///< Every connection is cut, new ones at once.
  };

  /// `own_port`: where clients are to connect; 0: any port.
  explicit TcpProxy(std::uint16_t server_port, std::uint16_t own_port = 0);
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;
  ~TcpProxy();

  /// Where clients connect, on 127.0.0.1.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// What was held is passed on where the fault does not hold it any more; but requests whose
  /// client has gone away stay here until `ReleaseLate`.
  void Set(Fault fault);
  /// Passes on the held requests of clients that have gone away: originals that arrive late.
  /// Returns how many connections had one. The server's answers to them are dropped.
  std::size_t ReleaseLate();
  /// Cuts every connection now, with what is held; from then on everything passes.
  void CutAll();
  /// Waits until something is held.
  [[nodiscard]] bool AwaitHeld(std::chrono::milliseconds limit = std::chrono::seconds(20)) const;
  /// Waits until a once-only fault has happened.
  [[nodiscard]] bool AwaitDone(std::chrono::milliseconds limit = std::chrono::seconds(20)) const;

 private:
  struct Connection {
    int client = -1;  ///< -1 = gone.
    int server = -1;
    bool late = false;     ///< Its held requests were released after its client had gone.
    std::string requests;  ///< Read from the client, not yet given to the server.
    std::string replies;
  };

  void Loop();
  void Accept();
  [[nodiscard]] bool Serve(Connection& one, short client_events, short server_events);
  [[nodiscard]] bool ReadClient(Connection& one);
  [[nodiscard]] bool ReadServer(Connection& one);
  void Flush(Connection& one) const;
  void Close(Connection& one) const;
  void Wake() const;

  int listener_ = -1;
  int wake_ = -1;  ///< An eventfd that ends a poll.
  std::uint16_t port_ = 0;
  std::uint16_t server_port_;

  mutable std::mutex mutex_;
  Fault fault_ = Fault::kNone;
  bool ending_ = false;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::thread thread_;  // last: it uses all of the above
};

/// The port of `host:port` or of a URI with one host.
[[nodiscard]] std::uint16_t PortOf(const std::string& address);

}  // namespace offsetstore::testing
