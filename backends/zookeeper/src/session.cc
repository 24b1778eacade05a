// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <sys/socket.h>
#include <zookeeper/zookeeper.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

#include "error.h"
#include "four_letters.h"

#ifdef OFFSETSTORE_ZOOKEEPER_TLS
// The header declares it only beside OpenSSL's own headers.
extern "C" zhandle_t* zookeeper_init_ssl(const char* host,
                                         const char* cert,
                                         watcher_fn fn,
                                         int recv_timeout,
                                         const clientid_t* clientid,
                                         void* context,
                                         int flags);
#endif

namespace offsetstore::zookeeper {

struct Session::Link {
  explicit Link(SessionConfig with) : config(std::move(with)) {}

  static void OnEvent(zhandle_t* handle, int type, int state, const char* path, void* context);
  static void Keep(const std::shared_ptr<Link>& link);

  const SessionConfig config;
  mutable std::mutex mutex;  // guards all below; never held in a call of the client library
  mutable std::condition_variable changed;
  zhandle_t* handle = nullptr;  // null: not yet there, failed, or closed
  int init_error = 0;           // errno of a start that failed
  int state = 0;                // the last session event
  bool authenticated = false;   // credentials are queued before any request
  bool closing = false;
  bool closed = false;
};

namespace {

// The client library logs to stderr by itself.
void Silence(const char* /*message*/) {}

zhandle_t* Init(const SessionConfig& config, watcher_fn on_event, void* context) {
  const auto timeout = static_cast<int>(config.timeout.count());
#ifdef OFFSETSTORE_ZOOKEEPER_TLS
  if (!config.tls.empty()) {
    zhandle_t* handle = zookeeper_init_ssl(config.hosts.c_str(),
                                           config.tls.c_str(),
                                           on_event,
                                           timeout,
                                           nullptr,
                                           context,
                                           ZOO_NO_LOG_CLIENTENV);
    if (handle != nullptr) zoo_set_log_callback(handle, &Silence);
    return handle;
  }
#endif
  return zookeeper_init2(
      config.hosts.c_str(), on_event, timeout, nullptr, context, ZOO_NO_LOG_CLIENTENV, &Silence);
}

bool IsDead(int state) {
  return state == ZOO_EXPIRED_SESSION_STATE || state == ZOO_AUTH_FAILED_STATE;
}

}  // namespace

void Session::Link::OnEvent(
    zhandle_t* /*handle*/, int type, int state, const char* /*path*/, void* context) {
  if (type != ZOO_SESSION_EVENT) return;
  auto* link = static_cast<Link*>(context);
  {
    const std::lock_guard lock(link->mutex);
    link->state = state;
  }
  link->changed.notify_all();
}

// The whole life of the handle, on a thread of its own, which keeps `link` alive for the library's
// threads: they end within zookeeper_close.
void Session::Link::Keep(const std::shared_ptr<Link>& link) {
  errno = 0;
  zhandle_t* handle = Init(link->config, &OnEvent, link.get());
  const int error = errno;
  if (handle != nullptr && !link->config.digest.empty()) {
    zoo_add_auth(handle,
                 "digest",
                 link->config.digest.data(),
                 static_cast<int>(link->config.digest.size()),
                 nullptr,
                 nullptr);
  }
  {
    std::unique_lock lock(link->mutex);
    link->handle = handle;
    link->authenticated = true;
    if (handle == nullptr) link->init_error = error == 0 ? EINVAL : error;
    link->changed.notify_all();
    link->changed.wait(lock, [&] { return link->closing; });
    link->handle = nullptr;
  }
  if (handle != nullptr) zookeeper_close(handle);
  {
    const std::lock_guard lock(link->mutex);
    link->closed = true;
  }
  link->changed.notify_all();
}

std::shared_ptr<Session> Session::Start(const SessionConfig& config) {
  auto link = std::make_shared<Link>(config);
  std::thread([link] { Link::Keep(link); }).detach();
  return std::shared_ptr<Session>(new Session(std::move(link)));
}

Session::~Session() {
  RequestClose();
}

void Session::RequestClose() {
  {
    const std::lock_guard lock(link_->mutex);
    link_->closing = true;
  }
  link_->changed.notify_all();
}

bool Session::Dead() const {
  const std::lock_guard lock(link_->mutex);
  return link_->closing || link_->init_error != 0 || IsDead(link_->state);
}

Status Session::AwaitConnected(Deadline deadline) const {
  std::unique_lock lock(link_->mutex);
  const auto decided = [this] {
    return link_->init_error != 0 || IsDead(link_->state) ||
           (link_->authenticated && link_->state == ZOO_CONNECTED_STATE);
  };
  const std::string& hosts = link_->config.shown;
  if (!link_->changed.wait_until(lock, deadline.time(), decided)) {
    return MakeError(
        ErrorCode::kUnavailable,
        "no server of " + hosts + " took the session by the deadline; nothing was sent");
  }
  if (link_->init_error != 0) {
    return MakeError(ErrorCode::kUnavailable,
                     "cannot start a session with " + hosts + ": no address was found (" +
                         std::strerror(link_->init_error) + "); check the host names");
  }
  if (link_->state == ZOO_AUTH_FAILED_STATE) {
    return MakeError(ErrorCode::kPermissionDenied, hosts + " refused the authentication");
  }
  if (link_->state == ZOO_EXPIRED_SESSION_STATE) {
    return MakeError(ErrorCode::kUnavailable, "the session with " + hosts + " expired");
  }
  return {};
}

std::vector<Reply> Session::Run(std::span<const Request> requests,
                                std::size_t window,
                                Deadline deadline) const {
  zhandle_t* handle = nullptr;
  {
    const std::lock_guard lock(link_->mutex);
    handle = link_->handle;
  }
  if (handle == nullptr) return std::vector<Reply>(requests.size());
  const auto batch = std::make_shared<Batch>(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!batch->AwaitRoom(window, deadline)) break;
    batch->Send(handle, requests[i], i);
  }
  return batch->Take(deadline);
}

std::string Session::Ask(std::string_view word, Deadline deadline) const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* peer = reinterpret_cast<sockaddr*>(&address);
  {
    const std::lock_guard lock(link_->mutex);
    if (link_->handle == nullptr || !link_->config.tls.empty()) return {};
    if (zookeeper_get_connected_host(link_->handle, peer, &size) == nullptr) return {};
  }
  return AskServer(*peer, size, word, deadline);
}

Status Session::Close(Deadline deadline) {
  RequestClose();
  std::unique_lock lock(link_->mutex);
  if (link_->changed.wait_until(lock, deadline.time(), [this] { return link_->closed; })) return {};
  return MakeError(ErrorCode::kDeadlineExceeded,
                   "the session was not closed by the deadline; it ends by itself");
}

}  // namespace offsetstore::zookeeper
