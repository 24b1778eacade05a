// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What `offsetctl doctor` rests on, asked of a real server.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "examined.h"
#include "offsetstore/testing/test_group.h"
#include "redis_client.h"
#include "redis_support.h"
#include "redis_user.h"

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
  redis.user.Give({"-eval"});
  CHECK(Examine()(redis.as_user).Says("rights", "+eval"));
  redis.user.Give({"+eval"});
  const Examined waits = Examine()(redis.as_user + "&replicas=1");
  CHECK(waits.Says("rights", "may not: wait "));
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
