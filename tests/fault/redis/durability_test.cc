// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What is said of durability, and what then is true.
#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

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

/// The same with a replica that each write should reach.
struct ReplicatedRig : DurableRig {
  OwnServer replica{"redis"};

  explicit ReplicatedRig(Duration replicas_timeout) {
    RedisClient other(PortOf(replica.address()));
    other.Do({"REPLICAOF", "127.0.0.1", std::to_string(options.port)});
    REQUIRE(Eventually([&] { return Has(other.One({"INFO", "replication"}), "link_status:up"); }));
    options.replicas = 1;
    options.replicas_timeout = replicas_timeout;
  }

  /// What the group "g" holds, byte by byte.
  [[nodiscard]] std::vector<std::string> Stored() {
    return client.Do({"HGETALL", KeyOf(options, "g")});
  }
  /// How many fields were written so far, as the server counts.
  [[nodiscard]] std::string Writes() {
    const std::string stats = client.One({"INFO", "commandstats"});
    const std::string name = "cmdstat_hset:calls=";
    const std::size_t start = stats.find(name);
    REQUIRE(start != std::string::npos);
    return stats.substr(start, stats.find(',', start) - start);
  }
  /// Makes the same calls in a store that wrote nothing before; each has to say that the replica
  /// lacks what is there, and changes nothing.
  template <class Calls>
  void Repeat(const Calls& calls) {
    const auto before = Stored();
    const std::string writes = Writes();
    const auto store = MustOpen(options);
    for (const Answer& answer : calls(TestGroup(*store, "g"))) {
      CHECK(answer == OutcomeCode::kAppliedBelowDurability);
    }
    CHECK(Writes() != writes);  // Newer servers wait only for what the connection wrote.
    CHECK(Stored() == before);
  }
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
  ReplicatedRig rig(Duration(2000));
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
  const Frozen frozen(rig.replica.pid());
  const Answer answer = CommitIn(*store, "g", Advance(rig.at, 2, claim), Duration(400));
  REQUIRE(answer == OutcomeCode::kAppliedBelowDurability);
  CHECK(Has(answer.error->message, count));
  CHECK(group.PositionOf(rig.at) == 2);
  const Answer again = CommitIn(*store, "g", Advance(rig.at, 2, claim), Duration(400));
  CHECK(again == OutcomeCode::kAppliedBelowDurability);
  const Answer set = CommitIn(*store, "g", Set(rig.at, 1), Duration(400));
  CHECK(set == OutcomeCode::kAppliedBelowDurability);
}

TEST_CASE("a repetition through a new connection is below durability while the replica lacks it") {
  ReplicatedRig rig(Duration(200));
  const auto at = PartitionsOf("orders", 4);
  const auto store = MustOpen(rig.options);
  const TestGroup group(*store, "g");
  const ClaimToken claim = group.MustClaim(at[0]);
  const ClaimToken released = group.MustClaim(at[1]);
  REQUIRE(group.Commit(Advance(at[2], 1)).Ok());
  const Move claimed = Advance(at[0], 1, claim);
  const Move unclaimed = Advance(at[3], 1);
  const std::vector<Move> mixed = {claimed, unclaimed};
  {
    const Frozen frozen(rig.replica.pid());
    CHECK(group.Commit(claimed) == OutcomeCode::kAppliedBelowDurability);
    CHECK(group.Commit(unclaimed) == OutcomeCode::kAppliedBelowDurability);
    CHECK(group.Release(at[1], released) == OutcomeCode::kAppliedBelowDurability);
    CHECK(group.Remove(at[2]) == OutcomeCode::kAppliedBelowDurability);
    using Answers = std::vector<Answer>;
    rig.Repeat([&](const TestGroup& g) { return Answers{g.Commit(claimed)}; });
    rig.Repeat([&](const TestGroup& g) { return Answers{g.Commit(unclaimed)}; });
    rig.Repeat([&](const TestGroup& g) { return Answers{g.Release(at[1], released)}; });
    rig.Repeat([&](const TestGroup& g) { return Answers{g.Remove(at[2])}; });
    for (const Atomicity atomicity : {Atomicity::kEach, Atomicity::kAll}) {
      rig.Repeat([&](const TestGroup& g) { return g.CommitAll(std::vector{claimed}, atomicity); });
      rig.Repeat([&](const TestGroup& g) { return g.CommitAll(mixed, atomicity); });
    }
  }
  const auto is_already = [](const Answer& a) { return a == OutcomeCode::kAlreadyApplied; };
  CHECK(Eventually([&] { return is_already(group.Commit(claimed)); }));
  CHECK(Eventually([&] { return is_already(group.Commit(unclaimed)); }));
  CHECK(Eventually([&] { return is_already(group.Release(at[1], released)); }));
  CHECK(Eventually([&] { return is_already(group.Remove(at[2])); }));
  CHECK(rig.client.One({"PTTL", KeyOf(rig.options, "g")}) == "-1");
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
