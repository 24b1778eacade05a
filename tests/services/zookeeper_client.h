// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <zookeeper/zookeeper.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace offsetstore::testing {

/// The URI of the server that the tests share, without a chroot: OFFSETSTORE_TEST_ZOOKEEPER. Ends
/// the process with 77, which ctest shows as skipped, where there is none.
[[nodiscard]] std::string ZooKeeperServer();
/// Its process: OFFSETSTORE_TEST_ZOOKEEPER_PID.
[[nodiscard]] pid_t ZooKeeperPid();

/// ZooKeeper's own client, to look at a tree behind the store's back and to change it as other
/// programs do. Everything throws where it does not work.
class ZooKeeperClient {
 public:
  /// `server` is a URI without a chroot; `digest`: `user:password`.
  explicit ZooKeeperClient(const std::string& server,
                           const std::string& digest = "",
                           int session_timeout_ms = 10'000);

  struct Node {
    std::optional<std::string> data;  ///< None: null.
    Stat stat{};
  };
  /// None: there is no such node.
  [[nodiscard]] std::optional<Node> Get(const std::string& path) const;
  [[nodiscard]] std::vector<std::string> Children(const std::string& path) const;
  /// Every path below `path`, sorted.
  [[nodiscard]] std::vector<std::string> Tree(const std::string& path) const;

  /// Makes the node and those above it, with null data unless `data` is given. `flags`:
  /// ZOO_EPHEMERAL.
  void Create(const std::string& path,
              const std::optional<std::string>& data = {},
              int flags = 0) const;
  /// Whatever its version is, as Kafka's own consumers do; makes it where it is missing.
  void Set(const std::string& path, std::string_view data) const;
  void Delete(const std::string& path) const;
  void SetAcl(const std::string& path, const ACL_vector& acl) const;
  [[nodiscard]] std::string AclOf(const std::string& path) const;

 private:
  std::unique_ptr<zhandle_t, int (*)(zhandle_t*)> handle_;
};

}  // namespace offsetstore::testing
