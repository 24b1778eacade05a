// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "internal/percent.h"
#include "offsetstore/backends/redis.h"
#include "offsetstore/layers/context.h"
#include "offsetstore/testing/store_contract.h"
#include "offsetstore/testing/subject.h"
#include "own_server.h"
#include "redis_client.h"
#include "tcp_proxy.h"

namespace {

using offsetstore::testing::Frozen;
using offsetstore::testing::Hold;
using offsetstore::testing::RedisClient;

/// A prefix of its own on the server that all cases share.
struct RedisFixture {
  static constexpr const char* kName = "redis";

  struct StoppedServer : Hold {
    Frozen frozen{offsetstore::testing::RedisPid()};
  };

  offsetstore::Result<std::unique_ptr<offsetstore::OffsetStore>> Open(
      std::string_view space = "") const {
    const auto uri = offsetstore::ParseUri(*Uri());
    if (!uri) return uri.error();
    auto options = offsetstore::RedisOptions::FromUri(*uri);
    if (!options) return options.error();
    options->space = space;
    auto bare = OpenRedisStore(*options, offsetstore::testing::Soon());
    if (!bare) return bare;
    return offsetstore::WithContext(*std::move(bare));
  }
  std::optional<std::string> Uri(std::string_view space = "") const {
    std::string uri = server + "?prefix=" + prefix;
    if (!space.empty()) uri += "&space=" + std::string(space);
    return uri;
  }
  std::unique_ptr<Hold> Hang() const { return std::make_unique<StoppedServer>(); }
  bool DamageOne(std::string_view group, const offsetstore::TopicPartition& at) const {
    RedisClient client(offsetstore::testing::PortOf(server));
    const std::string key = prefix + '{' + offsetstore::internal::PercentEncode(group) + '}';
    const std::string field =
        offsetstore::internal::PercentEncode(at.topic) + '/' + std::to_string(at.partition);
    return client.One({"HSET", key, field, "junk"}) == "0";
  }
  static offsetstore::Status Register(offsetstore::BackendRegistry& registry) {
    return RegisterRedisBackend(registry);
  }
  void Prepare(std::span<const offsetstore::TopicPartition> /*partitions*/) const {}

  std::string server = offsetstore::testing::RedisUri();
  std::string prefix = "t-" + offsetstore::Nonce::Random().Hex() + ':';
};

}  // namespace

OFFSETSTORE_CONTRACT(RedisFixture);
