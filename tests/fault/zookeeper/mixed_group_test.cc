// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A position that another program moves beside this store: adopted by a claim, a conflict under
// one.
#include <string>
#include <vector>

#include "zookeeper_support.h"

namespace offsetstore::testing {
namespace {

constexpr const char* kLeaf = "offsets/orders/0";

/// Under a claim, at position 50.
struct Held {
  OwnTree tree;
  TestGroup group = tree.Group();
  ClaimToken claim = group.MustClaim(Orders(0));
  Held() { REQUIRE(group.Commit(WithMetadata(Advance(Orders(0), 50, claim), "mine")).Ok()); }

  void CheckMixed(const Answer& answer, const std::string& found) const {
    REQUIRE(answer == OutcomeCode::kConflict);
    CHECK(answer.conflict->advice.find("mixed group") != std::string::npos);
    CHECK(answer.conflict->advice.find("from 50 (zxid ") != std::string::npos);
    CHECK(answer.conflict->advice.find("to " + found) != std::string::npos);
    CHECK((answer.conflict->expected == From(Position(50))));
  }
};

}  // namespace

TEST_CASE("a leaf that another program moved is a conflict under a claim, whichever way it went") {
  for (const char* moved : {"80", "20", "50", "60"}) {
    CAPTURE(moved);
    const Held held;
    held.tree.client.Set(held.tree.Path(kLeaf), moved);
    held.CheckMixed(held.group.Commit(Advance(Orders(0), 60, held.claim)), moved);
    CHECK(held.tree.Data(kLeaf) == moved);
  }
}

TEST_CASE("a leaf that another program deleted, or deleted and made again, is a conflict") {
  const Held held;
  held.tree.client.Delete(held.tree.Path(kLeaf));
  held.CheckMixed(held.group.Commit(Advance(Orders(0), 60, held.claim)), "none");
  held.tree.client.Create(held.tree.Path(kLeaf), "50");
  held.CheckMixed(held.group.Commit(Advance(Orders(0), 60, held.claim)), "50");
  CHECK(held.tree.Data(kLeaf) == "50");
}

TEST_CASE("a leaf that appears under a claim without a position is a conflict") {
  const OwnTree tree;
  const ClaimToken claim = tree.Group().MustClaim(Orders(0));
  tree.client.Set(tree.Path(kLeaf), "7");
  const Answer answer = tree.Group().Commit(Advance(Orders(0), 9, claim));
  REQUIRE(answer == OutcomeCode::kConflict);
  CHECK(answer.conflict->advice.find("mixed group") != std::string::npos);
  CHECK(tree.Data(kLeaf) == "7");
}

TEST_CASE(
    "a read shows that another program wrote it, and nothing of what belonged to the old one") {
  const Held held;
  CHECK(held.group.EntryOf(Orders(0)).metadata == "mine");
  held.tree.client.Set(held.tree.Path(kLeaf), "80");
  const Entry entry = held.group.EntryOf(Orders(0));
  CHECK(entry.position == Position(80));
  CHECK(entry.metadata.empty());
  CHECK(entry.writer == kZooKeeperOutsideWriter);
  CHECK(held.group.ClaimOf(Orders(0))->token == held.claim);
}

TEST_CASE("a claim adopts what another program left, and goes on from there") {
  const Held held;
  held.tree.client.Set(held.tree.Path(kLeaf), "80");
  const ClaimResult next = held.group.Claim(Orders(0));
  REQUIRE(next == OutcomeCode::kApplied);
  CHECK(PositionIn(next.slot) == 80);
  CHECK(std::get<Entry>(next.slot).writer == kZooKeeperOutsideWriter);
  CHECK(held.group.Commit(Advance(Orders(0), 81, next.token)) == OutcomeCode::kApplied);
  CHECK(held.group.EntryOf(Orders(0)).writer.starts_with("member"));
}

TEST_CASE("what a claim adopted is told apart from the next change") {
  const Held held;
  held.tree.client.Set(held.tree.Path(kLeaf), "80");
  const ClaimResult next = held.group.Claim(Orders(0));
  held.tree.client.Set(held.tree.Path(kLeaf), "80");
  CHECK(held.group.Commit(Advance(Orders(0), 81, next.token)) == OutcomeCode::kConflict);
}

TEST_CASE("a position that this store never wrote has no writer, and a claim keeps it") {
  const OwnTree tree;
  tree.client.Set(tree.Path(kLeaf), "7");
  CHECK(tree.Group().EntryOf(Orders(0)).writer.empty());
  CHECK(tree.Group().EntryOf(Orders(0)).commit_time.has_value());
  const ClaimResult claim = tree.Group().Claim(Orders(0));
  CHECK(PositionIn(claim.slot) == 7);
  CHECK(tree.Group().Commit(Advance(Orders(0), 6, claim.token)) == OutcomeCode::kConflict);
  CHECK(tree.Group().Commit(Advance(Orders(0), 8, claim.token)) == OutcomeCode::kApplied);
}

TEST_CASE("a release does not hide that another program moved the position") {
  const Held held;
  held.tree.client.Set(held.tree.Path(kLeaf), "80");
  CHECK(held.group.Release(Orders(0), held.claim) == OutcomeCode::kApplied);
  CHECK(held.group.EntryOf(Orders(0)).writer == kZooKeeperOutsideWriter);
  CHECK(PositionIn(held.group.Claim(Orders(0)).slot) == 80);
}

TEST_CASE("an operator's set and a commit without a claim see what is stored, whoever wrote it") {
  const Held held;
  held.tree.client.Set(held.tree.Path(kLeaf), "80");
  CHECK(held.group.Commit(Set(Orders(0), 10, Any{}, From(Position(50)))) == OutcomeCode::kConflict);
  CHECK(held.group.Commit(Set(Orders(0), 10, Any{}, From(Position(80)))) == OutcomeCode::kApplied);
  held.tree.client.Set(held.tree.Path(kLeaf), "90");
  CHECK(held.group.Commit(Advance(Orders(0), 89)) == OutcomeCode::kConflict);
  CHECK(held.group.Commit(Advance(Orders(0), 91)) == OutcomeCode::kApplied);
}

TEST_CASE(
    "a position that another program left on a removed partition is shown, the counter stays") {
  const Held held;
  REQUIRE(held.group.Remove(Orders(0)).Ok());
  held.tree.client.Set(held.tree.Path(kLeaf), "7");
  CHECK(held.group.PositionOf(Orders(0)) == 7);
  const ClaimResult next = held.group.Claim(Orders(0));
  REQUIRE(next == OutcomeCode::kApplied);
  CHECK(next.token.counter == 3);
}

TEST_CASE("a group that a tool deleted starts anew, and its old holder is fenced") {
  const Held held;
  held.tree.client.Delete(held.tree.chroot + "/consumers/g");
  CHECK(held.group.Commit(Advance(Orders(0), 60, held.claim)) == OutcomeCode::kFenced);
  CHECK(held.tree.client.Children(held.tree.chroot + "/consumers").empty());
  const ClaimResult next = held.group.Claim(Orders(0));
  REQUIRE(next == OutcomeCode::kApplied);
  CHECK(PositionIn(next.slot) == std::nullopt);
  CHECK(held.group.Commit(Advance(Orders(0), 1, next.token)) == OutcomeCode::kApplied);
}

TEST_CASE("a holder is fenced where our node was deleted and came to the very versions it saw") {
  const Held held;  // Our node at version 1, the leaf at 0.
  const auto store = MustOpen(held.tree.server + held.tree.chroot);
  const TestGroup other = held.group.In(*store);
  std::string leaf;
  SUBCASE("with the whole group") {
    held.tree.client.Delete(held.tree.chroot + "/consumers/g");
    REQUIRE(other.Commit(Advance(Orders(0), 5, other.MustClaim(Orders(0)))).Ok());
    leaf = "5";
  }
  SUBCASE("alone") {
    held.tree.client.Delete(held.tree.Path("offsetstore/orders/0"));
    static_cast<void>(other.MustClaim(Orders(0)));
    static_cast<void>(other.MustClaim(Orders(0)));
    leaf = "50";
  }
  REQUIRE(held.tree.client.Get(held.tree.Path("offsetstore/orders/0"))->stat.version == 1);
  REQUIRE(held.tree.client.Get(held.tree.Path(kLeaf))->stat.version == 0);
  CHECK(held.group.Commit(Advance(Orders(0), 60, held.claim)) == OutcomeCode::kFenced);
  CHECK(held.tree.Data(kLeaf) == leaf);
}

TEST_CASE("a child of our node that somebody deleted is made again by the next write") {
  const Held held;
  const std::string old = held.tree.Incarnation("offsetstore/orders/0");
  held.tree.client.Delete(old);
  CHECK(held.group.Commit(Advance(Orders(0), 60, held.claim)) == OutcomeCode::kApplied);
  CHECK(held.tree.Incarnation("offsetstore/orders/0") != old);
  CHECK(held.group.Commit(Advance(Orders(0), 61, held.claim)) == OutcomeCode::kApplied);
  CHECK(held.tree.Data(kLeaf) == "61");
}

TEST_CASE("one changed partition does not stop the others of a batch") {
  const OwnTree tree;
  const auto at = PartitionsOf("orders", 1000);
  std::vector<ClaimRequest> requests;
  for (const auto& one : at) requests.push_back(Request(one));
  const auto claims = tree.Group().ClaimAll(requests);
  const auto commit = [&](std::int64_t to) {
    std::vector<Move> moves;
    for (std::size_t i = 0; i < at.size(); ++i)
      moves.push_back(Advance(at[i], to, claims[i].token));
    return tree.Group().CommitAll(moves);
  };
  for (const Answer& answer : commit(5)) REQUIRE(answer == OutcomeCode::kApplied);
  tree.client.Set(tree.Path("offsets/orders/3"), "4");
  static_cast<void>(TestGroup(*MustOpen(tree.uri), "g").MustClaim(at[700]));
  const auto answers = commit(6);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CAPTURE(i);
    if (i == 3) {
      CHECK(answers[i] == OutcomeCode::kConflict);
    } else if (i == 700) {
      CHECK(answers[i] == OutcomeCode::kFenced);
    } else {
      CHECK(answers[i] == OutcomeCode::kApplied);
    }
  }
  CHECK(tree.Data("offsets/orders/3") == "4");
  CHECK(tree.Data("offsets/orders/700") == "5");
  CHECK(tree.Data("offsets/orders/999") == "6");
}

TEST_CASE("nodes of ours that are made after a group was seen without any are read by name too") {
  OwnTree tree;
  for (const std::int32_t partition : {0, 1, 2}) {
    tree.client.Set(tree.Path("offsets/orders/" + std::to_string(partition)), "5");
  }
  const TestGroup reader = tree.Group();
  CHECK(reader.All().size() == 3);
  const auto other = MustOpen(tree.server + tree.chroot);
  const TestGroup writer = reader.In(*other);
  const ClaimToken claim = writer.MustClaim(Orders(1));
  REQUIRE(writer.Commit(WithMetadata(Advance(Orders(1), 9, claim), "m")).Ok());
  const Selection by_name{{Orders(0), Orders(1), Orders(2)}, {}};
  const Answers<Read> reads = tree.store->Fetch("g", by_name, Soon());
  REQUIRE(reads.has_value());
  REQUIRE(reads->size() == 3);
  CHECK(PositionIn((*reads)[0].slot) == 5);
  CHECK(PositionIn((*reads)[1].slot) == 9);
  CHECK(std::get<Entry>((*reads)[1].slot).metadata == "m");
  REQUIRE((*reads)[1].claim.has_value());
  CHECK((*reads)[1].claim->token == claim);
  CHECK_FALSE((*reads)[2].claim.has_value());
}

}  // namespace offsetstore::testing
