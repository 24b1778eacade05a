// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Groups and requests larger than one transaction.
#include <algorithm>
#include <string>
#include <vector>

#include "zookeeper_support.h"

namespace offsetstore::testing {

TEST_CASE("a group of 50,000 partitions is written, read and listed") {
  const OwnTree tree;
  const auto at = PartitionsOf("orders", 50'000);
  const auto answers = tree.Group().CommitAll(AdvanceEach(at, 7));
  CHECK(std::all_of(answers.begin(), answers.end(), [](const Answer& one) { return one.Ok(); }));
  const auto all = tree.Group().All();
  REQUIRE(all.size() == at.size());
  CHECK(std::all_of(
      all.begin(), all.end(), [](const Read& read) { return PositionIn(read.slot) == 7; }));
  CHECK(tree.Group().IsListed());
}

TEST_CASE("metadata at its limit for many partitions goes in several transactions") {
  const OwnTree tree;
  const std::string metadata(tree.store->Info().limits.metadata_bytes, 'm');
  std::vector<Move> moves;
  for (const auto& at : PartitionsOf("orders", 40)) {
    moves.push_back(WithMetadata(Advance(at, 1), metadata));
  }
  for (const Answer& answer : tree.Group().CommitAll(moves)) CHECK(answer.Ok());
  CHECK(tree.Group().EntryOf(Orders(39)).metadata == metadata);
}

TEST_CASE(
    "a batch of one piece with more bytes than the server takes is refused before it is sent") {
  const OwnTree tree;
  const std::string metadata(tree.store->Info().limits.metadata_bytes, 'm');
  std::vector<Move> moves;
  for (const auto& at : PartitionsOf("orders", 40)) {
    moves.push_back(WithMetadata(Advance(at, 1), metadata));
  }
  const auto answers = tree.store->Commit("g", moves, Member(), Atomicity::kAll, Soon());
  REQUIRE_FALSE(answers.has_value());
  CHECK(answers.error().code == ErrorCode::kUnsupported);
  CHECK(tree.client.Tree(tree.chroot).size() == 1);
}

TEST_CASE("the largest batch of one piece with the longest topic of Kafka is taken") {
  const OwnTree tree;
  const auto at =
      PartitionsOf(std::string(249, 't'), static_cast<int>(tree.store->Info().limits.atomic_batch));
  for (const Answer& answer : tree.Group().CommitAll(AdvanceEach(at, 1), Atomicity::kAll)) {
    CHECK(answer == OutcomeCode::kApplied);
  }
}

TEST_CASE("an owner too large for a node is InvalidArgument and stops no other call") {
  const OwnTree tree;
  Owner owner = Member(std::string(std::size_t{1} << 20U, 'o'));
  CHECK(tree.Group().Claim(Orders(0), Any{}, owner) == ErrorCode::kInvalidArgument);
  CHECK(tree.Group().Commit(Advance(Orders(0), 1), owner) == ErrorCode::kInvalidArgument);
  CHECK(tree.Group().All().empty());
  CHECK(tree.Group().Commit(Advance(Orders(0), 1)).Ok());
}

}  // namespace offsetstore::testing
