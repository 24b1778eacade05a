// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "offsetstore/backends/zookeeper.h"
#include "offsetstore/layers/context.h"
#include "offsetstore/testing/store_contract.h"
#include "offsetstore/testing/subject.h"
#include "own_server.h"
#include "zookeeper_client.h"

namespace {

using offsetstore::testing::Hold;

/// A chroot of its own on the server that all share.
struct ZooKeeperFixture {
  static constexpr const char* kName = "zookeeper";

  struct FrozenServer : Hold {
    offsetstore::testing::Frozen frozen{offsetstore::testing::ZooKeeperPid()};
  };

  offsetstore::Result<std::unique_ptr<offsetstore::OffsetStore>> Open(
      std::string_view space = "") const {
    auto uri = offsetstore::ParseUri(*Uri(space));
    if (!uri) return uri.error();
    const auto options = offsetstore::ZooKeeperOptions::FromUri(*uri);
    if (!options) return options.error();
    auto bare = OpenZooKeeperStore(*options, offsetstore::testing::Soon());
    if (!bare) return bare;
    return offsetstore::WithContext(*std::move(bare));
  }
  std::optional<std::string> Uri(std::string_view space = "") const {
    return server + chroot + "?create=true" + (space.empty() ? "" : "&space=" + std::string(space));
  }
  std::unique_ptr<Hold> Hang() const { return std::make_unique<FrozenServer>(); }
  bool DamageOne(std::string_view group, const offsetstore::TopicPartition& at) const {
    const offsetstore::testing::ZooKeeperClient client(server);
    client.Set(chroot + "/consumers/" + std::string(group) + "/offsets/" + at.topic + '/' +
                   std::to_string(at.partition),
               "junk");
    return true;
  }
  static offsetstore::Status Register(offsetstore::BackendRegistry& registry) {
    return RegisterZooKeeperBackend(registry);
  }
  void Prepare(std::span<const offsetstore::TopicPartition> /*partitions*/) const {}

  std::string server = offsetstore::testing::ZooKeeperServer();
  std::string chroot = '/' + offsetstore::testing::Unique("contract");
};

}  // namespace

OFFSETSTORE_CONTRACT(ZooKeeperFixture);
