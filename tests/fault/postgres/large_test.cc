// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "postgres_support.h"

namespace offsetstore::testing {
namespace {

bool AllOk(const std::vector<Answer>& answers) {
  return std::all_of(answers.begin(), answers.end(), [](const Answer& a) { return a.Ok(); });
}

TEST_CASE("a group of 50,000 partitions is started, claimed, committed and read in single calls") {
  const Tables tables;
  const auto store = MustOpen(tables.uri());
  const TestGroup group(*store, "large");
  const std::vector<TopicPartition> all = PartitionsOf("orders", 50'000);
  CHECK(AllOk(group.CommitAll(AdvanceEach(all, 5, Absent{}), Atomicity::kAll)));
  std::vector<ClaimRequest> requests;
  for (const TopicPartition& at : all) requests.push_back(Request(at));
  const std::vector<ClaimResult> claims = group.ClaimAll(requests);
  std::vector<Move> moves;
  for (std::size_t i = 0; i < all.size(); ++i) {
    REQUIRE(claims[i] == OutcomeCode::kApplied);
    moves.push_back(Advance(all[i], 7, claims[i].token, Position(5)));
  }
  CHECK(AllOk(group.CommitAll(moves, Atomicity::kAll)));
  const std::vector<Read> reads = group.All();
  REQUIRE(reads.size() == all.size());
  CHECK(std::all_of(
      reads.begin(), reads.end(), [](const Read& read) { return PositionIn(read.slot) == 7; }));
}

TEST_CASE("one stale claim among 10,000 stops nothing of the others, and all of an atomic batch") {
  const Tables tables;
  const auto store = MustOpen(tables.uri());
  const TestGroup group(*store, "large");
  const std::vector<TopicPartition> all = PartitionsOf("orders", 10'000);
  std::vector<ClaimRequest> requests;
  for (const TopicPartition& at : all) requests.push_back(Request(at));
  const std::vector<ClaimResult> claims = group.ClaimAll(requests);
  std::vector<Move> moves;
  for (std::size_t i = 0; i < all.size(); ++i) {
    moves.push_back(Advance(all[i], 5, claims[i].token));
  }
  const ClaimToken taken = group.MustClaim(all[4711], Member("member-2"));
  std::vector<Answer> answers = group.CommitAll(moves, Atomicity::kAll);
  CHECK(answers[4711] == OutcomeCode::kFenced);
  CHECK(answers[0] == OutcomeCode::kNotApplied);
  CHECK_FALSE(group.PositionOf(all[0]));
  answers = group.CommitAll(moves);
  CHECK(answers[4711] == OutcomeCode::kFenced);
  REQUIRE(answers[4711].holder);
  CHECK(answers[4711].holder->token == taken);
  CHECK(std::count_if(answers.begin(), answers.end(), [](const Answer& a) { return a.Ok(); }) ==
        9'999);
}

}  // namespace
}  // namespace offsetstore::testing
