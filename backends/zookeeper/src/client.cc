// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "client.h"

#include <system_error>
#include <utility>

#include "internal/macros.h"

namespace offsetstore::zookeeper {
namespace {

constexpr std::uint16_t kDefaultPort = 2181;

/// The library takes the last colon for that before the port, and looks the rest up as it is: a
/// bracket around an IPv6 address would be part of its name.
enum class Brackets : std::uint8_t { kNone, kAroundIpv6 };
std::string HostList(const std::vector<Uri::Host>& hosts, Brackets brackets) {
  std::string list;
  for (const Uri::Host& host : hosts) {
    if (!list.empty()) list += ',';
    const bool is_v6 = host.name.find(':') != std::string::npos;
    list += is_v6 && brackets == Brackets::kAroundIpv6 ? '[' + host.name + ']' : host.name;
    list += ':' + std::to_string(host.port.value_or(kDefaultPort));
  }
  return list;
}

SessionConfig ToConfig(const ZooKeeperOptions& options) {
  SessionConfig config;
  config.hosts = HostList(options.hosts, Brackets::kNone);
  config.shown = HostList(options.hosts, Brackets::kAroundIpv6);
  config.timeout = options.session_timeout;
  if (!options.user.empty()) config.digest = options.user + ':' + options.password;
  if (!options.tls_ca.empty()) {
    config.tls = options.tls_ca + ',' + options.tls_cert + ',' + options.tls_key;
  }
  return config;
}

}  // namespace

Client::Client(const ZooKeeperOptions& options)
    : config_(ToConfig(options)),
      root_(options.chroot),
      creator_all_(options.acl == ZooKeeperOptions::Acl::kCreatorAll) {}

Result<std::shared_ptr<Session>> Client::Current() {
  const std::lock_guard lock(mutex_);
  if (closed_) return MakeError(ErrorCode::kUnavailable, "the store is closed");
  // A handle whose session expired never works again; a new one brings its credentials along.
  if (session_ == nullptr || session_->Dead()) {
    try {
      session_ = Session::Start(config_);
    } catch (const std::system_error& error) {
      return MakeError(ErrorCode::kUnavailable,
                       std::string("no thread for the session: ") + error.what());
    }
  }
  return session_;
}

Result<std::shared_ptr<Session>> Client::Connected(Deadline deadline) {
  while (true) {
    OS_ASSIGN_OR_RETURN(std::shared_ptr<Session> session, Current());
    Status connected = session->AwaitConnected(deadline);
    if (connected) return session;
    const bool expired = connected.error().code == ErrorCode::kUnavailable && session->Dead();
    if (!expired || deadline.Passed()) return std::move(connected).error();
  }
}

Status Client::Close(Deadline deadline) {
  std::shared_ptr<Session> session;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    session = std::exchange(session_, nullptr);
  }
  return session == nullptr ? Status() : session->Close(deadline);
}

}  // namespace offsetstore::zookeeper
