// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A network that cuts, holds and delays before and after the reply of a commit and of a claim.
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eventually.h"
#include "tcp_proxy.h"
#include "zookeeper_support.h"

namespace offsetstore::testing {
namespace {

using Fault = TcpProxy::Fault;

constexpr Duration kShort{300};
constexpr Duration kLong{20'000};

/// A position 5 under a claim, seen by a client behind a faulty network (`far`) and by one that is
/// not (`tree`).
struct Rig {
  OwnTree tree;
  TcpProxy proxy{PortOf(tree.server)};
  TopicPartition at{"orders", 3};
  TestGroup seen = tree.Group();
  std::unique_ptr<OffsetStore> far;
  ClaimToken claim = seen.MustClaim(at);

  Rig() {
    far = MustOpen("zookeeper://127.0.0.1:" + std::to_string(proxy.port()) + tree.chroot);
    // From now on `far` knows both versions: a commit is one request.
    REQUIRE(Commit(5, kLong).Ok());
  }

  [[nodiscard]] Answer Commit(std::int64_t to, Duration bound) const {
    const std::vector<Move> moves = {Advance(at, to, claim)};
    const auto answers =
        far->Commit(seen.name(), moves, Member(), Atomicity::kEach, Deadline::After(bound));
    REQUIRE(answers.has_value());
    return {answers->front()};
  }

  [[nodiscard]] ClaimResult Claim(const ClaimRequest& request, Duration bound) const {
    const std::vector<ClaimRequest> requests = {request};
    const auto answers = far->Claim(seen.name(), requests, Member("far"), Deadline::After(bound));
    REQUIRE(answers.has_value());
    return {answers->front()};
  }

  /// Lets a claim go as far as the request that writes, which is then held.
  [[nodiscard]] std::future<ClaimResult> ClaimUpToItsWrite(const ClaimRequest& request,
                                                           Duration bound) {
    proxy.Set(Fault::kHoldRequests);
    auto answer =
        std::async(std::launch::async, [this, request, bound] { return Claim(request, bound); });
    REQUIRE(proxy.AwaitHeld());
    proxy.Set(Fault::kHoldReplies);
    REQUIRE(proxy.AwaitHeld());
    proxy.Set(Fault::kHoldRequests);
    REQUIRE(proxy.AwaitHeld());
    return answer;
  }

  /// What the session does with a commit in doubt; returns the position found.
  std::optional<std::int64_t> Settle() {
    const ClaimResult settled = seen.Claim(at, claim);
    REQUIRE(settled == OutcomeCode::kApplied);
    claim = settled.token;
    return PositionIn(settled.slot);
  }

  /// The faulty network is well again: the far client works on, by itself.
  void GoesOn(std::int64_t to) {
    proxy.Set(Fault::kNone);
    Answer answer;
    CHECK(Eventually([&] {
      answer = Commit(to, kLong);
      return answer.Ok();
    }));
    CHECK(seen.PositionOf(at) == to);
  }
};

}  // namespace

TEST_CASE("a commit whose reply is lost is in doubt and was applied") {
  for (const Fault fault : {Fault::kCutReply, Fault::kHalfClose, Fault::kHoldReplies}) {
    CAPTURE(static_cast<int>(fault));
    Rig rig;
    rig.proxy.Set(fault);
    CHECK(rig.Commit(6, fault == Fault::kHoldReplies ? kShort : kLong) == ErrorCode::kInDoubt);
    CHECK(rig.Settle() == 6);
    rig.GoesOn(7);
  }
}

TEST_CASE("a commit that is lost on its way is in doubt and was not applied") {
  Rig rig;
  rig.proxy.Set(Fault::kCutRequest);
  CHECK(rig.Commit(6, kLong) == ErrorCode::kInDoubt);
  CHECK(rig.Settle() == 5);
  rig.GoesOn(7);
}

TEST_CASE("the same commit again, after its reply was lost, is already applied") {
  Rig rig;
  rig.proxy.Set(Fault::kCutReply);
  CHECK(rig.Commit(6, kLong) == ErrorCode::kInDoubt);
  CHECK(rig.Commit(6, kLong) == OutcomeCode::kAlreadyApplied);
}

TEST_CASE("a commit that arrives after its doubt was settled changes nothing") {
  Rig rig;
  rig.proxy.Set(Fault::kHoldRequests);
  CHECK(rig.Commit(6, kShort) == ErrorCode::kInDoubt);
  CHECK(rig.Settle() == 5);
  rig.proxy.Set(Fault::kNone);
  rig.GoesOn(7);
  CHECK(rig.seen.PositionOf(rig.at) == 7);
}

TEST_CASE(
    "a commit that arrives after its client has gone and another owner came changes nothing") {
  Rig rig;
  rig.proxy.Set(Fault::kHoldRequests);
  CHECK(rig.Commit(6, kShort) == ErrorCode::kInDoubt);
  static_cast<void>(rig.far->Close(Deadline::After(kShort)));
  rig.far.reset();
  const ClaimToken taken = rig.seen.MustClaim(rig.at, Member("other"));
  REQUIRE(Eventually([&] { return rig.proxy.ReleaseLate() == 1; }));
  rig.proxy.Set(Fault::kNone);
  CHECK(rig.seen.Commit(Advance(rig.at, 9, taken)) == OutcomeCode::kApplied);
  CHECK(rig.seen.PositionOf(rig.at) == 9);
}

TEST_CASE("an owner in doubt who lost his partition meanwhile does not steal it back") {
  Rig rig;
  rig.proxy.Set(Fault::kHoldRequests);
  CHECK(rig.Commit(6, kShort) == ErrorCode::kInDoubt);
  const ClaimToken taken = rig.seen.MustClaim(rig.at, Member("other"));
  rig.proxy.Set(Fault::kNone);
  const ClaimResult zombie = rig.Claim(Request(rig.at, rig.claim), kLong);
  REQUIRE(zombie == OutcomeCode::kFenced);
  CHECK(zombie.outcome.holder->token == taken);
  CHECK(rig.seen.ClaimOf(rig.at)->token == taken);
  CHECK(rig.seen.PositionOf(rig.at) == 5);
}

TEST_CASE("a claim whose reply is lost is in doubt, and its nonce tells that it was granted") {
  for (const Fault fault : {Fault::kCutReply, Fault::kHalfClose}) {
    CAPTURE(static_cast<int>(fault));
    Rig rig;
    const ClaimRequest request = Request(rig.at, rig.claim);
    auto answer = rig.ClaimUpToItsWrite(request, kLong);
    rig.proxy.Set(fault);
    CHECK(answer.get() == ErrorCode::kInDoubt);
    const ClaimResult again = rig.Claim(Request(rig.at, rig.claim), kLong);
    REQUIRE(again == OutcomeCode::kFenced);
    CHECK(again.outcome.holder->token.nonce == request.nonce);
    rig.claim = again.outcome.holder->token;
    rig.GoesOn(6);
  }
}

TEST_CASE("a claim that was held too long is in doubt, and arriving late takes nothing") {
  Rig rig;
  auto answer = rig.ClaimUpToItsWrite(Request(rig.at), kShort);
  CHECK(answer.get() == ErrorCode::kInDoubt);
  const ClaimToken taken = rig.seen.MustClaim(rig.at, Member("other"));
  rig.proxy.Set(Fault::kNone);
  // The next call on the same session comes behind the late one.
  CHECK(rig.Claim(Request(rig.at, rig.claim), kLong) == OutcomeCode::kFenced);
  CHECK(rig.seen.ClaimOf(rig.at)->token == taken);
}

TEST_CASE("a leaf that another program moves while a claim is under way is the one it returns") {
  Rig rig;
  auto answer = rig.ClaimUpToItsWrite(Request(rig.at), kLong);
  rig.tree.client.Set(rig.tree.Path("offsets/orders/3"), "8");
  rig.proxy.Set(Fault::kNone);
  const ClaimResult result = answer.get();
  REQUIRE(result == OutcomeCode::kApplied);
  CHECK(PositionIn(result.slot) == 8);
  rig.claim = result.token;
  rig.GoesOn(9);
}

TEST_CASE("a leaf that another program makes while a claim is under way is not absent") {
  Rig rig;
  rig.at = Orders(4);
  auto answer = rig.ClaimUpToItsWrite(Request(rig.at), kLong);
  rig.tree.client.Set(rig.tree.Path("offsets/orders/4"), "8");
  rig.proxy.Set(Fault::kNone);
  const ClaimResult result = answer.get();
  REQUIRE(result == OutcomeCode::kApplied);
  CHECK(PositionIn(result.slot) == 8);
}

TEST_CASE("what the next owner commits before a claim is answered is not what that claim found") {
  Rig rig;
  // Makes the parents, so that the next claim writes once.
  REQUIRE(rig.Claim(Request(Orders(5)), kLong) == OutcomeCode::kApplied);
  rig.at = Orders(4);
  auto answer = rig.ClaimUpToItsWrite(Request(rig.at), kLong);
  rig.proxy.Set(Fault::kHoldReplies);
  REQUIRE(rig.proxy.AwaitHeld());
  const ClaimToken next = rig.seen.MustClaim(rig.at, Member("other"));
  CHECK(rig.seen.Commit(Advance(rig.at, 9, next)) == OutcomeCode::kApplied);
  rig.proxy.Set(Fault::kNone);
  const ClaimResult result = answer.get();
  REQUIRE(result == OutcomeCode::kApplied);
  CHECK(result.token.counter < next.counter);
  CHECK_FALSE(PositionIn(result.slot));
}

TEST_CASE("a claim cut before its write was sent was surely not granted") {
  Rig rig;
  ClaimResult cut;
  cut.outcome.code = OutcomeCode::kApplied;
  // A ping of the session may be what is cut: then the claim is made on a new connection.
  for (int tries = 0; tries < 5 && cut == OutcomeCode::kApplied; ++tries) {
    rig.proxy.Set(Fault::kCutRequest);
    cut = rig.Claim(Request(rig.at), kLong);
    if (cut == OutcomeCode::kApplied) rig.claim = cut.token;
  }
  CHECK(cut == ErrorCode::kUnavailable);
  CHECK(rig.seen.ClaimOf(rig.at)->token == rig.claim);
  rig.GoesOn(6);
}

TEST_CASE("a read that is cut or late is an error, never absent, and safe to repeat") {
  Rig rig;
  const auto read = [&](Duration bound) {
    return rig.far->Fetch(rig.seen.name(), Selection{{rig.at}, {}}, Deadline::After(bound));
  };
  rig.proxy.Set(Fault::kHoldReplies);
  auto reads = read(kShort);
  REQUIRE(reads.has_value());
  CHECK(SlotError(reads->front()).code == ErrorCode::kDeadlineExceeded);
  CHECK(SlotError(reads->front()).retry == Retry::kSafe);
  rig.proxy.Set(Fault::kCutReply);
  reads = read(kLong);
  REQUIRE(reads.has_value());
  CHECK(SlotError(reads->front()).code == ErrorCode::kUnavailable);
  rig.proxy.Set(Fault::kNone);
  reads = read(kLong);
  REQUIRE(reads.has_value());
  CHECK(PositionIn(reads->front().slot) == 5);
}

TEST_CASE("a server is reached by its IPv6 address, alone and among others") {
  const OwnTree tree;
  // The same server by an address of the other family.
  const std::string v6 = "[::ffff:127.0.0.1]:" + std::to_string(PortOf(tree.server));
  const std::string v4 = "127.0.0.1:" + std::to_string(PortOf(tree.server));
  const std::vector<std::string> ensembles = {v6, v6 + ',' + v4, v4 + ',' + v6};
  for (const std::string& hosts : ensembles) {
    CAPTURE(hosts);
    const auto store = MustOpen("zookeeper://" + hosts + tree.chroot);
    CHECK(store->Info().endpoint == hosts + tree.chroot);
    CHECK(TestGroup(*store, "g").Commit(Advance({"orders", 0}, 5)).Ok());
  }
}

TEST_CASE("without a network every call answers by its deadline and was surely not applied") {
  Rig rig;
  rig.proxy.Set(Fault::kRefuse);
  REQUIRE(
      Eventually([&] { return !rig.far->Fetch(rig.seen.name(), {}, Deadline::After(kShort)); }));
  const auto start = Deadline::Clock::now();
  const std::vector<Move> moves = {Advance(rig.at, 6, rig.claim)};
  const auto answers =
      rig.far->Commit(rig.seen.name(), moves, Member(), Atomicity::kEach, Deadline::After(kShort));
  REQUIRE_FALSE(answers.has_value());
  CHECK(answers.error().code == ErrorCode::kUnavailable);
  CHECK(Deadline::Clock::now() - start < kLong);
  CHECK(OpenError("zookeeper://127.0.0.1:" + std::to_string(rig.proxy.port()),
                  Deadline::After(kShort))
            .code == ErrorCode::kUnavailable);
  rig.GoesOn(7);
}

}  // namespace offsetstore::testing
