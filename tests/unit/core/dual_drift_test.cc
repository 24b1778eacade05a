// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The secondary fails: the caller does not notice, the listener does, once, and it is mended.
#include <chrono>
#include <future>

#include "dual_fixture.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("dual: a secondary that is down fails no call, is told once and mended later") {
  Dual dual;
  REQUIRE(Commit(*dual.a, kIdle, 8).Ok());
  dual.secondary->SetDown(true);
  const ClaimToken token = MustClaim(*dual.store, kAt);
  MustClaim(*dual.store, kIdle);
  for (int i = 1; i < 5; ++i) {
    CHECK(Commit(*dual.store, kAt, i, token).Ok());
    dual.Wait();
  }
  CHECK(dual.Told() == Lines{"failed orders[0]", "failed orders[1]"});
  dual.secondary->SetDown(false);
  CHECK(Commit(*dual.store, kAt, 5, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 5);
  // The idle one too, under a claim of its own.
  CHECK(PositionOf(*dual.b, kIdle) == 8);
  CHECK(HolderOf(*dual.b, kIdle) == "mine");
  CHECK(dual.Told() == Lines{"healed orders[0]", "healed orders[1]"});
  CHECK(dual.metrics.counts ==
        std::map<std::string, std::uint64_t>{{"offsetstore_dual_drift_total{kind=\"failed\"}", 2},
                                             {"offsetstore_dual_drift_total{kind=\"healed\"}", 2}});
}

TEST_CASE("dual: a read finishes what earlier writes left") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  dual.secondary->Script(Op::kCommit, FailPartitions(ErrorCode::kUnavailable));
  CHECK(Commit(*dual.store, kAt, 5, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) == -1);
  CHECK(PositionOf(*dual.store, kAt) == 5);
  CHECK(PositionOf(*dual.b, kAt) == 5);
  CHECK(dual.Told() == Lines{"failed orders[0]", "healed orders[0]"});
}

TEST_CASE("dual: a release and a close pay what is owed first") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  dual.secondary->Script(Op::kCommit, FailPartitions(ErrorCode::kUnavailable));
  CHECK(Commit(*dual.store, kAt, 5, token).Ok());
  CHECK(Release(*dual.store, kAt, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 5);
  CHECK(HolderOf(*dual.b, kAt).empty());
  dual.secondary->Script(Op::kCommit, FailPartitions(ErrorCode::kUnavailable));
  CHECK(Commit(*dual.store, kIdle, 6).Ok());
  CHECK(dual.store->Close(Soon()));
  CHECK(PositionOf(*dual.b, kIdle) == 6);
}

TEST_CASE("dual: a secondary that hangs costs its own bound, then nothing for a pause") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  {
    const MemoryPause pause(dual.secondary_world);
    const auto start = std::chrono::steady_clock::now();
    CHECK(Commit(*dual.store, kAt, 5, token).Ok());
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
    const std::size_t calls = dual.secondary->History().size();
    CHECK(Commit(*dual.store, kAt, 6, token).Ok());
    CHECK(Fetch(*dual.store, kAt).claim.has_value());
    CHECK(dual.secondary->History().size() == calls);
  }
  CHECK(dual.Told().size() == 1);
  CHECK(Commit(*dual.store, kAt, 7, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) < 7);
  dual.Wait();
  CHECK(Commit(*dual.store, kAt, 8, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 8);
  CHECK(dual.Told() == Lines{"healed orders[0]"});
}

TEST_CASE("dual: a claim keeps most of its time for the primary") {
  Dual dual;
  const MemoryPause pause(dual.secondary_world);
  const std::vector<ClaimRequest> requests = {{kAt, Any{}, Nonce::Random()}};
  const auto answers = dual.store->Claim(
      kGroup, requests, Named("mine"), Deadline::After(std::chrono::milliseconds(400)));
  REQUIRE(answers);
  CHECK(answers->front().outcome.Ok());
}

TEST_CASE("dual: a write in doubt is settled on the secondary's own claim") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  const ClaimToken before = Fetch(*dual.b, kAt).claim->token;
  for (const Fault& fault : {InDoubtApplied(), InDoubtLost()}) {
    const std::int64_t to = PositionOf(*dual.a, kAt) + 2;
    dual.secondary->Script(Op::kCommit, fault);
    CHECK(Commit(*dual.store, kAt, to, token).Ok());
    CHECK(dual.Told() == Lines{"in doubt orders[0]"});
    CHECK(Commit(*dual.store, kAt, to + 1, token).Ok());
    CHECK(PositionOf(*dual.b, kAt) == to + 1);
    CHECK(dual.Told() == Lines{"healed orders[0]"});
  }
  CHECK(Fetch(*dual.b, kAt).claim->token.counter == before.counter + 2);
  for (const auto& call : dual.secondary->History()) {
    for (const ClaimRequest& request : call.requests) {
      CHECK_FALSE(std::holds_alternative<Any>(request.expect));
    }
  }
}

TEST_CASE("dual: a late original on the secondary moves nothing") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  dual.secondary->Script(Op::kCommit, InDoubtLate());
  CHECK(Commit(*dual.store, kAt, 9, token).Ok());
  CHECK(Commit(*dual.store, kAt, 3, token, Kind::kRewind).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 3);
  CHECK(dual.secondary->ApplyLate().front().code == OutcomeCode::kFenced);
  CHECK(PositionOf(*dual.b, kAt) == 3);
}

TEST_CASE("dual: a claim in doubt that did land is adopted") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  dual.secondary->Script(Op::kCommit, InDoubtLost());
  CHECK(Commit(*dual.store, kAt, 5, token).Ok());
  dual.secondary->Script(Op::kClaim, InDoubtApplied());
  CHECK(Commit(*dual.store, kAt, 6, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) == -1);
  CHECK(Commit(*dual.store, kAt, 7, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 7);
  CHECK(dual.Told() == Lines{"in doubt orders[0]", "healed orders[0]"});
}

TEST_CASE("dual: a first claim in doubt on the secondary is taken anew") {
  for (const Fault& fault : {InDoubtApplied(), InDoubtLost()}) {
    Dual dual;
    dual.secondary->Script(Op::kClaim, fault);
    const ClaimToken token = MustClaim(*dual.store, kAt);
    CHECK(Commit(*dual.store, kAt, 7, token).Ok());
    CHECK(PositionOf(*dual.b, kAt) == 7);
    CHECK(dual.Told() == Lines{"in doubt orders[0]", "healed orders[0]"});
  }
}

TEST_CASE("dual: who takes the secondary's claim away keeps it until the caller claims anew") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  REQUIRE(Commit(*dual.store, kAt, 5, token).Ok());
  const ClaimToken other = MustClaim(*dual.b, kAt, Any{}, "other");
  REQUIRE(Commit(*dual.b, kAt, 40, other).Ok());
  for (int i = 6; i < 9; ++i) CHECK(Commit(*dual.store, kAt, i, token).Ok());
  // Renewing the primary's claim is no new one.
  const ClaimToken renewed = MustClaim(*dual.store, kAt, token);
  CHECK(Commit(*dual.store, kAt, 10, renewed).Ok());
  CHECK(HolderOf(*dual.b, kAt) == "other");
  CHECK(PositionOf(*dual.b, kAt) == 40);
  CHECK(dual.Told() == Lines{"fenced orders[0]"});
  MustClaim(*dual.store, kAt);
  CHECK(HolderOf(*dual.b, kAt) == "mine");
  CHECK(PositionOf(*dual.b, kAt) == 10);
  CHECK(dual.Told() == Lines{"ahead orders[0]", "healed orders[0]"});
}

TEST_CASE("dual: a write in doubt robs nobody who took the secondary's claim meanwhile") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  dual.secondary->Script(Op::kCommit, InDoubtLost());
  CHECK(Commit(*dual.store, kAt, 5, token).Ok());
  const ClaimToken other = MustClaim(*dual.b, kAt, Any{}, "other");
  CHECK(Commit(*dual.store, kAt, 6, token).Ok());
  CHECK(HolderOf(*dual.b, kAt) == "other");
  CHECK(Commit(*dual.b, kAt, 9, other).Ok());
  CHECK(dual.Told() == Lines{"in doubt orders[0]", "fenced orders[0]"});
}

TEST_CASE("dual: a claim that nobody holds any more is followed") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  REQUIRE(Commit(*dual.store, kAt, 5, token).Ok());
  REQUIRE(Commit(*dual.b, kAt, 1, {}, Kind::kSet).Ok());
  CHECK(Commit(*dual.store, kAt, 6, token).Ok());
  CHECK(dual.Told() == Lines{"fenced orders[0]"});
  CHECK(Commit(*dual.store, kAt, 7, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 7);
  CHECK(dual.Told() == Lines{"healed orders[0]"});
}

TEST_CASE("dual: of two claimers at once the one that the primary chose ends up with both") {
  Dual dual;
  auto gate = std::make_shared<Gate>();
  dual.secondary->Script(Op::kClaim, BlockBefore(gate));
  auto slow =
      std::async(std::launch::async, [&] { return Claim(*dual.store, kAt, Any{}, "slow"); });
  REQUIRE(gate->WaitForArrivals(1));
  const auto quick = JoinStores(Memory(dual.primary_world), Memory(dual.secondary_world), {});
  REQUIRE(quick);
  const ClaimToken token = MustClaim(**quick, kAt, Any{}, "quick");
  gate->Open();
  CHECK(slow.get().outcome.Ok());
  CHECK(HolderOf(*dual.a, kAt) == "quick");
  CHECK(HolderOf(*dual.b, kAt) == "quick");
  CHECK(Commit(**quick, kAt, 5, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 5);
}

TEST_CASE("dual: the same race, the slow one's claim coming first") {
  Dual dual;
  auto gate = std::make_shared<Gate>();
  std::unique_ptr<OffsetStore> quick;
  FaultStore* faults = nullptr;
  {
    auto faulty = std::make_unique<FaultStore>(Memory(dual.secondary_world));
    faults = faulty.get();
    auto joined = JoinStores(Memory(dual.primary_world), std::move(faulty), {});
    REQUIRE(joined);
    quick = *std::move(joined);
  }
  auto slow_gate = std::make_shared<Gate>();
  dual.secondary->Script(Op::kClaim, BlockBefore(slow_gate));
  auto slow =
      std::async(std::launch::async, [&] { return Claim(*dual.store, kAt, Any{}, "slow"); });
  REQUIRE(slow_gate->WaitForArrivals(1));
  faults->Script(Op::kClaim, BlockBefore(gate));
  auto winner = std::async(std::launch::async, [&] { return Claim(*quick, kAt, Any{}, "quick"); });
  REQUIRE(gate->WaitForArrivals(1));
  slow_gate->Open();
  CHECK(slow.get().outcome.Ok());
  gate->Open();
  CHECK(winner.get().outcome.Ok());
  CHECK(HolderOf(*dual.b, kAt) == "quick");
}

TEST_CASE("dual: one partition that the secondary refuses does not hold up the others") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  const ClaimToken idle = MustClaim(*dual.store, kIdle);
  dual.secondary->Script(Op::kCommit,
                         FailPartitions(ErrorCode::kPermissionDenied, {kIdle}).Times(kForever));
  CHECK(Commit(*dual.store, kIdle, 4, idle).Ok());
  CHECK(Commit(*dual.store, kAt, 5, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 5);
  CHECK(PositionOf(*dual.b, kIdle) == -1);
  CHECK(dual.Told() == Lines{"failed orders[1]"});
}

TEST_CASE(
    "dual: a set or a remove that the secondary misses is told, and the next claim mends it") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  REQUIRE(Commit(*dual.store, kAt, 50, token).Ok());
  dual.secondary->SetDown(true);
  CHECK(Commit(*dual.store, kAt, 10, {}, Kind::kSet).Ok());
  CHECK(dual.Told() == Lines{"failed orders[0]"});
  dual.secondary->SetDown(false);
  dual.Wait();
  MustClaim(*dual.store, kAt);
  CHECK(PositionOf(*dual.b, kAt) == 10);
  CHECK(dual.Told() == Lines{"ahead orders[0]", "healed orders[0]"});
}

TEST_CASE("dual: a close that fails on the secondary is told and does not fail") {
  Dual dual;
  dual.secondary->Script(Op::kClose, FailCall(ErrorCode::kUnavailable));
  CHECK(dual.store->Close(Soon()));
  REQUIRE(dual.drifts.size() == 1);
  CHECK_FALSE(dual.drifts[0].at.has_value());
  CHECK(ToString(dual.drifts[0]).find("the secondary was not closed") != std::string::npos);
}

}  // namespace
}  // namespace offsetstore::testing
