// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "layers/dual_payment.h"

#include <algorithm>
#include <utility>

namespace offsetstore::internal {
namespace {

using Hold = Shadow::Hold;

constexpr int kRounds = 3;
// Claims whose answer was lost, of one partition. More are not in flight at once: each is renewed
// on what the one before left.
constexpr std::size_t kMostSent = 16;

template <class Test>
std::vector<Debt*> Where(std::vector<Debt>& debts, Test test) {
  std::vector<Debt*> part;
  for (Debt& debt : debts) {
    if (debt.open && !debt.paid && test(debt)) part.push_back(&debt);
  }
  return part;
}

bool NeedsClaim(const Debt& debt) {
  return debt.shadow.hold == Hold::kPending || debt.shadow.hold == Hold::kDoubt;
}

bool IsHolder(const std::optional<ClaimView>& holder) {
  return holder && !holder->released;
}

bool WasSent(const Shadow& shadow, const ClaimToken& token) {
  return std::find(shadow.sent.begin(), shadow.sent.end(), token.nonce) != shadow.sent.end();
}

std::string HeldBy(const std::optional<ClaimView>& holder) {
  return IsHolder(holder) ? "its claim is held by " + ToString(holder->owner)
                          : "its claim was taken away";
}

std::string HoldsLater(const Debt& debt) {
  return debt.shadow.target ? "the secondary held a later position; it goes back to the primary's"
                            : "the secondary holds a position, the primary none; it is left alone";
}

}  // namespace

void DualPayment::Pay(std::vector<Debt>& debts) {
  if (info_.capabilities.fenced_commits) TakeClaims(debts);
  for (Debt* debt : Where(debts, [](const Debt&) { return true; })) {
    if (IsThere(*debt)) debt->paid = true;
  }
  Write(Where(debts, [](const Debt& debt) { return !debt.ahead; }));
  GoBack(Where(debts, [](const Debt& debt) { return debt.ahead; }));
  if (deadline_.Passed() && !Where(debts, [](const Debt&) { return true; }).empty()) {
    away_ = "it did not answer in time";
  }
}

std::vector<TopicPartition> DualPayment::At(const Part& part) const {
  std::vector<TopicPartition> at;
  at.reserve(part.size());
  for (const Debt* debt : part) at.push_back(debt->at);
  return at;
}

void DualPayment::FailOne(Debt& debt, const Error& error) {
  const bool doubt = error.retry == Retry::kAfterNewClaim;
  if (doubt && debt.shadow.hold == Hold::kHeld) debt.shadow.hold = Hold::kDoubt;
  debt.Fail(doubt ? Drift::Kind::kInDoubt : Drift::Kind::kFailed, ToString(error));
}

void DualPayment::FailCall(const Part& part, const Error& error) {
  for (Debt* debt : part) FailOne(*debt, error);
  if (error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kDeadlineExceeded) {
    away_ = ToString(error);
  }
}

void DualPayment::TakeClaims(std::vector<Debt>& debts) {
  for (int round = 0; round < kRounds; ++round) {
    Look(Where(debts, [](const Debt& debt) {
      return debt.shadow.hold == Hold::kPending && !debt.shadow.seen;
    }));
    const Part part = Where(debts, &NeedsClaim);
    if (part.empty()) return;
    std::vector<ClaimRequest> requests;
    for (const Debt* debt : part) {
      const Shadow& shadow = debt->shadow;
      requests.push_back({debt->at,
                          shadow.hold == Hold::kDoubt ? Expect(shadow.own) : *shadow.seen,
                          Nonce::Random()});
    }
    auto answers = secondary_.Claim(group_, requests, by_, deadline_);
    if (!answers) return FailCall(part, answers.error());
    for (std::size_t i = 0; i < part.size(); ++i) {
      TakeClaim(*part[i], requests[i].nonce, std::move((*answers)[i]));
    }
  }
  for (Debt* debt : Where(debts, &NeedsClaim)) {
    debt->Fail(Drift::Kind::kFenced, "its claim moves faster than it can be followed");
  }
}

void DualPayment::Look(const Part& part) {
  if (part.empty()) return;
  const auto reads = secondary_.Fetch(group_, {.partitions = At(part), .topics = {}}, deadline_);
  if (!reads) return FailCall(part, reads.error());
  for (std::size_t i = 0; i < part.size(); ++i) {
    const auto& claim = (*reads)[i].claim;
    part[i]->shadow.seen = claim ? Expect(claim->token) : Expect(Nobody{});
  }
  CheckStillOurs(part);
}

void DualPayment::CheckStillOurs(const Part& part) {
  const auto reads = primary_.Fetch(group_, {.partitions = At(part), .topics = {}}, deadline_);
  for (std::size_t i = 0; i < part.size(); ++i) {
    Debt& debt = *part[i];
    if (!reads) {
      debt.shadow.seen.reset();
      debt.Fail(Drift::Kind::kFailed, "the primary could not be asked whose it is");
      continue;
    }
    const auto& claim = (*reads)[i].claim;
    debt.foreign = !IsHolder(claim) || claim->token != debt.shadow.primary;
    debt.open = !debt.foreign;
  }
}

void DualPayment::TakeClaim(Debt& debt, const Nonce& nonce, ClaimAnswer answer) {
  Shadow& shadow = debt.shadow;
  const Outcome& outcome = answer.outcome;
  if (outcome.Ok()) {
    shadow.hold = Hold::kHeld;
    shadow.own = answer.token;
    shadow.seen.reset();
    shadow.sent.clear();
    if (const auto* error = std::get_if<Error>(&answer.slot)) return FailOne(debt, *error);
    debt.there = std::move(answer.slot);
  } else if (outcome.code == OutcomeCode::kFenced) {
    Refused(debt, outcome.holder);
  } else {
    if (outcome.error->code == ErrorCode::kInDoubt && shadow.sent.size() < kMostSent) {
      shadow.sent.push_back(nonce);
    }
    if (shadow.hold == Hold::kPending) shadow.seen.reset();
    FailOne(debt, *outcome.error);
  }
}

// Leaves the debt open where another round may help.
void DualPayment::Refused(Debt& debt, const std::optional<ClaimView>& holder) {
  Shadow& shadow = debt.shadow;
  if (shadow.hold == Hold::kPending) {
    shadow.seen.reset();
  } else if (IsHolder(holder) && WasSent(shadow, holder->token)) {
    shadow.own = holder->token;  // Our own late claim.
  } else {
    TakeFence(debt, holder);
    // One that nobody holds may be followed at once.
    debt.open = shadow.hold == Hold::kPending;
    if (debt.open) debt.notes.pop_back();
  }
}

void DualPayment::TakeFence(Debt& debt, const std::optional<ClaimView>& holder) {
  Shadow& shadow = debt.shadow;
  if (IsHolder(holder) && WasSent(shadow, holder->token)) {
    shadow.own = holder->token;
    shadow.hold = Hold::kDoubt;
  } else if (shadow.hold != Hold::kNone) {
    shadow.hold = IsHolder(holder) ? Hold::kShut : Hold::kPending;
    shadow.seen.reset();
  }
  debt.Fail(Drift::Kind::kFenced, HeldBy(holder));
}

// Whether nothing is to be written. Notes where the secondary is ahead.
bool DualPayment::IsThere(Debt& debt) const {
  if (!debt.there) return !debt.shadow.target && !debt.shadow.known;
  const auto* entry = std::get_if<Entry>(&*debt.there);
  const auto& target = debt.shadow.target;
  debt.shadow.known = entry == nullptr ? std::nullopt : std::optional(entry->position);
  if (entry == nullptr) return !target;
  debt.ahead = !target || entry->position > target->to;
  return target && entry->position == target->to && entry->metadata == target->metadata;
}

Move DualPayment::ToMove(const Debt& debt) const {
  Move move = *debt.shadow.target;
  move.from.reset();
  move.claim.reset();
  // Written before there was a dual. The position counts: without it an idle partition would never
  // move.
  if (move.metadata.size() > info_.limits.metadata_bytes) move.metadata.clear();
  if (debt.shadow.hold == Hold::kHeld) {
    move.claim = debt.shadow.own;
  } else if (move.kind == Kind::kRewind) {
    move.kind = Kind::kSet;
    // Nobody's claim is fenced by it: a held one refuses the set.
    if (info_.capabilities.fenced_commits) move.expect = Nobody{};
  }
  return move;
}

void DualPayment::Write(const Part& part) {
  if (part.empty()) return;
  std::vector<Move> moves;
  moves.reserve(part.size());
  for (const Debt* debt : part) moves.push_back(ToMove(*debt));
  const auto outcomes = secondary_.Commit(group_, moves, by_, Atomicity::kEach, deadline_);
  if (!outcomes) return FailCall(part, outcomes.error());
  for (std::size_t i = 0; i < part.size(); ++i) TakeOutcome(*part[i], (*outcomes)[i]);
}

void DualPayment::TakeOutcome(Debt& debt, const Outcome& outcome) {
  if (outcome.Ok()) {
    debt.paid = true;
    debt.shadow.known = debt.shadow.target->to;
  } else if (outcome.code == OutcomeCode::kFenced) {
    TakeFence(debt, outcome.holder);
  } else if (outcome.code == OutcomeCode::kConflict) {
    debt.ahead = true;
    const auto* entry = std::get_if<Entry>(&outcome.conflict->stored);
    if (entry != nullptr) debt.shadow.known = entry->position;
  } else {
    FailOne(debt,
            outcome.error.value_or(
                MakeError(ErrorCode::kInternal, "refused with a batch that was not asked for")));
  }
}

void DualPayment::GoBack(const Part& part) {
  if (part.empty()) return;
  const auto reads = primary_.Fetch(group_, {.partitions = At(part), .topics = {}}, deadline_);
  Part back;
  for (std::size_t i = 0; i < part.size(); ++i) {
    Debt& debt = *part[i];
    if (!reads) {
      debt.Fail(Drift::Kind::kAhead, "and the primary could not be asked");
      continue;
    }
    const Read& now = (*reads)[i];
    const auto* entry = std::get_if<Entry>(&now.slot);
    debt.foreign =
        debt.shadow.primary && (!IsHolder(now.claim) || now.claim->token != *debt.shadow.primary);
    if (debt.foreign) continue;
    if (entry == nullptr || !debt.shadow.target) {
      debt.Fail(Drift::Kind::kAhead, HoldsLater(debt));
      debt.left = true;
      continue;
    }
    // Somebody else's newer commit may have reached both before this one reached the secondary.
    debt.shadow.target->to = entry->position;
    debt.shadow.target->metadata = entry->metadata;
    debt.paid = debt.shadow.known == entry->position;
    if (debt.paid) continue;
    debt.notes.push_back({Drift::Kind::kAhead, HoldsLater(debt), debt.shadow.known});
    debt.shadow.target->kind = Kind::kRewind;
    back.push_back(&debt);
  }
  Write(back);
}

}  // namespace offsetstore::internal
