// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What is refused at open, by real servers: a clear error each, and nothing changed.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "canned_server.h"
#include "eventually.h"
#include "offsetstore/testing/test_group.h"
#include "own_server.h"
#include "redis_client.h"
#include "redis_support.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {
namespace {

/// Settings for a server that is started while it lives.
class ExtraConfig {
 public:
  explicit ExtraConfig(const char* lines) { ::setenv("OFFSETSTORE_REDIS_CONFIG", lines, 1); }
  ExtraConfig(const ExtraConfig&) = delete;
  ExtraConfig& operator=(const ExtraConfig&) = delete;
  ~ExtraConfig() { ::unsetenv("OFFSETSTORE_REDIS_CONFIG"); }
};

TEST_CASE("a wrong or missing password is refused, and never shown") {
  const ExtraConfig config("requirepass right-password");
  const OwnServer server("redis");
  RedisOptions options = At(PortOf(server.address()));
  const Error missing = OpenError(options);
  CHECK(missing.code == ErrorCode::kPermissionDenied);
  CHECK(Has(missing.message, "password-file="));
  options.password = "planted-secret";
  const Error wrong = OpenError(options);
  CHECK(wrong.code == ErrorCode::kPermissionDenied);
  CHECK_FALSE(Has(ToString(wrong), "planted-secret"));
  options.password = "right-password";
  CHECK(MustOpen(options)->Info().scheme == "redis");
}

TEST_CASE("a password for a server that has none is refused") {
  RedisOptions options = AtShared();
  options.password = "planted-secret";
  const Error error = OpenError(options);
  CHECK(error.code == ErrorCode::kPermissionDenied);
  CHECK_FALSE(Has(ToString(error), "planted-secret"));
}

TEST_CASE("a database that does not exist is refused, and one without our store where it must be") {
  RedisOptions options = AtShared();
  options.database = 99;
  const Error error = OpenError(options);
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Has(error.message, "/99"));
  options.database = 3;
  options.create = false;
  const Error absent = OpenError(options);
  CHECK(absent.code == ErrorCode::kConfigInvalid);
  CHECK(Has(absent.message, options.prefix + "meta"));
  RedisClient client(SharedPort());
  client.Do({"SELECT", "3"});
  CHECK(client.One({"EXISTS", options.prefix + "meta"}) == "0");
}

TEST_CASE("databases of one server do not see each other") {
  RedisOptions options = AtShared();
  const auto zero = MustOpen(options);
  options.database = 5;
  const auto five = MustOpen(options);
  CHECK(zero->Info().store_id != five->Info().store_id);
  const TopicPartition at{"orders", 0};
  REQUIRE(TestGroup(*zero, "g").Commit(Advance(at, 1)).Ok());
  CHECK(TestGroup(*five, "g").PositionOf(at) == std::nullopt);
}

TEST_CASE("a node of a cluster is refused") {
  const ExtraConfig config("cluster-enabled yes");
  const OwnServer server("redis");
  const Error error = OpenError(At(PortOf(server.address())));
  CHECK(error.code == ErrorCode::kUnsupported);
  CHECK(Has(error.message, "Redis Cluster"));
}

TEST_CASE("a Sentinel is refused") {
  ::setenv("OFFSETSTORE_REDIS_ARGUMENTS", "--sentinel", 1);
  const OwnServer server("redis");
  ::unsetenv("OFFSETSTORE_REDIS_ARGUMENTS");
  const Error error = OpenError(At(PortOf(server.address())));
  CHECK(error.code == ErrorCode::kUnsupported);
  CHECK(Has(error.message, "Sentinel"));
}

TEST_CASE("a server that is too old is refused by its version") {
  const CannedServer server(CannedServer::Greeting("redis_version:3.2.12\r\nrole:master\r\n"));
  const Error error = OpenError(At(server.port()));
  CHECK(error.code == ErrorCode::kUnsupported);
  CHECK(Has(error.message, "3.2.12"));
  CHECK(Has(error.message, "4.0"));
}

TEST_CASE("what is no Redis at all is refused") {
  const CannedServer server("HTTP/1.1 400 Bad Request\r\n\r\n");
  const Error error = OpenError(At(server.port()));
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK(Has(error.message, "is no Redis"));
}

TEST_CASE("a server without room for a connection says so itself") {
  const CannedServer server("-ERR max number of clients reached\r\n", CannedServer::Then::kClose);
  const Error error = OpenError(At(server.port()));
  CHECK(error.code == ErrorCode::kUnavailable);
}

TEST_CASE("a server that may drop our keys is refused unless that is allowed") {
  const OwnServer server("redis");
  RedisClient client(PortOf(server.address()));
  client.Do({"CONFIG", "SET", "maxmemory", "100mb"});
  RedisOptions options = At(PortOf(server.address()));
  for (const char* policy : {"allkeys-lru", "allkeys-lfu", "allkeys-random"}) {
    client.Do({"CONFIG", "SET", "maxmemory-policy", policy});
    const Error error = OpenError(options);
    CHECK(error.code == ErrorCode::kConfigInvalid);
    CHECK(Has(error.message, policy));
    CHECK(Has(error.message, "allow-eviction=true"));
  }
  options.allow_eviction = true;
  CHECK(Has(MustOpen(options)->Info().durability_note, "may drop our keys"));
  options.allow_eviction = false;
  for (const char* policy : {"noeviction", "volatile-lru", "volatile-ttl"}) {
    client.Do({"CONFIG", "SET", "maxmemory-policy", policy});
    CHECK(MustOpen(options)->Info().scheme == "redis");
  }
}

TEST_CASE("a key of another type, or of somebody else, is corrupt and stays as it is") {
  const RedisOptions options = AtShared();
  RedisClient client(SharedPort());
  const std::string meta = options.prefix + "meta";
  client.Do({"SET", meta, "somebody else's"});
  CHECK(OpenError(options).code == ErrorCode::kCorrupt);
  CHECK(client.One({"GET", meta}) == "somebody else's");
  client.Do({"DEL", meta});
  client.Do({"LPUSH", meta, "x"});
  CHECK(OpenError(options).code == ErrorCode::kCorrupt);
  client.Do({"DEL", meta});
  client.Do({"SET", meta, "2 00112233445566778899aabbccddeeff"});
  const Error newer = OpenError(options);
  CHECK(newer.code == ErrorCode::kUnsupported);
  CHECK(Has(newer.message, "format is 2"));
  CHECK(client.One({"GET", meta}) == "2 00112233445566778899aabbccddeeff");
}

TEST_CASE("a replica serves reads and refuses writes") {
  const OwnServer primary("redis");
  const OwnServer replica("redis");
  const RedisOptions options = At(PortOf(primary.address()));
  const auto store = MustOpen(options);
  const TopicPartition at{"orders", 0};
  REQUIRE(TestGroup(*store, "g").Commit(Advance(at, 4)).Ok());
  RedisOptions second = At(PortOf(replica.address()));
  const auto before = MustOpen(second);  // while it is still a primary
  RedisClient client(second.port);
  client.Do({"REPLICAOF", "127.0.0.1", std::to_string(options.port)});
  REQUIRE(Eventually([&] { return client.One({"DBSIZE"}) != "1"; }));
  const Answer sudden = CommitIn(*before, "g", Advance(at, 9), Duration(20'000));
  CHECK(sudden == ErrorCode::kUnavailable);
  const auto reader = MustOpen(second);
  CHECK(TestGroup(*reader, "g").PositionOf(at) == 4);
  // One that takes writes would lose them at its next sync.
  client.Do({"CONFIG", "SET", "replica-read-only", "no"});
  const Answer refused = CommitIn(*reader, "g", Advance(at, 9), Duration(20'000));
  CHECK(refused == ErrorCode::kUnavailable);
  CHECK(Has(refused.error->message, "replica of 127.0.0.1:" + std::to_string(options.port)));
  CHECK(TestGroup(*store, "g").PositionOf(at) == 4);
}

}  // namespace
}  // namespace offsetstore::testing
