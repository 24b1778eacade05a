// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "examine.h"
#include "internal/macros.h"
#include "internal/password_keys.h"
#include "offsetstore/backends/zookeeper.h"

namespace offsetstore {
namespace {

constexpr std::string_view kExample = "zookeeper://zk1:2181,zk2:2181/kafka";

Error Invalid(const std::string& message) {
  return MakeError(ErrorCode::kConfigInvalid, message + ", as in " + std::string(kExample));
}

Status CheckChroot(std::string_view chroot) {
  if (chroot.empty()) return {};
  if (chroot.front() != '/') return Invalid("the chroot starts with a slash");
  // An empty, `.` or `..` component is refused by the server with a message about arguments.
  while (!chroot.empty()) {
    chroot.remove_prefix(1);
    const std::string_view part = chroot.substr(0, chroot.find('/'));
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string_view::npos) {
      return Invalid("the chroot has a component '" + Printable(part) +
                     "', which ZooKeeper does not take");
    }
    chroot.remove_prefix(part.size());
  }
  return {};
}

Status CheckTls(const ZooKeeperOptions& options) {
  if (options.tls_ca.empty() && options.tls_cert.empty() && options.tls_key.empty()) return {};
#ifdef OFFSETSTORE_ZOOKEEPER_TLS
  if (options.tls_ca.empty() || options.tls_cert.empty() || options.tls_key.empty()) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "TLS to ZooKeeper needs all three of tls-ca, tls-cert and tls-key");
  }
  return {};
#else
  return MakeError(ErrorCode::kUnsupported,
                   "this build's ZooKeeper client library has no TLS (Debian's has none); build "
                   "with one that exports zookeeper_init_ssl, or put stunnel in between");
#endif
}

Status CheckAuth(const ZooKeeperOptions& options) {
  if (options.user.empty() != options.password.empty()) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "digest authentication needs both a user and a password; give the password "
                     "by password-file= or password-env=");
  }
  if (options.user.find(':') != std::string::npos) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "the user of digest authentication may not hold a colon");
  }
  if (options.acl == ZooKeeperOptions::Acl::kCreatorAll && options.user.empty()) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "acl=creator-all gives new nodes to their creator's identity; name one: "
                     "zookeeper://USER@HOST/...?password-file=PATH");
  }
  return {};
}

Status Check(const ZooKeeperOptions& options) {
  OS_RETURN_IF_ERROR(CheckChroot(options.chroot));
  OS_RETURN_IF_ERROR(CheckAuth(options));
  if (options.session_timeout < std::chrono::milliseconds(100) ||
      options.session_timeout > std::chrono::hours(1)) {
    return MakeError(ErrorCode::kConfigInvalid, "session-timeout is 100ms to 1h");
  }
  return CheckTls(options);
}

Status RefuseMissing(QueryReader& query) {
  if (!query.String("space", "").empty()) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "a ZooKeeper store has no spaces: the tree of Kafka 0.8 has no room for "
                     "them. Use a chroot for each world");
  }
  if (!query.String("sasl", "").empty()) {
    return MakeError(ErrorCode::kUnsupported,
                     "SASL to ZooKeeper is not supported: Debian's client library is built without "
                     "it. Use digest authentication (user and password)");
  }
  return {};
}

}  // namespace

Result<ZooKeeperOptions> ZooKeeperOptions::FromUri(const Uri& uri) {
  if (uri.hosts.empty()) return Invalid("a ZooKeeper store needs at least one host");
  ZooKeeperOptions options;
  options.hosts = uri.hosts;
  options.chroot = uri.path;
  if (!options.chroot.empty() && options.chroot.back() == '/') options.chroot.pop_back();
  options.user = uri.user;
  options.password = uri.password;
  QueryReader query(uri);
  internal::KnowPasswordKeys(query);
  OS_RETURN_IF_ERROR(RefuseMissing(query));
  options.session_timeout = query.Duration("session-timeout", options.session_timeout);
  constexpr std::array<std::string_view, 2> kAcls = {"world", "creator-all"};
  options.acl = query.Choice("acl", kAcls, "world") == "world" ? Acl::kWorld : Acl::kCreatorAll;
  options.create = query.Bool("create", false);
  options.tls_ca = query.String("tls-ca", "");
  options.tls_cert = query.String("tls-cert", "");
  options.tls_key = query.String("tls-key", "");
  OS_RETURN_IF_ERROR(query.Finish());
  OS_RETURN_IF_ERROR(Check(options));
  return options;
}

Status RegisterZooKeeperBackend(BackendRegistry& registry) {
  BackendInfo backend;
  backend.name = "zookeeper";
  backend.schemes = {"zookeeper"};
  backend.summary = "the tree of Kafka 0.8 consumers in ZooKeeper, readable by their old tools";
  backend.example = kExample;
  backend.open = [](const Uri& uri, Deadline deadline) -> Result<std::unique_ptr<OffsetStore>> {
    OS_ASSIGN_OR_RETURN(const ZooKeeperOptions options, ZooKeeperOptions::FromUri(uri));
    return OpenZooKeeperStore(options, deadline);
  };
  backend.examine = [](const Uri& uri, Deadline deadline) -> Result<Examination> {
    OS_ASSIGN_OR_RETURN(const ZooKeeperOptions options, ZooKeeperOptions::FromUri(uri));
    return zookeeper::ExamineZooKeeperStore(options, deadline);
  };
  return registry.Add(std::move(backend));
}

}  // namespace offsetstore
