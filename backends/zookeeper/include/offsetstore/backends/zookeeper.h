// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/registry.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "offsetstore/uri.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// `Entry::writer` of a position that this store wrote once and that another program (a 0.8
/// consumer, `ImportZkOffsets`, a hand) changed since. Of a position that this store never wrote
/// it is empty.
inline constexpr std::string_view kZooKeeperOutsideWriter =
    "another program, not through this store";

/// Positions in ZooKeeper, in the very tree that Kafka 0.8 consumers keep. See
/// docs/backends/zookeeper.md, and docs/formats/zookeeper-store.md for the nodes.
struct ZooKeeperOptions {
  enum class Acl : std::uint8_t {
    kWorld,       ///< Anyone may do anything, as the old consumers left it.
    kCreatorAll,  ///< New nodes are for their creator's identity alone; needs user and password.
  };
  std::vector<Uri::Host> hosts;  ///< The ensemble; port 2181 where none is given.
  std::string chroot;            ///< Empty, or absolute without a slash at the end.
  std::string user;              ///< Scheme `digest`; empty = nobody.
  std::string password;
  Duration session_timeout = std::chrono::seconds(10);
  Acl acl = Acl::kWorld;
  bool create = false;  ///< Make the chroot and `/consumers` where they are missing.
  std::string tls_ca;   ///< PEM files; all empty = no TLS. Needs a client library with TLS.
  std::string tls_cert;
  std::string tls_key;

  /// Reads `zookeeper://[user:password@]HOST[:PORT],.../CHROOT?session-timeout=10s&`
  /// `acl=world|creator-all&create=false|true&tls-ca=&tls-cert=&tls-key=`. `ConfigInvalid` names
  /// what is wrong; `Unsupported`: TLS or SASL that this client library has not got.
  [[nodiscard]] static Result<ZooKeeperOptions> FromUri(const Uri& uri);
};

/// Opens the bare store (without layers). Creates nothing unless `create` is set.
/// Errors: `ConfigInvalid` (no such host; the chroot or `/consumers` is missing, and where
/// `/consumers` was found instead), `PermissionDenied`, `Unavailable` (no server answered by the
/// deadline).
[[nodiscard]] Result<std::unique_ptr<OffsetStore>> OpenZooKeeperStore(
    const ZooKeeperOptions& options, Deadline deadline);

/// What shows that a 0.8 consumer is alive. Its nodes are ephemeral: those of a consumer that
/// crashed stay until its session ends.
struct LegacyGroup {
  struct Member {
    std::string id;            ///< `GROUP_HOST-MILLISECONDS-HEX`.
    std::string subscription;  ///< The JSON that it registered, as it is.
    Time since{};              ///< When it registered, by the server's clock.
  };
  struct Ownership {
    TopicPartition at;
    std::string thread;  ///< `ID-STREAM`.
  };
  std::string group;
  std::vector<Member> members;        ///< `/consumers/GROUP/ids`, sorted.
  std::vector<Ownership> ownerships;  ///< `/consumers/GROUP/owners`, sorted.

  [[nodiscard]] bool Alive() const noexcept { return !members.empty() || !ownerships.empty(); }
};

/// Reads `ids` and `owners` of each group, in the order of `groups`, over one connection. A group
/// without such nodes is an answer without members. Creates nothing.
/// Errors: as `OpenZooKeeperStore`; of one group `PermissionDenied`, `Corrupt`, `Unavailable`.
[[nodiscard]] Result<std::vector<Result<LegacyGroup>>> ReadLegacyGroups(
    const ZooKeeperOptions& options, std::span<const std::string> groups, Deadline deadline);

/// Adds the scheme `zookeeper`.
[[nodiscard]] Status RegisterZooKeeperBackend(BackendRegistry& registry);

}  // namespace offsetstore
