// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "layers/dual_ledger.h"

#include <doctest/doctest.h>

#include <utility>

#include "internal/rules.h"

namespace offsetstore::internal {
namespace {

const TopicPartition kAt{"orders", 0};

ClaimToken NoteClaim(DualLedger& ledger, std::uint64_t counter, const Expect& expect = Any{}) {
  const ClaimToken token{counter, Nonce::Random()};
  const ClaimRequest request{kAt, expect, token.nonce};
  ClaimAnswer answer{.outcome = Applied(kAt), .token = token, .slot = Absent{}, .previous = {}};
  ledger.NoteClaim("g", request, answer, Expect(Nobody{}), Owner{});
  return token;
}

/// Settles the one debt as if the secondary had granted `own` and stored everything.
void Pay(DualLedger& ledger, const ClaimToken& own) {
  auto debts = ledger.Debts("g");
  REQUIRE(debts.size() == 1);
  debts[0].shadow.hold = Shadow::Hold::kHeld;
  debts[0].shadow.own = own;
  debts[0].paid = true;
  DualLedger::Drifts drifts;
  ledger.Settle("g", debts, drifts);
}

Move To(std::int64_t position, const ClaimToken& claim, Kind kind = Kind::kAdvance) {
  Move move;
  move.at = kAt;
  move.to = Position(position);
  move.claim = claim;
  move.kind = kind;
  return move;
}

TEST_CASE("dual ledger: a released claim leaves nothing, and its own goes back with it") {
  DualLedger ledger(true);
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    const ClaimToken token = NoteClaim(ledger, i);
    const ClaimToken own{i + 7, Nonce::Random()};
    Pay(ledger, own);
    CHECK(ledger.size() == 1);
    const auto released = ledger.TakeReleased("g", std::vector{Claimed{kAt, token}});
    REQUIRE(released.size() == 1);
    CHECK(released[0].token == own);
    CHECK(ledger.size() == 0);
  }
}

TEST_CASE("dual ledger: a stale claim of the caller is never given the secondary's") {
  DualLedger ledger(true);
  const ClaimToken old = NoteClaim(ledger, 1);
  Pay(ledger, {8, Nonce::Random()});
  NoteClaim(ledger, 2);
  CHECK(ledger.TakeReleased("g", std::vector{Claimed{kAt, old}}).empty());
  auto debts = ledger.Debts("g");
  REQUIRE(debts.size() == 1);
  CHECK(debts[0].shadow.hold == Shadow::Hold::kPending);
  ledger.Forget("g", kAt, old);
  CHECK(ledger.size() == 1);
}

TEST_CASE("dual ledger: a claim renewed on its own earlier one renews the secondary's") {
  DualLedger ledger(true);
  const ClaimToken first = NoteClaim(ledger, 1);
  const ClaimToken own{8, Nonce::Random()};
  Pay(ledger, own);
  NoteClaim(ledger, 2, first);
  const auto debts = ledger.Debts("g");
  REQUIRE(debts.size() == 1);
  CHECK(debts[0].shadow.hold == Shadow::Hold::kDoubt);
  CHECK(debts[0].shadow.own == own);
}

TEST_CASE("dual ledger: claims and commits noted in the other order end at the newest") {
  DualLedger ledger(true);
  const ClaimToken newer = NoteClaim(ledger, 5);
  NoteClaim(ledger, 4);
  CHECK(ledger.Debts("g")[0].shadow.primary == newer);
  ledger.NoteMove("g", To(9, newer), Owner{});
  ledger.NoteMove("g", To(8, newer), Owner{});
  CHECK(ledger.Debts("g")[0].shadow.target->to == Position(9));
  ledger.NoteMove("g", To(2, newer, Kind::kRewind), Owner{});
  ledger.NoteMove("g", To(3, newer), Owner{});
  CHECK(ledger.Debts("g")[0].shadow.target->to == Position(3));
  CHECK(ledger.Debts("g")[0].shadow.target->kind == Kind::kRewind);
}

TEST_CASE("dual ledger: what is noted during a payment is still owed after it") {
  DualLedger ledger(true);
  const ClaimToken token = NoteClaim(ledger, 1);
  auto debts = ledger.Debts("g");
  debts[0].shadow.hold = Shadow::Hold::kHeld;
  debts[0].paid = true;
  ledger.NoteMove("g", To(9, token), Owner{});
  DualLedger::Drifts drifts;
  ledger.Settle("g", debts, drifts);
  REQUIRE(ledger.Debts("g").size() == 1);
  CHECK(ledger.Debts("g")[0].shadow.hold == Shadow::Hold::kHeld);
  CHECK(ledger.Debts("g")[0].shadow.target->to == Position(9));
}

TEST_CASE("dual ledger: drift that was told outlives its claim until it is healed") {
  DualLedger ledger(true);
  DualLedger::Drifts drifts;
  const ClaimToken token = NoteClaim(ledger, 1);
  ledger.FailAll("g", "down", drifts);
  ledger.FailAll("g", "down", drifts);
  CHECK(drifts.size() == 1);
  CHECK(ledger.TakeReleased("g", std::vector{Claimed{kAt, token}}).empty());
  CHECK(ledger.size() == 1);
  CHECK_FALSE(ledger.Owes("g"));
  NoteClaim(ledger, 2);
  auto debts = ledger.Debts("g");
  debts[0].paid = true;
  ledger.Settle("g", debts, drifts);
  REQUIRE(drifts.size() == 2);
  CHECK(drifts[1].kind == Drift::Kind::kHealed);
}

TEST_CASE("dual ledger: unclaimed writes leave nothing once they are paid") {
  DualLedger ledger(true);
  Move move;
  move.at = kAt;
  ledger.NoteMove("g", move, Owner{});
  auto debts = ledger.Debts("g");
  debts[0].paid = true;
  DualLedger::Drifts drifts;
  ledger.Settle("g", debts, drifts);
  CHECK(ledger.size() == 0);
  CHECK(ledger.Groups().empty());
}

}  // namespace
}  // namespace offsetstore::internal
