// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What `offsetctl doctor` rests on, asked of a real server.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "examined.h"
#include "offsetstore/testing/test_group.h"
#include "own_server.h"
#include "redis_client.h"
#include "redis_support.h"
#include "redis_user.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {
namespace {

const Examiner& Examine() {
  static const Examiner examiner(&RegisterRedisBackend);
  return examiner;
}

/// A store of its own on the shared server, and a user with the rights that the manual lists.
struct Guarded {
  RedisOptions options = AtShared();
  RedisClient client{SharedPort()};
  RedisUser user{options};
  std::string at = "127.0.0.1:" + std::to_string(SharedPort()) + "/0?prefix=" + options.prefix;
  std::string uri = "redis://" + at;
  std::string as_user = "redis://" + user.name() + ':' + RedisUser::kPassword + '@' + at;

  void Make() const { CHECK(MustOpen(options)->Close(Soon())); }
  [[nodiscard]] std::vector<std::string> Keys() {
    return client.Do({"KEYS", options.prefix + "*"});
  }
};

TEST_CASE("a server in order is healthy, and no key changes") {
  Guarded redis;
  redis.Make();
  const auto keys = redis.Keys();
  const std::string meta = redis.client.One({"GET", redis.options.prefix + "meta"});
  const Examined found = Examine()(redis.uri);
  CHECK(found.Healthy());
  CHECK(found.Says("version", "Redis 7"));
  CHECK(found["rights"] == Grade::kOk);
  CHECK(found["primary"] == Grade::kOk);
  CHECK(found["eviction"] == Grade::kOk);
  CHECK(found.info().durability == Durability::kPowerLoss);
  CHECK(redis.Keys() == keys);
  CHECK(redis.client.One({"GET", redis.options.prefix + "meta"}) == meta);
}

TEST_CASE("a store that is not there is not made, whatever the URI says") {
  Guarded redis;
  const auto none = Examine().Try(redis.uri + "&create=true");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::kConfigInvalid);
  CHECK(redis.Keys().empty());
}

TEST_CASE("the documented rights are enough; what needs more is unknown or said") {
  Guarded redis;
  redis.Make();
  const Examined least = Examine()(redis.as_user);
  CHECK(least["rights"] == Grade::kOk);
  CHECK(least.Says("rights", "+script|load"));
  CHECK(least["version"] == Grade::kUnknown);
  CHECK(least["eviction"] == Grade::kUnknown);
  redis.user.Give({"+info", "+config|get", "+script|load"});
  const Examined more = Examine()(redis.as_user);
  CHECK(more["version"] == Grade::kOk);
  CHECK_FALSE(more.Says("rights", "+script|load"));
}

TEST_CASE("each right that is missing is named, with the rule that gives it") {
  Guarded redis;
  redis.Make();
  for (const std::string right : {"set",
                                  "hget",
                                  "hmget",
                                  "hgetall",
                                  "hset",
                                  "zadd",
                                  "zrem",
                                  "type",
                                  "zrangebylex",
                                  "evalsha"}) {
    CAPTURE(right);
    redis.user.Give({"-" + right});
    const Examined found = Examine()(redis.as_user);
    CHECK(found["rights"] == Grade::kFailed);
    CHECK(found.Says("rights", "may not: " + right + " "));
    CHECK(found.Says("rights", "+" + right));
    redis.user.Give({"+" + right});
  }
  const std::string least =
      "+get +set +hget +hmget +hgetall +hset +zadd +zrem +type +zrangebylex +eval +evalsha";
  redis.user.Give({"-eval"});
  CHECK(Examine()(redis.as_user).Says("rights", least));
  redis.user.Give({"+eval", "-get"});
  const auto blind = Examine().Try(redis.as_user);
  REQUIRE_FALSE(blind);
  CHECK(blind.error().code == ErrorCode::kPermissionDenied);
  CHECK(Has(blind.error().message, least));
  redis.user.Give({"+get"});
  const Examined waits = Examine()(redis.as_user + "&replicas=1");
  CHECK(waits.Says("rights", "may not: wait "));
}

TEST_CASE("an index that does not fit the hashes is told, and an empty one is none") {
  Guarded redis;
  redis.Make();
  const std::string index = redis.options.prefix + "groups";
  const std::string key = KeyOf(redis.options, "g");
  CHECK(Examine()(redis.uri)["index"] == Grade::kOk);
  {
    const auto store = MustOpen(redis.options);
    const TestGroup group(*store, "g");
    REQUIRE(group.Commit(Advance({"orders", 0}, 5)).Ok());
    const TestGroup claimed(*store, "claimed");
    static_cast<void>(claimed.MustClaim({"orders", 0}));
  }
  CHECK(Examine()(redis.uri)["index"] == Grade::kOk);
  CHECK(Examine()(redis.as_user)["index"] == Grade::kUnknown);
  CHECK(Examine()(redis.as_user).Says("index", "+scan"));
  redis.client.Do({"ZREM", index, "g"});
  const Examined unlisted = Examine()(redis.uri);
  CHECK(unlisted["index"] == Grade::kFailed);
  CHECK(unlisted.Says("index", "lacks groups that have positions: 'g'"));
  // Another space is a store of its own.
  CHECK(Examine()(redis.uri + "&space=other")["index"] == Grade::kOk);
  redis.client.Do({"ZADD", index, "0", "g"});
  redis.client.Do({"DEL", key});
  const Examined lost = Examine()(redis.uri);
  CHECK(lost["index"] == Grade::kFailed);
  CHECK(lost.Says("index", "lists what has no hash: 'g'"));
}

TEST_CASE("a server that drops keys, or syncs too little, is found with all the rest") {
  OwnServer server("redis");
  const RedisOptions options = At(PortOf(server.address()));
  RedisClient client(options.port);
  const std::string uri = "redis://127.0.0.1:" + std::to_string(options.port) + "/0";
  CHECK(MustOpen(options)->Close(Soon()));
  client.Do({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  const Examined unlimited = Examine()(uri);
  CHECK(unlimited["eviction"] == Grade::kWarning);
  CHECK(unlimited.Says("eviction", "it has no maxmemory now"));
  client.Do({"CONFIG", "SET", "maxmemory", "1gb"});
  const Examined evicting = Examine()(uri);
  CHECK(evicting["eviction"] == Grade::kFailed);
  CHECK(evicting.Says("eviction", "no consumer opens a store here"));
  CHECK(evicting.Says("eviction", "maxmemory-policy noeviction"));
  CHECK(evicting["rights"] == Grade::kOk);
  CHECK(Examine()(uri + "?allow-eviction=true")["eviction"] == Grade::kWarning);
  client.Do({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  CHECK_FALSE(Examine()(uri + "?require=aof-always").Has("require"));
  client.Do({"CONFIG", "SET", "appendfsync", "everysec"});
  const Examined weak = Examine()(uri + "?require=aof-always");
  CHECK(weak["require"] == Grade::kFailed);
  CHECK(weak.Says("require", "appendfsync everysec"));
  CHECK(weak.Says("require", "set appendonly yes, appendfsync always"));
}

TEST_CASE("replicas that are missing are told") {
  Guarded redis;
  redis.Make();
  const Examined found = Examine()(redis.uri + "&replicas=1");
  CHECK(found["replicas"] == Grade::kWarning);
  CHECK(found.Says("replicas", "0 connected"));
}

}  // namespace
}  // namespace offsetstore::testing
