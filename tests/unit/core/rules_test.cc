// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Claims, releases, removals and reads; moves are in rules_moves_test.cc.
#include "internal/rules.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rules_fixture.h"

namespace offsetstore::internal {
namespace {

TEST_CASE("a claim of nothing starts the counter and leaves no position") {
  const ClaimRequest request{Place(), Any{}, Nonce::Random()};
  const Decision decision = DecideClaim(NoRecord(), request, Member("a"));
  CHECK(decision.outcome.code == OutcomeCode::kApplied);
  REQUIRE(decision.next);
  CHECK_FALSE(decision.next->entry);
  CHECK(decision.next->claim->token == ClaimToken{1, request.nonce});
  CHECK(decision.next->claim->owner == Member("a"));
  CHECK_FALSE(decision.next->claim->released);
}

TEST_CASE("each claim raises the counter and keeps the position") {
  const Record held = Held(7, 100);
  const ClaimRequest request{Place(), Any{}, Nonce::Random()};
  const Decision decision = DecideClaim(held, request, Member("b"));
  REQUIRE(decision.next);
  CHECK(decision.next->claim->token == ClaimToken{8, request.nonce});
  CHECK(decision.next->entry == held.entry);
}

TEST_CASE("a claim that may follow nobody is fenced by a holder alone") {
  const ClaimRequest request{Place(), Nobody{}, Nonce::Random()};
  const Record held = Held(7, 100);
  const Decision refused = DecideClaim(held, request, Member("b"));
  CHECK(refused.outcome.code == OutcomeCode::kFenced);
  CHECK(refused.outcome.holder == held.claim);
  CHECK_FALSE(refused.next);
  CHECK(DecideClaim(NoRecord(), request, Member("b")).outcome.Ok());
  CHECK(DecideClaim(Released(7, 100), request, Member("b")).outcome.Ok());
  CHECK(DecideClaim(Tombstone(7), request, Member("b")).outcome.Ok());
}

TEST_CASE("a conditional claim follows exactly the claim it names") {
  const auto claim = [](const Record& record, const ClaimToken& expect) {
    return DecideClaim(record, {Place(), expect, Nonce::Random()}, Member("b")).outcome.code;
  };
  CHECK(claim(Held(7, 100), Token(7)) == OutcomeCode::kApplied);
  CHECK(claim(Released(7, 100), Token(7)) == OutcomeCode::kApplied);
  CHECK(claim(Tombstone(7), Token(7)) == OutcomeCode::kApplied);
  CHECK(claim(Held(7, 100), Token(6)) == OutcomeCode::kFenced);
  CHECK(claim(NoRecord(), Token(7)) == OutcomeCode::kFenced);
}

TEST_CASE("the same counter with another nonce is another claim") {
  ClaimToken other = Token(7);
  other.nonce = Nonce::Random();
  const Decision decision =
      DecideClaim(Held(7, 100), {Place(), other, Nonce::Random()}, Member("b"));
  CHECK(decision.outcome.code == OutcomeCode::kFenced);
}

TEST_CASE("a claim of a removed partition goes on counting and shows nothing of before") {
  const Decision decision =
      DecideClaim(Tombstone(7), {Place(), Any{}, Nonce::Random()}, Member("b"));
  REQUIRE(decision.next);
  CHECK(decision.next->claim->token.counter == 8);
  CHECK_FALSE(decision.next->removed);
  CHECK_FALSE(decision.next->entry);
}

TEST_CASE("a claim's answer holds the token, the entry and the claim before") {
  const Record before = Held(7, 100);
  Decision decision = DecideClaim(before, {Place(), Any{}, Nonce::Random()}, Member("b"));
  const ClaimToken token = decision.next->claim->token;
  const ClaimAnswer answer = ToClaimAnswer(std::move(decision), before);
  CHECK(answer.outcome.Ok());
  CHECK(answer.token == token);
  CHECK(std::get<Entry>(answer.slot) == *before.entry);
  CHECK(answer.previous == before.claim);
}

TEST_CASE("a fenced claim's answer names the holder and no token") {
  const Record before = Held(7, 100);
  const ClaimAnswer answer =
      ToClaimAnswer(DecideClaim(before, {Place(), Nobody{}, Nonce::Random()}, Member("b")), before);
  CHECK(answer.outcome.code == OutcomeCode::kFenced);
  CHECK(answer.outcome.holder == before.claim);
  CHECK(answer.token == ClaimToken{});
}

TEST_CASE("a claim without a position reads as absent with a claim") {
  const ClaimAnswer answer =
      ToClaimAnswer(DecideClaim(NoRecord(), {Place(), Any{}, Nonce::Random()}, Member("b")), {});
  CHECK(std::holds_alternative<Absent>(answer.slot));
  const Read read = ToRead(Place(), HeldWithout(3));
  CHECK(std::holds_alternative<Absent>(read.slot));
  CHECK(read.claim->token == Token(3));
}

TEST_CASE("a release gives back the claim it names and keeps the position") {
  const Record held = Held(7, 100);
  const Decision decision = DecideRelease(held, {Place(), Token(7)});
  CHECK(decision.outcome.code == OutcomeCode::kApplied);
  REQUIRE(decision.next);
  CHECK(decision.next->claim->released);
  CHECK(decision.next->claim->token == Token(7));
  CHECK(decision.next->entry == held.entry);
}

TEST_CASE("a late release never wipes a newer claim") {
  for (const Record& newer : {Held(8, 100), Released(8, 100), Tombstone(8)}) {
    const Decision decision = DecideRelease(newer, {Place(), Token(7)});
    CHECK(decision.outcome.code == OutcomeCode::kFenced);
    CHECK(decision.outcome.holder == newer.claim);
    CHECK_FALSE(decision.next);
  }
  CHECK(DecideRelease(NoRecord(), {Place(), Token(7)}).outcome.code == OutcomeCode::kFenced);
}

TEST_CASE("releasing twice is already applied") {
  const Decision decision = DecideRelease(Released(7, 100), {Place(), Token(7)});
  CHECK(decision.outcome.code == OutcomeCode::kAlreadyApplied);
  CHECK_FALSE(decision.next);
}

TEST_CASE("a removal leaves a tombstone that keeps counting") {
  const Decision decision = DecideRemoval(Held(7, 100), {Place(), Any{}, {}}, Operator());
  CHECK(decision.outcome.code == OutcomeCode::kApplied);
  REQUIRE(decision.next);
  CHECK(decision.next->removed);
  CHECK_FALSE(decision.next->entry);
  CHECK(decision.next->claim->token.counter == 8);
  CHECK(decision.next->claim->released);
  CHECK_FALSE(IsVisible(*decision.next));
  const Read read = ToRead(Place(), *decision.next);
  CHECK(std::holds_alternative<Absent>(read.slot));
  CHECK_FALSE(read.claim);
}

TEST_CASE("a removal of nothing is already applied, whatever it expects") {
  for (const Record& record : {NoRecord(), Tombstone(7)}) {
    const Decision decision = DecideRemoval(record, {Place(), Token(3), Position(5)}, Operator());
    CHECK(decision.outcome.code == OutcomeCode::kAlreadyApplied);
    CHECK_FALSE(decision.next);
  }
}

TEST_CASE("a removal acts only on the claim and the position that its plan saw") {
  const auto remove = [](const Record& record, Expect expect, std::optional<From> from) {
    return DecideRemoval(record, {Place(), expect, from}, Operator()).outcome.code;
  };
  CHECK(remove(Held(7, 100), Token(7), Position(100)) == OutcomeCode::kApplied);
  CHECK(remove(Held(7, 100), Token(6), {}) == OutcomeCode::kFenced);
  CHECK(remove(Held(7, 100), Nobody{}, {}) == OutcomeCode::kFenced);
  CHECK(remove(Released(7, 100), Nobody{}, {}) == OutcomeCode::kApplied);
  CHECK(remove(Held(7, 100), Any{}, Position(99)) == OutcomeCode::kConflict);
  CHECK(remove(Held(7, 100), Any{}, Absent{}) == OutcomeCode::kConflict);
  CHECK(remove(HeldWithout(7), Any{}, Absent{}) == OutcomeCode::kApplied);
}

TEST_CASE("a conflict says what is stored, what was expected and what to do") {
  const Record record = Held(7, 100);
  const Outcome outcome = DecideRemoval(record, {Place(), Any{}, Position(99)}, Operator()).outcome;
  REQUIRE(outcome.conflict);
  CHECK(std::get<Entry>(outcome.conflict->stored) == *record.entry);
  CHECK(std::get<Position>(*outcome.conflict->expected) == Position(99));
  CHECK_FALSE(outcome.conflict->advice.empty());
}

RecordMap Several() {
  RecordMap records;
  records[{"a", 0}] = Held(1, 10);
  records[{"a", 1}] = Tombstone(2);
  records[{"a", 2}] = HeldWithout(3);
  records[{"b", 0}] = Unclaimed(20);
  return records;
}

std::vector<std::string> Names(const std::vector<Read>& reads) {
  std::vector<std::string> names;
  names.reserve(reads.size());
  for (const Read& read : reads) names.push_back(ToString(read.at));
  return names;
}

using Shown = std::vector<std::string>;

TEST_CASE("a read of everything shows what is visible, sorted") {
  CHECK(Names(Select(Several(), {})) == Shown{"a[0]", "a[2]", "b[0]"});
  CHECK(Select({}, {}).empty());
}

TEST_CASE("named partitions come in the order of the request, also when absent") {
  const auto reads = Select(Several(), {{{"b", 0}, {"z", 9}, {"a", 1}, {"a", 0}}, {}});
  CHECK(Names(reads) == Shown{"b[0]", "z[9]", "a[1]", "a[0]"});
  CHECK(std::get<Entry>(reads[0].slot).position == Position(20));
  CHECK(std::holds_alternative<Absent>(reads[1].slot));
  CHECK(std::holds_alternative<Absent>(reads[2].slot));
  CHECK_FALSE(reads[2].claim);
  CHECK(reads[3].claim->token == Token(1));
}

TEST_CASE("topics are read whole, after the named partitions") {
  CHECK(Names(Select(Several(), {{}, {"a"}})) == Shown{"a[0]", "a[2]"});
  CHECK(Names(Select(Several(), {{}, {"z", "b"}})) == Shown{"b[0]"});
  CHECK(Names(Select(Several(), {{{"z", 1}}, {"b"}})) == Shown{"z[1]", "b[0]"});
}

TEST_CASE("a signature says who wrote, without when") {
  CHECK(Signature(Member("a")) == "member a (host h, pid 1)");
  Owner tool = Operator();
  tool.name = "";
  CHECK(Signature(tool) == "operator (host h, pid 1)");
}

TEST_CASE("a record of which nothing is stored is found for any partition") {
  CHECK(Lookup({}, Place()) == NoRecord());
  CHECK_FALSE(IsVisible(NoRecord()));
  const RecordMap records = Several();
  CHECK(Lookup(records, {"b", 0}) == Unclaimed(20));
}

}  // namespace
}  // namespace offsetstore::internal
