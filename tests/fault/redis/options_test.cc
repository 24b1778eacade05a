// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "offsetstore/backends/redis.h"
#include "redis_error.h"
#include "redis_support.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("a URI without anything means the server on this machine") {
  const RedisOptions options = OptionsOf("redis://");
  CHECK(options.host == "127.0.0.1");
  CHECK(options.port == 6379);
  CHECK(options.database == 0);
  CHECK(options.prefix == "offsetstore:");
  CHECK(options.connections == 4);
  CHECK_FALSE(options.tls);
}

TEST_CASE("every part of a URI is taken") {
  const RedisOptions options = OptionsOf(
      "redis://app:pw@db.example:7000/2?prefix=p.&space=eu&create=false&connections=9"
      "&require=aof-always&assume=aof-always&replicas=2&replicas-timeout=3s&allow-eviction=true");
  CHECK(options.host == "db.example");
  CHECK(options.port == 7000);
  CHECK(options.database == 2);
  CHECK(options.user == "app");
  CHECK(options.password == "pw");
  CHECK(options.prefix == "p.");
  CHECK(options.space == "eu");
  CHECK_FALSE(options.create);
  CHECK(options.connections == 9);
  CHECK(options.require_aof_always);
  CHECK(options.assume_aof_always);
  CHECK(options.replicas == 2);
  CHECK(options.replicas_timeout == Duration(3000));
  CHECK(options.allow_eviction);
}

TEST_CASE("a Unix socket has its user and database among the keys") {
  const RedisOptions options = OptionsOf("redis+unix:///run/redis/redis.sock?db=3&user=app");
  CHECK(options.socket == "/run/redis/redis.sock");
  CHECK(options.database == 3);
  CHECK(options.user == "app");
  CHECK(OptionsOf("rediss://db.example?tls-ca=/etc/ca.pem").tls_ca == "/etc/ca.pem");
}

TEST_CASE("what is wrong in a URI is named") {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"redis://a,b", "one server"},
      {"redis:///run/redis.sock", "redis+unix"},
      {"redis://h/x", "number of a database"},
      {"redis://h/-1", "number of a database"},
      {"redis://h/1/2", "number of a database"},
      {"redis://h/99999999999", "number of a database"},
      {"redis+unix://h/x", "three slashes"},
      {"redis+unix:", "three slashes"},
      {"redis+unix:///", "three slashes"},
      {"redis://h?db=1", "db"},
      {"redis://h?tls-ca=/x", "tls-ca"},
      {"redis://h?prefix=a{b", "prefix"},
      {"redis://h?prefix=a/b", "prefix"},
      {"redis://h?require=fsync", "aof-always"},
      {"redis://h?replicas=-1", "replicas"},
      {"redis://h?connections=0", "connections"},
      {"redis://h?prefx=a", "prefix"},
  };
  for (const auto& one : wrong) {
    const std::string& text = one.first;
    CAPTURE(text);
    const auto uri = ParseUri(text);
    REQUIRE(uri);
    const auto options = RedisOptions::FromUri(*uri);
    REQUIRE_FALSE(options);
    CHECK(options.error().code == ErrorCode::kConfigInvalid);
    CHECK(Has(options.error().message, one.second));
  }
}

TEST_CASE("an error of the server says what to do, also from inside a script of an older one") {
  using redis::ReplyError;
  using redis::Risk;
  const std::vector<std::pair<std::string, ErrorCode>> known = {
      {"NOAUTH Authentication required.", ErrorCode::kPermissionDenied},
      {"NOPERM this user has no permissions", ErrorCode::kPermissionDenied},
      {"WRONGTYPE Operation against a key", ErrorCode::kCorrupt},
      {"MOVED 3999 127.0.0.1:6381", ErrorCode::kUnsupported},
      {"CLUSTERDOWN The cluster is down", ErrorCode::kUnsupported},
      {"READONLY You can't write against a read only replica.", ErrorCode::kUnavailable},
      {"OOM command not allowed", ErrorCode::kUnavailable},
      {"MISCONF Redis is configured to save", ErrorCode::kUnavailable},
      {"LOADING Redis is loading", ErrorCode::kUnavailable},
      {"ERR DB index is out of range", ErrorCode::kConfigInvalid},
      {"ERR Error running script (call to f_ab): @user_script:7: WRONGTYPE Operation",
       ErrorCode::kCorrupt},
      {"ERR Error running script (call to f_ab): @user_script: 7: -READONLY You can't",
       ErrorCode::kUnavailable},
  };
  for (const auto& one : known) {
    const std::string& text = one.first;
    CAPTURE(text);
    CHECK(ReplyError(text, Risk::kWrite, "h:1/0").code == one.second);
  }
  // Nobody knows what an unknown answer to a write means.
  CHECK(ReplyError("ERR something new", Risk::kWrite, "h:1/0").code == ErrorCode::kInDoubt);
  CHECK(ReplyError("ERR something new", Risk::kNone, "h:1/0").code == ErrorCode::kInternal);
}

}  // namespace
}  // namespace offsetstore::testing
