// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Users of the server who may do less.
#include <doctest/doctest.h>

#include <string>

#include "offsetstore/testing/test_group.h"
#include "redis_support.h"
#include "redis_user.h"

namespace offsetstore::testing {
namespace {

void UseEverything(OffsetStore& store) {
  const TestGroup group(store, "payments");
  const TopicPartition at{"orders", 0};
  const ClaimToken claim = group.MustClaim(at);
  CHECK(group.Commit(Advance(at, 3, claim)) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at) == 3);
  CHECK(group.All().size() == 1);
  CHECK(group.IsListed());
  CHECK(group.Release(at, claim) == OutcomeCode::kApplied);
  CHECK(group.Commit(Set(at, 1)) == OutcomeCode::kApplied);
  CHECK(group.Remove(at) == OutcomeCode::kApplied);
  CHECK_FALSE(group.IsListed());
}

TEST_CASE("a user with the documented rights can do everything") {
  const RedisOptions options = AtShared();
  const RedisUser user(options);
  const auto store = MustOpen(user.As(options));
  UseEverything(*store);
  CHECK(store->Info().durability == Durability::kProcess);
  CHECK(Has(store->Info().durability_note, "Unknown"));
}

TEST_CASE(
    "what a commit survives is known where the settings may be read, and else assumed or refused") {
  const RedisOptions options = AtShared();
  RedisUser user(options);
  RedisOptions strict = user.As(options);
  strict.require_aof_always = true;
  const Error refused = OpenError(strict);
  CHECK(refused.code == ErrorCode::kConfigInvalid);
  CHECK(Has(refused.message, "assume=aof-always"));
  strict.assume_aof_always = true;
  const auto assumed = MustOpen(strict);
  CHECK(assumed->Info().durability == Durability::kPowerLoss);
  CHECK(Has(assumed->Info().durability_note, "Assumed"));
  user.Give({"+info"});
  user.Give({"+config|get"});
  strict.assume_aof_always = false;
  CHECK(MustOpen(strict)->Info().durability == Durability::kPowerLoss);
}

TEST_CASE("a user without scripts, or outside the prefix, is refused and changes nothing") {
  const RedisOptions options = AtShared();
  const TopicPartition at{"orders", 0};
  RedisUser user(options);
  user.Give({"-eval"});
  user.Give({"-evalsha"});
  const auto store = MustOpen(user.As(options));
  const Answer answer = CommitIn(*store, "g", Advance(at, 1), Duration(20'000));
  CHECK(answer == ErrorCode::kPermissionDenied);
  CHECK(Has(answer.error->message, "docs/backends/redis.md"));
  RedisOptions elsewhere = AtShared();
  CHECK(OpenError(user.As(elsewhere)).code == ErrorCode::kPermissionDenied);
}

TEST_CASE("a right that is missing in the middle of a script leaves no half of a commit") {
  const RedisOptions options = AtShared();
  const auto owner = MustOpen(options);
  const TestGroup seen(*owner, "g");
  const auto at = PartitionsOf("orders", 2);
  for (const char* missing : {"-zadd", "-hset", "-type", "-hmget", "-hget", "-get"}) {
    CAPTURE(missing);
    RedisUser user(options);
    const auto store = MustOpen(user.As(options));
    user.Give({missing});
    const auto moves = AdvanceEach(at, 5);
    for (const Answer& answer : seen.In(*store).CommitAll(moves, Atomicity::kAll)) {
      CHECK(answer == ErrorCode::kPermissionDenied);
    }
    CHECK(seen.All().empty());
    CHECK_FALSE(seen.IsListed());
  }
}

TEST_CASE("a wrong password of a user is refused, and never shown") {
  const RedisOptions options = AtShared();
  const RedisUser user(options);
  RedisOptions wrong = user.As(options);
  wrong.password = "planted-secret";
  const Error error = OpenError(wrong);
  CHECK(error.code == ErrorCode::kPermissionDenied);
  CHECK_FALSE(Has(ToString(error), "planted-secret"));
}

}  // namespace
}  // namespace offsetstore::testing
