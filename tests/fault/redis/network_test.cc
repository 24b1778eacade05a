// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A network that cuts, holds and delays before and after the reply of a commit and of a claim.
#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>

#include "eventually.h"
#include "offsetstore/testing/test_group.h"
#include "redis_client.h"
#include "redis_support.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {
namespace {

using Fault = TcpProxy::Fault;

constexpr Duration kShort{300};
constexpr Duration kLong{20'000};

/// A position 5 under a claim, seen by a client behind a faulty network and by one that is not.
struct ProxiedRig {
  TcpProxy proxy{SharedPort()};
  RedisOptions options = AtShared();
  TopicPartition at{"orders", 3};
  std::unique_ptr<OffsetStore> near = MustOpen(options);
  TestGroup seen{*near, "payments"};
  std::unique_ptr<OffsetStore> far;
  ClaimToken claim;

  ProxiedRig() {
    options.port = proxy.port();
    options.connections = 1;
    far = MustOpen(options);
    claim = seen.MustClaim(at);
    REQUIRE(seen.Commit(Advance(at, 5, claim)).Ok());
  }

  [[nodiscard]] Answer Commit(std::int64_t to, Duration bound) const {
    return CommitIn(*far, seen.name(), Advance(at, to, claim), bound);
  }

  /// The connection through the proxy is there, so that a fault hits the call and no greeting.
  void Connect() const { REQUIRE(far->Fetch(seen.name(), Selection{{at}, {}}, Soon())); }

  /// Lets the one held request of a client that has gone away arrive.
  void ArriveLate() {
    REQUIRE(Eventually([this] { return proxy.ReleaseLate() == 1; }));
    proxy.Set(Fault::kNone);
  }

  /// What the session does with a commit in doubt; returns the position found.
  std::optional<std::int64_t> Settle() {
    const ClaimResult settled = seen.Claim(at, claim);
    REQUIRE(settled == OutcomeCode::kApplied);
    claim = settled.token;
    return PositionIn(settled.slot);
  }

  /// Lets a claim go as far as the request that writes, which is then held.
  std::future<ClaimResult> ClaimUpToItsWrite(const ClaimRequest& request, Duration bound) {
    Connect();
    proxy.Set(Fault::kHoldRequests);
    auto answer = std::async(std::launch::async, [this, request, bound] {
      return ClaimIn(*far, seen.name(), request, bound);
    });
    REQUIRE(proxy.AwaitHeld());
    proxy.Set(Fault::kHoldReplies);
    REQUIRE(proxy.AwaitHeld());
    proxy.Set(Fault::kHoldRequests);
    REQUIRE(proxy.AwaitHeld());
    return answer;
  }
};

TEST_CASE("a commit whose request is lost is in doubt and not applied") {
  ProxiedRig rig;
  rig.proxy.Set(Fault::kCutRequest);
  CHECK(rig.Commit(6, kLong) == ErrorCode::kInDoubt);
  CHECK(rig.Settle() == 5);
  CHECK(rig.Commit(6, kLong) == OutcomeCode::kApplied);
}

TEST_CASE("a commit whose reply is lost is in doubt and applied") {
  ProxiedRig rig;
  for (const Fault fault : {Fault::kCutReply, Fault::kHalfClose}) {
    const std::int64_t to = rig.seen.PositionOf(rig.at).value() + 1;
    rig.Connect();
    rig.proxy.Set(fault);
    const Answer answer = rig.Commit(to, kLong);
    CHECK(answer == ErrorCode::kInDoubt);
    CHECK(answer.error->retry == Retry::kAfterNewClaim);
    CHECK(rig.Settle() == to);
  }
  CHECK(rig.Commit(20, kLong) == OutcomeCode::kApplied);
}

TEST_CASE("a commit without a reply is in doubt at its deadline, applied or not") {
  ProxiedRig rig;
  rig.proxy.Set(Fault::kHoldReplies);
  CHECK(rig.Commit(6, kShort) == ErrorCode::kInDoubt);
  rig.proxy.Set(Fault::kNone);
  CHECK(rig.Settle() == 6);
  CHECK(rig.Commit(7, kLong) == OutcomeCode::kApplied);
  rig.proxy.Set(Fault::kHoldRequests);
  CHECK(rig.Commit(8, kShort) == ErrorCode::kInDoubt);
  CHECK(rig.Settle() == 7);
}

TEST_CASE("a delay within the deadline is no failure") {
  ProxiedRig rig;
  for (const Fault fault : {Fault::kHoldRequests, Fault::kHoldReplies}) {
    const std::int64_t to = rig.seen.PositionOf(rig.at).value() + 1;
    rig.proxy.Set(fault);
    auto answer = std::async(std::launch::async, [&] { return rig.Commit(to, kLong); });
    REQUIRE(rig.proxy.AwaitHeld());
    rig.proxy.Set(Fault::kNone);
    CHECK(answer.get() == OutcomeCode::kApplied);
    CHECK(rig.seen.PositionOf(rig.at) == to);
  }
}

TEST_CASE("a late original changes nothing once its commit was settled") {
  ProxiedRig rig;
  rig.proxy.Set(Fault::kHoldRequests);
  CHECK(rig.Commit(99, kShort) == ErrorCode::kInDoubt);
  CHECK(rig.Settle() == 5);
  rig.ArriveLate();
  // The server has answered it where it has answered what came on a later connection.
  CHECK(CommitIn(*rig.far, rig.seen.name(), Advance(rig.at, 6, rig.claim), kLong) ==
        OutcomeCode::kApplied);
  CHECK(rig.seen.PositionOf(rig.at) == 6);
}

TEST_CASE("a zombie in doubt robs nobody") {
  ProxiedRig rig;
  rig.proxy.Set(Fault::kHoldRequests);
  CHECK(rig.Commit(99, kShort) == ErrorCode::kInDoubt);
  const ClaimToken next = rig.seen.MustClaim(rig.at, Member("member-2"));
  rig.ArriveLate();
  const ClaimResult settled = ClaimIn(*rig.far, rig.seen.name(), Request(rig.at, rig.claim), kLong);
  CHECK(settled == OutcomeCode::kFenced);
  CHECK(settled.outcome.holder->token == next);
  CHECK(rig.seen.PositionOf(rig.at) == 5);
  CHECK(rig.seen.Commit(Advance(rig.at, 6, next)) == OutcomeCode::kApplied);
}

TEST_CASE("a claim that fails before its write was surely not made") {
  ProxiedRig rig;
  for (const Fault fault : {Fault::kCutRequest, Fault::kCutReply, Fault::kHalfClose}) {
    rig.Connect();
    rig.proxy.Set(fault);
    CHECK(ClaimIn(*rig.far, rig.seen.name(), Request(rig.at), kLong) == ErrorCode::kUnavailable);
  }
  rig.proxy.Set(Fault::kHoldReplies);
  const ClaimResult late = ClaimIn(*rig.far, rig.seen.name(), Request(rig.at), kShort);
  CHECK(late == ErrorCode::kDeadlineExceeded);
  CHECK(rig.seen.ClaimOf(rig.at)->token == rig.claim);
}

TEST_CASE("a claim whose write is lost is in doubt and not made") {
  ProxiedRig rig;
  auto answer = rig.ClaimUpToItsWrite(Request(rig.at), kLong);
  rig.proxy.Set(Fault::kRefuse);
  CHECK(answer.get() == ErrorCode::kInDoubt);
  CHECK(rig.seen.ClaimOf(rig.at)->token == rig.claim);
}

TEST_CASE("a claim whose reply is lost is in doubt and made, and is known by its nonce") {
  ProxiedRig rig;
  for (const Fault fault : {Fault::kCutReply, Fault::kHalfClose, Fault::kHoldReplies}) {
    const ClaimRequest request = Request(rig.at, rig.claim);
    auto answer = rig.ClaimUpToItsWrite(request, fault == Fault::kHoldReplies ? kShort : kLong);
    rig.proxy.Set(fault);
    CHECK(answer.get() == ErrorCode::kInDoubt);
    rig.proxy.Set(Fault::kNone);
    // Made again it is refused, naming its own nonce.
    const ClaimResult again = rig.seen.Claim(rig.at, rig.claim);
    CHECK(again == OutcomeCode::kFenced);
    CHECK(again.outcome.holder->token.nonce == request.nonce);
    rig.claim = again.outcome.holder->token;
  }
}

TEST_CASE("a late claim changes nothing where somebody else claimed meanwhile") {
  ProxiedRig rig;
  auto answer = rig.ClaimUpToItsWrite(Request(rig.at), Duration(1000));
  CHECK(answer.get() == ErrorCode::kInDoubt);
  const ClaimToken next = rig.seen.MustClaim(rig.at, Member("member-2"));
  rig.ArriveLate();
  rig.Connect();
  CHECK(rig.seen.ClaimOf(rig.at)->token == next);
}

TEST_CASE("a store that cannot connect says so and applies nothing") {
  ProxiedRig rig;
  rig.proxy.Set(Fault::kRefuse);
  const auto read = rig.far->Fetch(rig.seen.name(), Selection{{rig.at}, {}}, Soon());
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::kUnavailable);
  CHECK(rig.Commit(6, kLong) == ErrorCode::kUnavailable);
  CHECK(rig.seen.PositionOf(rig.at) == 5);
  rig.proxy.Set(Fault::kNone);
  CHECK(rig.Commit(6, kLong) == OutcomeCode::kApplied);
}

TEST_CASE("a connection that the server closed while it was idle costs nothing") {
  ProxiedRig rig;
  for (int i = 0; i < 20; ++i) {
    RedisClient(SharedPort()).Do({"CLIENT", "KILL", "TYPE", "normal"});
    // Its end has reached the client where a new connection has been answered through the proxy.
    RedisClient(rig.proxy.port()).Do({"PING"});
    const Answer answer = rig.Commit(10 + i, kLong);
    CHECK(answer == OutcomeCode::kApplied);
  }
}

}  // namespace
}  // namespace offsetstore::testing
