// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Names and groups of every shape and size, and what stands in the server then.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "offsetstore/testing/test_group.h"
#include "redis_client.h"
#include "redis_support.h"

namespace offsetstore::testing {
namespace {

using namespace std::string_literals;

TEST_CASE("names with NUL, quotes, braces and newlines come back, and no key holds them raw") {
  RedisOptions options = AtShared();
  const std::vector<std::string> names = {
      "", "\0"s, "a\0b"s, "\"quoted\"", "it's", "{a}", "}{", "line\nbreak", "\r\n", "\xff\xfe"s};
  const TopicPartition plain{"orders", 0};
  for (const std::string& space : {""s, "{s}\n\0"s}) {
    options.space = space;
    const auto store = MustOpen(options);
    for (const std::string& name : names) {
      const TestGroup group(*store, name);
      for (const std::string& topic : names) {
        const TopicPartition at{topic, 1};
        const ClaimToken claim = group.MustClaim(at, Member(name));
        REQUIRE(group.Commit(Advance(at, 3, claim), Member(name)).Ok());
        CHECK(group.PositionOf(at) == 3);
        CHECK(group.ClaimOf(at)->owner.name == name);
      }
      CHECK(group.All().size() == names.size());
    }
    std::vector<std::string> sorted = names;
    std::sort(sorted.begin(), sorted.end());
    CHECK(ListedGroups(*store, "", 3) == sorted);
  }
  RedisClient client(SharedPort());
  for (const std::string& key : client.Do({"KEYS", options.prefix + "*"})) {
    CHECK(std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7f'; }));
  }
}

TEST_CASE("a group of 50,000 partitions is committed as one, read and removed") {
  const RedisOptions options = AtShared();
  const auto store = MustOpen(options);
  const TestGroup group(*store, "many");
  const auto at = PartitionsOf("orders", static_cast<int>(store->Info().limits.atomic_batch));
  REQUIRE(at.size() == 50'000);
  std::vector<ClaimRequest> requests;
  for (const TopicPartition& one : at) requests.push_back(Request(one));
  std::vector<Move> moves;
  for (const ClaimResult& claim : group.ClaimAll(requests)) {
    REQUIRE(claim == OutcomeCode::kApplied);
    moves.push_back(Advance(claim.outcome.at, 7, claim.token));
  }
  const auto all = [](const auto& answers, OutcomeCode code) {
    return std::all_of(answers.begin(), answers.end(), [code](auto& a) { return a.code == code; });
  };
  CHECK(all(group.CommitAll(moves, Atomicity::kAll), OutcomeCode::kApplied));
  CHECK(all(group.CommitAll(moves, Atomicity::kEach), OutcomeCode::kAlreadyApplied));
  // One that is fenced stops all of them.
  for (Move& move : moves) move.to = Position(8);
  moves.back().claim->nonce = Nonce::Random();
  const auto refused = group.CommitAll(moves, Atomicity::kAll);
  CHECK(refused.back() == OutcomeCode::kFenced);
  CHECK(std::count_if(refused.begin(), refused.end(), [](const Answer& a) {
          return a == OutcomeCode::kNotApplied;
        }) == 49'999);
  const auto reads = group.All();
  REQUIRE(reads.size() == at.size());
  CHECK(std::all_of(
      reads.begin(), reads.end(), [](const Read& read) { return PositionIn(read.slot) == 7; }));
  RedisClient client(SharedPort());
  CHECK(client.One({"HGET", KeyOf(options, "many"), "#"}) == "50000");
  client.Do({"DEL", KeyOf(options, "many")});
}

TEST_CASE("the server keeps what the page says, under the keys that it says") {
  const RedisOptions options = AtShared();
  const auto store = MustOpen(options);
  const TestGroup group(*store, "payments");
  const TopicPartition at{"orders", 3};
  const ClaimToken claim = group.MustClaim(at);
  REQUIRE(group.Commit(WithMetadata(Advance(at, 1234, claim), "state")).Ok());
  RedisClient client(SharedPort());
  const std::string value = client.One({"HGET", KeyOf(options, "payments"), FieldOf(at)});
  CHECK(value.starts_with("held 0000000000000000001 " + claim.nonce.Hex() + ' '));
  CHECK(Has(value, "\n0000000000000001234 - "));
  CHECK(value.ends_with("\nstate"));
  CHECK(client.One({"HGET", KeyOf(options, "payments"), "#"}) == "1");
  CHECK(client.Do({"ZRANGE", options.prefix + "groups", "0", "-1"}) ==
        std::vector<std::string>{"payments"});
  CHECK(client.One({"GET", options.prefix + "meta"}) == "1 " + store->Info().store_id);
  CHECK(group.Remove(at) == OutcomeCode::kApplied);
  CHECK(client.One({"HGET", KeyOf(options, "payments"), FieldOf(at)})
            .starts_with("gone 0000000000000000002 "));
  CHECK(client.One({"EXISTS", options.prefix + "groups"}) == "0");
}

TEST_CASE("a field that is no partition's is shown as unreadable and hides no other") {
  const RedisOptions options = AtShared();
  const auto store = MustOpen(options);
  const TestGroup group(*store, "payments");
  const TopicPartition at{"orders", 0};
  REQUIRE(group.Commit(Advance(at, 1)).Ok());
  RedisClient client(SharedPort());
  client.Do({"HSET", KeyOf(options, "payments"), "what is this", "x"});
  const auto reads = group.All();
  REQUIRE(reads.size() == 2);
  CHECK(reads[0].at == at);
  CHECK(PositionIn(reads[0].slot) == 1);
  CHECK(std::get<Error>(reads[1].slot).code == ErrorCode::kCorrupt);
  CHECK(Has(ToString(std::get<Error>(reads[1].slot)), "what is this"));
}

TEST_CASE("a group whose hash was deleted by hand is not listed") {
  const RedisOptions options = AtShared();
  const auto store = MustOpen(options);
  const TestGroup group(*store, "payments");
  REQUIRE(group.Commit(Advance({"orders", 0}, 1)).Ok());
  REQUIRE(TestGroup(*store, "billing").Commit(Advance({"orders", 0}, 1)).Ok());
  RedisClient(SharedPort()).Do({"DEL", KeyOf(options, "payments")});
  CHECK(ListedGroups(*store, "") == std::vector<std::string>{"billing"});
}

TEST_CASE("neighbours beyond 2^53 are told apart by the server") {
  const auto store = MustOpen(AtShared());
  const TestGroup group(*store, "payments");
  const TopicPartition at{"orders", 0};
  const ClaimToken claim = group.MustClaim(at);
  for (const std::int64_t position : {(std::int64_t{1} << 53) + 1, Position::kMax}) {
    CHECK(group.Commit(Advance(at, position, claim)) == OutcomeCode::kApplied);
    CHECK(group.Commit(Advance(at, position - 1, claim)) == OutcomeCode::kConflict);
    CHECK(group.Commit(Advance(at, position, claim, From(Position(position - 1)))) ==
          OutcomeCode::kAlreadyApplied);
    CHECK(group.PositionOf(at) == position);
  }
}

TEST_CASE("after a fork the child's calls are refused and the parent's go on") {
  const auto store = MustOpen(AtShared());
  const TestGroup group(*store, "payments");
  const TopicPartition at{"orders", 0};
  REQUIRE(group.Commit(Advance(at, 1)).Ok());
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto reads = store->Fetch("payments", Selection{}, Soon());
    ::_exit(!reads && reads.error().code == ErrorCode::kUnsupported ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(group.Commit(Advance(at, 2)) == OutcomeCode::kApplied);
}

}  // namespace
}  // namespace offsetstore::testing
