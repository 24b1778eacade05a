// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The secondary follows: every write, from every state it may be found in.
#include "dual_fixture.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("dual: what the primary applied is on the secondary when the call returns") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  CHECK(HolderOf(*dual.b, kAt) == "mine");
  CHECK(Commit(*dual.store, kAt, 5, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 5);
  CHECK(Commit(*dual.store, kAt, 2, token, Kind::kRewind).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 2);
  // The secondary's commits carry its own claim: without one they are fenced.
  CHECK(Commit(*dual.b, kAt, 9).code == OutcomeCode::kFenced);
  CHECK(Release(*dual.store, kAt, token).Ok());
  CHECK(HolderOf(*dual.b, kAt).empty());
  CHECK(dual.Told().empty());
}

TEST_CASE("dual: reads and outcomes are the primary's alone") {
  Dual dual;
  REQUIRE(Commit(*dual.b, kAt, 99).Ok());
  CHECK(PositionOf(*dual.store, kAt) == -1);
  CHECK(dual.store->Info().store_id == dual.a->Info().store_id);
  CHECK(dual.secondary->Calls(Op::kFetch) == 0);
}

TEST_CASE("dual: a claim brings an absent and a lagging secondary to the primary's position") {
  Dual dual;
  REQUIRE(Commit(*dual.a, kAt, 7).Ok());
  REQUIRE(Commit(*dual.a, kIdle, 8).Ok());
  REQUIRE(Commit(*dual.b, kIdle, 3).Ok());
  MustClaim(*dual.store, kAt);
  MustClaim(*dual.store, kIdle);
  CHECK(PositionOf(*dual.b, kAt) == 7);
  CHECK(PositionOf(*dual.b, kIdle) == 8);
  CHECK(dual.Told().empty());
}

TEST_CASE("dual: a claim takes the whole entry over, not the position alone") {
  Dual dual;
  Move move;
  move.at = kAt;
  move.to = Position(7);
  move.leader_epoch = 4;
  move.topic_id = "topic-id";
  move.cluster_id = "cluster-id";
  move.metadata = "bytes";
  REQUIRE(dual.a->Commit(kGroup, std::vector{move}, Named("x"), Atomicity::kEach, Soon()));
  MustClaim(*dual.store, kAt);
  const Entry entry = std::get<Entry>(Fetch(*dual.b, kAt).slot);
  CHECK(entry.leader_epoch == 4);
  CHECK(entry.topic_id == "topic-id");
  CHECK(entry.cluster_id == "cluster-id");
  CHECK(entry.metadata == "bytes");
}

TEST_CASE("dual: a secondary that is ahead goes back, and that is told") {
  Dual dual;
  REQUIRE(Commit(*dual.a, kAt, 7).Ok());
  REQUIRE(Commit(*dual.b, kAt, 20).Ok());
  MustClaim(*dual.store, kAt);
  CHECK(PositionOf(*dual.b, kAt) == 7);
  REQUIRE(dual.drifts.size() == 2);
  CHECK(dual.drifts[0].primary == Position(7));
  CHECK(dual.drifts[0].secondary == Position(20));
  CHECK(ToString(dual.drifts[0]) ==
        "ahead: orders[0] of group 'g': primary 7, secondary 20: the secondary held a later "
        "position; it goes back to the primary's");
  CHECK(dual.Told() == Lines{"ahead orders[0]", "healed orders[0]"});
}

TEST_CASE("dual: where the primary holds nothing the secondary is left alone until it does") {
  Dual dual;
  REQUIRE(Commit(*dual.b, kAt, 20).Ok());
  const ClaimToken token = MustClaim(*dual.store, kAt);
  CHECK(PositionOf(*dual.b, kAt) == 20);
  CHECK(dual.Told() == Lines{"ahead orders[0]"});
  CHECK(PositionOf(*dual.store, kAt) == -1);
  CHECK(dual.Told().empty());
  REQUIRE(Commit(*dual.store, kAt, 3, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 3);
  CHECK(dual.Told() == Lines{"healed orders[0]"});
}

TEST_CASE("dual: what the primary refuses never reaches the secondary") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  REQUIRE(Commit(*dual.store, kAt, 5, token).Ok());
  const std::size_t commits = dual.secondary->Calls(Op::kCommit);
  CHECK(Commit(*dual.store, kAt, 4, token).code == OutcomeCode::kConflict);
  dual.primary->Script(Op::kCommit, FailCall(ErrorCode::kUnavailable));
  Move move;
  move.at = kAt;
  CHECK_FALSE(dual.store->Commit(kGroup, std::vector{move}, Named("x"), Atomicity::kEach, Soon()));
  MustClaim(*dual.a, kAt, Any{}, "other");
  CHECK(Commit(*dual.store, kAt, 6, token).code == OutcomeCode::kFenced);
  CHECK(Claim(*dual.store, kAt, token).outcome.code == OutcomeCode::kFenced);
  CHECK(dual.secondary->Calls(Op::kCommit) == commits);
  CHECK(PositionOf(*dual.b, kAt) == 5);
  CHECK(dual.Told().empty());
}

TEST_CASE("dual: a primary in doubt is settled by its claim, which takes the secondary along") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  dual.primary->Script(Op::kCommit, InDoubtApplied());
  CHECK(Commit(*dual.store, kAt, 5, token).error->code == ErrorCode::kInDoubt);
  CHECK(PositionOf(*dual.b, kAt) == -1);
  const ClaimToken settled = MustClaim(*dual.store, kAt, token);
  CHECK(PositionOf(*dual.b, kAt) == 5);
  CHECK(Commit(*dual.store, kAt, 6, settled).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 6);
  CHECK(dual.Told().empty());
}

TEST_CASE("dual: an operator's set and remove reach both, whatever the secondary held") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  REQUIRE(Commit(*dual.store, kAt, 50, token).Ok());
  CHECK(Commit(*dual.store, kAt, 10, {}, Kind::kSet).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 10);
  CHECK(HolderOf(*dual.b, kAt).empty());
  CHECK(Commit(*dual.store, kAt, 51, token).code == OutcomeCode::kFenced);
  CHECK(PositionOf(*dual.b, kAt) == 10);
  const auto gone =
      dual.store->Remove(kGroup, std::vector{Removal{kAt, Any{}, {}}}, Named("x"), Soon());
  REQUIRE(gone);
  CHECK(gone->front().Ok());
  CHECK(PositionOf(*dual.b, kAt) == -1);
}

TEST_CASE("dual: a set that the primary refuses leaves the secondary alone") {
  Dual dual;
  const ClaimToken token = MustClaim(*dual.store, kAt);
  REQUIRE(Commit(*dual.store, kAt, 5, token).Ok());
  Move set;
  set.at = kAt;
  set.to = Position(1);
  set.kind = Kind::kSet;
  set.from = From(Position(4));
  const auto refused =
      dual.store->Commit(kGroup, std::vector{set}, Named("x"), Atomicity::kEach, Soon());
  REQUIRE(refused);
  CHECK(refused->front().code == OutcomeCode::kConflict);
  CHECK(PositionOf(*dual.b, kAt) == 5);
  CHECK(Commit(*dual.store, kAt, 6, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 6);
}

TEST_CASE("dual: a primary without claims has its secondary written without one") {
  Dual dual(true);
  CHECK(Commit(*dual.store, kAt, 5).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 5);
  CHECK_FALSE(Fetch(*dual.b, kAt).claim.has_value());
  // The same position again: how a session tells of a partition on which nothing happens.
  REQUIRE(Commit(*dual.a, kIdle, 8).Ok());
  CHECK(Commit(*dual.store, kIdle, 8).Ok());
  CHECK(PositionOf(*dual.b, kIdle) == 8);
  REQUIRE(Commit(*dual.b, kAt, 20).Ok());
  CHECK(Commit(*dual.store, kAt, 6).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 6);
  CHECK(dual.Told() == Lines{"ahead orders[0]", "healed orders[0]"});
}

TEST_CASE("dual: a secondary without claims is written without one, and set where it is ahead") {
  Dual dual(false, true);
  REQUIRE(Commit(*dual.a, kAt, 7).Ok());
  REQUIRE(Commit(*dual.b, kAt, 20).Ok());
  const ClaimToken token = MustClaim(*dual.store, kAt);
  CHECK(PositionOf(*dual.b, kAt) == 7);
  CHECK(dual.Told() == Lines{"ahead orders[0]", "healed orders[0]"});
  CHECK(Commit(*dual.store, kAt, 9, token).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 9);
  CHECK(Commit(*dual.store, kAt, 1, token, Kind::kRewind).Ok());
  CHECK(PositionOf(*dual.b, kAt) == 1);
  CHECK(Release(*dual.store, kAt, token).Ok());
  CHECK(dual.secondary->Calls(Op::kClaim) + dual.secondary->Calls(Op::kRelease) == 0);
  CHECK(dual.Told().empty());
}

TEST_CASE("dual: what the secondary cannot keep is refused before anything is written") {
  Dual dual(false, true);
  const Limits& limits = dual.store->Info().limits;
  CHECK(limits.names == NameDomain::kKafkaTopic);
  CHECK(limits.topic_bytes == 249);
  CHECK(limits.metadata_bytes == 0);
  CHECK_FALSE(dual.store->Info().capabilities.keeps_metadata);
  CHECK(dual.store->Info().capabilities.fenced_commits);
  Move move;
  move.at = {"not a topic", 0};
  const auto refused =
      dual.store->Commit(kGroup, std::vector{move}, Named("x"), Atomicity::kEach, Soon());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kInvalidArgument);
  CHECK(dual.primary->Calls(Op::kCommit) == 0);
}

TEST_CASE("dual: metadata from before that the secondary cannot keep does not hold a position up") {
  Dual dual(false, true);
  Move move;
  move.at = kAt;
  move.to = Position(7);
  move.metadata = "bytes";
  REQUIRE(dual.a->Commit(kGroup, std::vector{move}, Named("x"), Atomicity::kEach, Soon()));
  MustClaim(*dual.store, kAt);
  CHECK(PositionOf(*dual.b, kAt) == 7);
  CHECK(dual.Told().empty());
}

TEST_CASE("dual: one store is not joined with itself") {
  const auto world = NewMemoryWorld();
  const auto joined = JoinStores(Memory(world), Memory(world), {});
  REQUIRE_FALSE(joined);
  CHECK(joined.error().code == ErrorCode::kConfigInvalid);
  CHECK(joined.error().message.find("the same store") != std::string::npos);
}

}  // namespace
}  // namespace offsetstore::testing
