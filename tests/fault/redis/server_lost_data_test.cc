// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A server that came back with older data, with none, or without its scripts.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>

#include "eventually.h"
#include "offsetstore/testing/test_group.h"
#include "own_server.h"
#include "redis_client.h"
#include "redis_support.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {
namespace {

/// A server whose data can be put back to what it was.
struct CopiedRig {
  OwnServer server{"redis"};
  RedisOptions options = At(PortOf(server.address()));
  std::unique_ptr<OffsetStore> store = MustOpen(options);
  TestGroup group{*store, "payments"};
  TopicPartition at{"orders", 0};

  /// The server stops while its files are copied, so that the copy is whole.
  void Keep() {
    server.Stop();
    std::filesystem::copy(server.folder() / "data",
                          server.folder() / "kept",
                          std::filesystem::copy_options::recursive);
    server.Start();
  }
  void PutBack() {
    server.Kill();
    std::filesystem::remove_all(server.folder() / "data");
    std::filesystem::rename(server.folder() / "kept", server.folder() / "data");
    server.Start();
  }
};

TEST_CASE("a claim that an old copy does not know is fenced, and moves nothing") {
  CopiedRig rig;
  const ClaimToken old = rig.group.MustClaim(rig.at);
  REQUIRE(rig.group.Commit(Advance(rig.at, 5, old)).Ok());
  rig.Keep();
  const ClaimToken claim = rig.group.MustClaim(rig.at, Member("member-2"));
  REQUIRE(rig.group.Commit(Advance(rig.at, 100, claim)).Ok());
  rig.PutBack();
  const Answer answer = rig.group.Commit(Advance(rig.at, 101, claim));
  CHECK(answer == OutcomeCode::kFenced);
  CHECK(answer.holder->token == old);
  CHECK(rig.group.PositionOf(rig.at) == 5);
}

TEST_CASE("a counter that is handed out twice does not make two holders") {
  CopiedRig rig;
  REQUIRE(rig.group.Commit(Advance(rig.at, 5)).Ok());
  rig.Keep();
  const ClaimToken before = rig.group.MustClaim(rig.at);
  rig.PutBack();
  const ClaimToken after = rig.group.MustClaim(rig.at, Member("member-2"));
  REQUIRE(before.counter == after.counter);
  CHECK(rig.group.Commit(Advance(rig.at, 77, before)) == OutcomeCode::kFenced);
  CHECK(rig.group.Claim(rig.at, before) == OutcomeCode::kFenced);
  CHECK(rig.group.Release(rig.at, before) == OutcomeCode::kFenced);
  CHECK(rig.group.Commit(Advance(rig.at, 6, after)) == OutcomeCode::kApplied);
}

TEST_CASE("a position that went back under the own claim is a conflict with what is stored") {
  CopiedRig rig;
  const ClaimToken claim = rig.group.MustClaim(rig.at);
  REQUIRE(rig.group.Commit(Advance(rig.at, 5, claim)).Ok());
  rig.Keep();
  REQUIRE(rig.group.Commit(Advance(rig.at, 100, claim, From(Position(5)))).Ok());
  rig.PutBack();
  const Answer answer = rig.group.Commit(Advance(rig.at, 110, claim, From(Position(100))));
  CHECK(answer == OutcomeCode::kConflict);
  CHECK(std::get<Entry>(answer.conflict->stored).position == Position(5));
  CHECK(rig.group.PositionOf(rig.at) == 5);
}

TEST_CASE("a database that was flushed is unavailable, and never taken for one without positions") {
  CopiedRig rig;
  const ClaimToken claim = rig.group.MustClaim(rig.at);
  REQUIRE(rig.group.Commit(Advance(rig.at, 5, claim)).Ok());
  RedisClient client(rig.options.port);
  client.Do({"FLUSHALL"});
  const auto reads = rig.store->Fetch("payments", Selection{{rig.at}, {}}, Soon());
  REQUIRE_FALSE(reads);
  CHECK(reads.error().code == ErrorCode::kUnavailable);
  CHECK(Has(reads.error().message, "offsetstore:meta"));
  CHECK_FALSE(rig.store->Fetch("payments", Selection{}, Soon()));
  CHECK_FALSE(rig.store->ListGroups({}, Soon()));
  CHECK(rig.group.Claim(rig.at) == ErrorCode::kUnavailable);
  CHECK(rig.group.Commit(Advance(rig.at, 6, claim)) == ErrorCode::kUnavailable);
  CHECK(rig.group.Commit(Advance(rig.at, 0, {}, From(Absent{}))) == ErrorCode::kUnavailable);
  CHECK(client.One({"DBSIZE"}) == "0");
  // Another store in its place is not it either.
  const auto anew = MustOpen(rig.options);
  CHECK(rig.group.Commit(Advance(rig.at, 6, claim)) == ErrorCode::kUnavailable);
  CHECK(rig.group.In(*anew).PositionOf(rig.at) == std::nullopt);
}

TEST_CASE("scripts that the server forgot are sent again") {
  CopiedRig rig;
  const ClaimToken claim = rig.group.MustClaim(rig.at);
  RedisClient client(rig.options.port);
  for (int i = 1; i < 4; ++i) {
    client.Do({"SCRIPT", "FLUSH"});
    CHECK(rig.group.Commit(Advance(rig.at, i, claim)) == OutcomeCode::kApplied);
  }
  client.Do({"SCRIPT", "FLUSH"});
  CHECK(rig.group.Claim(rig.at, claim) == OutcomeCode::kApplied);
}

TEST_CASE("a group whose hash is of another type is corrupt, named, and hides no other") {
  CopiedRig rig;
  REQUIRE(rig.group.Commit(Advance(rig.at, 5)).Ok());
  RedisClient client(rig.options.port);
  const std::string key = KeyOf(rig.options, "billing");
  client.Do({"SET", key, "somebody else's"});
  const TestGroup billing(*rig.store, "billing");
  const auto reads = rig.store->Fetch("billing", Selection{}, Soon());
  REQUIRE_FALSE(reads);
  CHECK(reads.error().code == ErrorCode::kCorrupt);
  CHECK(Has(ToString(reads.error()), key));
  CHECK(billing.Claim(rig.at) == ErrorCode::kCorrupt);
  CHECK(billing.Commit(Advance(rig.at, 1)) == ErrorCode::kCorrupt);
  const ClaimToken any{1, Nonce::Random()};
  CHECK(billing.Commit(Advance(rig.at, 1, any)) == ErrorCode::kCorrupt);
  CHECK(client.One({"GET", key}) == "somebody else's");
  CHECK(rig.group.PositionOf(rig.at) == 5);
}

TEST_CASE("an index or a count that is damaged refuses the first position and writes nothing") {
  CopiedRig rig;
  RedisClient client(rig.options.port);
  client.Do({"SET", "offsetstore:groups", "somebody else's"});
  CHECK(rig.group.Commit(Advance(rig.at, 1)) == ErrorCode::kCorrupt);
  CHECK(rig.group.PositionOf(rig.at) == std::nullopt);
  client.Do({"DEL", "offsetstore:groups"});
  client.Do({"HSET", KeyOf(rig.options, "payments"), "#", "many"});
  CHECK(rig.group.Commit(Advance(rig.at, 1)) == ErrorCode::kCorrupt);
  CHECK(rig.group.PositionOf(rig.at) == std::nullopt);
  client.Do({"HDEL", KeyOf(rig.options, "payments"), "#"});
  CHECK(rig.group.Commit(Advance(rig.at, 1)) == OutcomeCode::kApplied);
}

TEST_CASE("a server that loads its data is waited for, and no longer than the deadline") {
  CopiedRig rig;
  const ClaimToken claim = rig.group.MustClaim(rig.at);
  {
    // Its snapshot is loaded key by key; each is made to take a while, and clients are answered
    // between.
    RedisClient client(rig.options.port);
    client.Do({"EVAL", "for i = 1, 2000 do redis.call('SET', 'other:' .. i, 1) end", "0"});
    client.Do({"BGREWRITEAOF"});
    REQUIRE(Eventually([&] {
      const std::string info = client.One({"INFO", "persistence"});
      return Has(info, "aof_rewrite_in_progress:0") && Has(info, "aof_rewrite_scheduled:0");
    }));
  }
  rig.server.Kill();
  std::ofstream(rig.server.folder() / "redis.conf", std::ios::app)
      << "key-load-delay 1000\nloading-process-events-interval-bytes 1024\n";
  std::filesystem::remove(rig.server.folder() / "redis.sock");
  auto start = std::async(std::launch::async, [&rig] { rig.server.Start(); });
  Answer answer;
  bool was_late = false;
  CHECK(Eventually([&] {
    answer = CommitIn(*rig.store, "payments", Advance(rig.at, 400, claim), Duration(200));
    was_late = was_late || (answer.error && Has(answer.error->message, "LOADING"));
    return was_late || answer.Ok();
  }));
  CHECK(was_late);
  CHECK(CommitIn(*rig.store, "payments", Advance(rig.at, 500, claim), Duration(20'000)).Ok());
  start.get();
}

}  // namespace
}  // namespace offsetstore::testing
