// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A batch of all or nothing of which one member is there already: somebody changes that one between
// the read on which the batch is decided and the script that writes it.
#include <doctest/doctest.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "offsetstore/testing/test_group.h"
#include "redis_support.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {
namespace {

using Fault = TcpProxy::Fault;

/// A client behind a network that holds what it read, and one that is not.
struct BatchRig {
  TcpProxy proxy{SharedPort()};
  RedisOptions options = AtShared();
  TopicPartition there{"orders", 0};
  TopicPartition open{"orders", 1};
  std::unique_ptr<OffsetStore> near = MustOpen(options);
  TestGroup seen{*near, "payments"};
  std::unique_ptr<OffsetStore> far;

  BatchRig() {
    options.port = proxy.port();
    options.connections = 1;
    far = MustOpen(options);
  }

  /// Commits `moves` as one; `meanwhile` runs when the server has answered the read, and the client
  /// does not have the answer.
  std::vector<Answer> CommitAround(const std::vector<Move>& moves,
                                   const std::function<void()>& meanwhile) {
    const TestGroup group = seen.In(*far);
    REQUIRE(group.All().size() == 1);  // The connection is there: what is held is no greeting.
    proxy.Set(Fault::kHoldReplies);
    auto answers =
        std::async(std::launch::async, [&] { return group.CommitAll(moves, Atomicity::kAll); });
    REQUIRE(proxy.AwaitHeld());
    meanwhile();
    proxy.Set(Fault::kNone);
    return answers.get();
  }
};

TEST_CASE("a member that was there already and is claimed meanwhile refuses the batch") {
  BatchRig rig;
  std::optional<ClaimToken> mine;
  SUBCASE("committed without a claim") {}
  SUBCASE("committed under a claim, beside one without") {
    mine = rig.seen.MustClaim(rig.there);
  }
  const Move again = Advance(rig.there, 5, mine);
  REQUIRE(rig.seen.Commit(again).Ok());
  ClaimToken other;
  const auto answers = rig.CommitAround({again, Advance(rig.open, 7)}, [&] {
    other = rig.seen.MustClaim(rig.there, Member("other"));
  });
  CHECK(answers[0] == OutcomeCode::kFenced);
  REQUIRE(answers[0].holder.has_value());
  CHECK(answers[0].holder->token == other);
  CHECK(answers[1] == OutcomeCode::kNotApplied);
  CHECK(rig.seen.PositionOf(rig.open) == std::nullopt);
}

TEST_CASE("a member that was there already and is gone meanwhile is written with the others") {
  BatchRig rig;
  const Move again = Advance(rig.there, 5);
  REQUIRE(rig.seen.Commit(again).Ok());
  const auto answers = rig.CommitAround({again, Advance(rig.open, 7)}, [&] {
    REQUIRE(rig.seen.Remove(rig.there) == OutcomeCode::kApplied);
  });
  CHECK(answers[0] == OutcomeCode::kApplied);
  CHECK(answers[1] == OutcomeCode::kApplied);
  CHECK(rig.seen.PositionOf(rig.there) == 5);
  CHECK(rig.seen.PositionOf(rig.open) == 7);
}

TEST_CASE("a member that was there already and stays so does not hinder the others") {
  BatchRig rig;
  const Move again = Advance(rig.there, 5);
  REQUIRE(rig.seen.Commit(again).Ok());
  const auto answers = rig.CommitAround({Advance(rig.open, 7), again}, [] {});
  CHECK(answers[0] == OutcomeCode::kApplied);
  CHECK(answers[1] == OutcomeCode::kAlreadyApplied);
  CHECK(rig.seen.PositionOf(rig.there) == 5);
  CHECK(rig.seen.PositionOf(rig.open) == 7);
}

}  // namespace
}  // namespace offsetstore::testing
