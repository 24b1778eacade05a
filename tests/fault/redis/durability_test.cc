// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What is said of durability, and what then is true.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "eventually.h"
#include "offsetstore/testing/test_group.h"
#include "own_server.h"
#include "redis_client.h"
#include "redis_support.h"
#include "server_facts.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {
namespace {

struct DurableRig {
  OwnServer server{"redis"};
  RedisOptions options = At(PortOf(server.address()));
  RedisClient client{options.port};
  TopicPartition at{"orders", 0};

  void Configure(const char* setting, const char* value) {
    client.Do({"CONFIG", "SET", setting, value});
  }
  [[nodiscard]] Durability Level() const { return MustOpen(options)->Info().durability; }
};

TEST_CASE("the level is what the server's settings keep") {
  DurableRig rig;
  CHECK(rig.Level() == Durability::kPowerLoss);
  rig.Configure("no-appendfsync-on-rewrite", "yes");
  CHECK(rig.Level() == Durability::kProcessCrash);
  rig.Configure("appendfsync", "no");
  CHECK(rig.Level() == Durability::kProcessCrash);
  rig.Configure("appendfsync", "everysec");
  CHECK(rig.Level() == Durability::kProcess);
  rig.Configure("appendonly", "no");
  CHECK(rig.Level() == Durability::kProcess);
}

TEST_CASE("require=aof-always refuses less, and says what") {
  DurableRig rig;
  rig.options.require_aof_always = true;
  CHECK(rig.Level() == Durability::kPowerLoss);
  // What can be read comes before what is assumed.
  rig.options.assume_aof_always = true;
  rig.Configure("appendfsync", "everysec");
  const Error error = OpenError(rig.options);
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Has(error.message, "appendfsync everysec"));
  rig.Configure("appendonly", "no");
  CHECK(Has(OpenError(rig.options).message, "appendonly no"));
}

TEST_CASE("a server that came back with weaker settings is below the durability that was said") {
  DurableRig rig;
  const auto store = MustOpen(rig.options);
  const TestGroup group(*store, "g");
  const ClaimToken claim = group.MustClaim(rig.at);
  CHECK(group.Commit(Advance(rig.at, 1, claim)) == OutcomeCode::kApplied);
  rig.Configure("appendfsync", "everysec");
  rig.client.Do({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  Answer answer;
  REQUIRE(Eventually([&] {
    answer = group.Commit(Advance(rig.at, 2, claim));
    return answer.code != OutcomeCode::kFailed;
  }));
  REQUIRE(answer == OutcomeCode::kAppliedBelowDurability);
  CHECK(Has(answer.error->message, "everysec"));
  CHECK(group.PositionOf(rig.at) == 2);
}

TEST_CASE("a write that too few replicas have in time is applied below durability") {
  DurableRig rig;
  OwnServer replica("redis");
  RedisClient other(PortOf(replica.address()));
  other.Do({"REPLICAOF", "127.0.0.1", std::to_string(rig.options.port)});
  REQUIRE(Eventually([&] { return Has(other.One({"INFO", "replication"}), "link_status:up"); }));
  rig.options.replicas = 1;
  rig.options.replicas_timeout = Duration(2000);
  const auto store = MustOpen(rig.options);
  const TestGroup group(*store, "g");
  const ClaimToken claim = group.MustClaim(rig.at);
  CHECK(group.Commit(Advance(rig.at, 1, claim)) == OutcomeCode::kApplied);
  std::string count = "0 did";
  SUBCASE("at once") {}
  SUBCASE("also where the script has to be sent again") {
    count = "did";  // The wait of the first attempt may have taken the time of the second.
    rig.client.Do({"SCRIPT", "FLUSH"});
    rig.client.Do({"WAIT", "1", "5000"});  // What came before is acknowledged.
  }
  const Frozen frozen(replica.pid());
  const Answer answer = CommitIn(*store, "g", Advance(rig.at, 2, claim), Duration(400));
  REQUIRE(answer == OutcomeCode::kAppliedBelowDurability);
  CHECK(Has(answer.error->message, count));
  CHECK(group.PositionOf(rig.at) == 2);
  const Answer again = CommitIn(*store, "g", Advance(rig.at, 2, claim), Duration(400));
  CHECK(again == OutcomeCode::kAppliedBelowDurability);
  const Answer set = CommitIn(*store, "g", Set(rig.at, 1), Duration(400));
  CHECK(set == OutcomeCode::kAppliedBelowDurability);
}

TEST_CASE("a full server takes no write, and goes on where there is room again") {
  DurableRig rig;
  const auto store = MustOpen(rig.options);
  const TestGroup group(*store, "g");
  REQUIRE(group.Commit(Advance(rig.at, 1)).Ok());
  rig.Configure("maxmemory", "1");
  const Answer answer = group.Commit(Advance(rig.at, 2));
  CHECK(answer == ErrorCode::kUnavailable);
  CHECK(Has(answer.error->message, "maxmemory"));
  CHECK(group.PositionOf(rig.at) == 1);
  rig.Configure("maxmemory", "0");
  CHECK(group.Commit(Advance(rig.at, 2)) == OutcomeCode::kApplied);
}

}  // namespace
}  // namespace offsetstore::testing
