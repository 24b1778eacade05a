// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "layers/dual_ledger.h"

#include <algorithm>
#include <utility>

namespace offsetstore::internal {
namespace {

using Lock = std::lock_guard<std::mutex>;
using Hold = Shadow::Hold;

Move TargetOf(const TopicPartition& at, const Entry& entry) {
  Move move;
  move.at = at;
  move.to = entry.position;
  move.leader_epoch = entry.leader_epoch;
  move.topic_id = entry.topic_id;
  move.cluster_id = entry.cluster_id;
  move.metadata = entry.metadata;
  return move;
}

// A claim on top of our own earlier one says nothing about who else is at work on the secondary,
// so there too only our own is renewed.
void Renew(Shadow& shadow) {
  if (shadow.hold == Hold::kHeld) shadow.hold = Hold::kDoubt;
  if (shadow.hold == Hold::kPending) shadow.seen.reset();
}

bool HasOwn(const Shadow& shadow) {
  return shadow.hold == Hold::kHeld || shadow.hold == Hold::kDoubt;
}

bool IsOnTop(const Shadow& shadow, const Expect& expect) {
  const auto* token = std::get_if<ClaimToken>(&expect);
  return token != nullptr && shadow.primary == *token;
}

}  // namespace

void Debt::Fail(Drift::Kind kind, std::string why) {
  open = false;
  notes.push_back({kind, std::move(why)});
}

Shadow& DualLedger::Open(std::string_view group, const TopicPartition& at, const Owner& by) {
  Book& book = books_.try_emplace(std::string(group)).first->second;
  book.by = by;
  return book.shadows[at];
}

Shadow* DualLedger::Find(std::string_view group, const TopicPartition& at) {
  const auto book = books_.find(group);
  if (book == books_.end()) return nullptr;
  const auto found = book->second.shadows.find(at);
  return found == book->second.shadows.end() ? nullptr : &found->second;
}

const Shadow* DualLedger::Find(std::string_view group, const TopicPartition& at) const {
  const auto book = books_.find(group);
  if (book == books_.end()) return nullptr;
  const auto found = book->second.shadows.find(at);
  return found == book->second.shadows.end() ? nullptr : &found->second;
}

void DualLedger::Drop(std::string_view group, const TopicPartition& at) {
  const auto book = books_.find(group);
  if (book == books_.end()) return;
  const auto found = book->second.shadows.find(at);
  if (found == book->second.shadows.end()) return;
  if (found->second.told) {
    Shadow rest;
    rest.told = found->second.told;
    rest.known = found->second.known;
    rest.version = found->second.version + 1;
    found->second = std::move(rest);
    return;
  }
  book->second.shadows.erase(found);
  if (book->second.shadows.empty()) books_.erase(book);
}

void DualLedger::NoteClaim(std::string_view group,
                           const ClaimRequest& request,
                           const ClaimAnswer& answer,
                           const std::optional<Expect>& view,
                           const Owner& by) {
  const Lock lock(mutex_);
  Shadow& shadow = Open(group, request.at, by);
  // Two claims answered at once may be noted in the other order: the newer one stands.
  if (shadow.primary && shadow.primary->counter > answer.token.counter) return;
  if (!fenced_) {
    shadow.hold = Hold::kNone;
  } else if (IsOnTop(shadow, request.expect)) {
    Renew(shadow);
  } else {
    shadow.hold = Hold::kPending;
    shadow.seen = view;
    shadow.sent.clear();
  }
  shadow.primary = answer.token;
  shadow.target.reset();
  if (const auto* entry = std::get_if<Entry>(&answer.slot)) {
    shadow.target = TargetOf(request.at, *entry);
  }
  shadow.owes = true;
  ++shadow.version;
}

void DualLedger::NoteMove(std::string_view group, const Move& move, const Owner& by) {
  const Lock lock(mutex_);
  Shadow& shadow = Open(group, move.at, by);
  const bool same = shadow.primary == move.claim;
  if (!same) {
    // A claim that this store did not see being taken: another store's, or an adopted one.
    shadow.primary = move.claim;
    shadow.hold = move.claim && fenced_ ? Hold::kPending : Hold::kNone;
    shadow.seen.reset();
    shadow.sent.clear();
  }
  ++shadow.version;
  const bool owed = std::exchange(shadow.owes, true) && same && shadow.target;
  // Commits of several threads may be noted in another order than they were applied in.
  if (owed && move.kind == Kind::kAdvance && shadow.target->to > move.to) return;
  const bool back = owed && shadow.target->kind == Kind::kRewind;
  shadow.target = move;
  if (back) shadow.target->kind = Kind::kRewind;
}

void DualLedger::Forget(std::string_view group, const TopicPartition& at, const ClaimToken& claim) {
  const Lock lock(mutex_);
  const Shadow* shadow = Find(group, at);
  if (shadow != nullptr && shadow->primary == claim) Drop(group, at);
}

std::vector<Claimed> DualLedger::TakeReleased(std::string_view group,
                                              std::span<const Claimed> claims) {
  std::vector<Claimed> own;
  const Lock lock(mutex_);
  for (const Claimed& claim : claims) {
    const Shadow* shadow = Find(group, claim.at);
    if (shadow == nullptr || shadow->primary != claim.token) continue;
    if (HasOwn(*shadow)) own.push_back({claim.at, shadow->own});
    Drop(group, claim.at);
  }
  return own;
}

void DualLedger::NoteOverride(std::string_view group,
                              const TopicPartition& at,
                              std::optional<Position> to,
                              const std::optional<Debt::Note>& failure,
                              Drifts& drifts) {
  const Lock lock(mutex_);
  Shadow* shadow = Find(group, at);
  if (shadow == nullptr && !failure) return;
  if (shadow == nullptr) shadow = &Open(group, at, OwnerIn(group));
  shadow->target.reset();
  if (to) {
    shadow->target.emplace();
    shadow->target->to = *to;
  }
  if (!failure) shadow->known = to;
  Tell(group, at, *shadow, failure ? *failure : Debt::Note{Drift::Kind::kHealed, {}}, drifts);
  Drop(group, at);
}

bool DualLedger::Renews(std::string_view group, const ClaimRequest& request) const {
  const Lock lock(mutex_);
  const Shadow* shadow = Find(group, request.at);
  return shadow != nullptr && IsOnTop(*shadow, request.expect);
}

std::vector<std::string> DualLedger::Groups() const {
  std::vector<std::string> groups;
  const Lock lock(mutex_);
  for (const auto& [group, book] : books_) groups.push_back(group);
  return groups;
}

bool DualLedger::Owes(std::string_view group) const {
  const Lock lock(mutex_);
  const auto book = books_.find(group);
  if (book == books_.end()) return false;
  return std::any_of(
      book->second.shadows.begin(), book->second.shadows.end(), [](const auto& pair) {
        return pair.second.owes && pair.second.hold != Hold::kShut;
      });
}

std::vector<Debt> DualLedger::Debts(std::string_view group) const {
  std::vector<Debt> debts;
  const Lock lock(mutex_);
  const auto book = books_.find(group);
  if (book == books_.end()) return debts;
  for (const auto& [at, shadow] : book->second.shadows) {
    if (!shadow.owes || shadow.hold == Hold::kShut) continue;
    Debt& debt = debts.emplace_back();
    debt.at = at;
    debt.shadow = shadow;
  }
  return debts;
}

Owner DualLedger::OwnerOf(std::string_view group) const {
  const Lock lock(mutex_);
  return OwnerIn(group);
}

Owner DualLedger::OwnerIn(std::string_view group) const {
  const auto book = books_.find(group);
  return book == books_.end() ? Owner{} : book->second.by;
}

void DualLedger::Settle(std::string_view group, std::span<const Debt> debts, Drifts& drifts) {
  const Lock lock(mutex_);
  for (const Debt& debt : debts) {
    Shadow* shadow = Find(group, debt.at);
    if (shadow == nullptr) continue;
    if (shadow->primary == debt.shadow.primary) {
      SettleOne(group, debt, *shadow, drifts);
    } else if (shadow->hold == Hold::kDoubt && HasOwn(debt.shadow)) {
      // The caller renewed his claim meanwhile: what is to be renewed on the secondary is what this
      // payment left there.
      shadow->own = debt.shadow.own;
    }
  }
}

void DualLedger::SettleOne(std::string_view group,
                           const Debt& debt,
                           Shadow& shadow,
                           Drifts& drifts) {
  if (debt.foreign) return Drop(group, debt.at);
  const bool newest = shadow.version == debt.shadow.version;
  shadow.hold = debt.shadow.hold;
  shadow.own = debt.shadow.own;
  shadow.seen = debt.shadow.seen;
  shadow.sent = debt.shadow.sent;
  shadow.known = debt.shadow.known;
  if (newest) shadow.target = debt.shadow.target;
  for (const Debt::Note& note : debt.notes) Tell(group, debt.at, shadow, note, drifts);
  if (!newest || !(debt.paid || debt.left)) return;
  shadow.owes = false;
  if (!debt.paid) return;
  Tell(group, debt.at, shadow, {Drift::Kind::kHealed, {}}, drifts);
  if (!shadow.primary) Drop(group, debt.at);
}

void DualLedger::FailAll(std::string_view group, const std::string& why, Drifts& drifts) {
  const Lock lock(mutex_);
  const auto book = books_.find(group);
  if (book == books_.end()) return;
  for (auto& [at, shadow] : book->second.shadows) {
    // What is known about it already says more than this.
    if (shadow.owes && !shadow.told) {
      Tell(group, at, shadow, {Drift::Kind::kFailed, why}, drifts);
    }
  }
}

std::size_t DualLedger::size() const {
  const Lock lock(mutex_);
  std::size_t count = 0;
  for (const auto& [group, book] : books_) count += book.shadows.size();
  return count;
}

void DualLedger::Tell(std::string_view group,
                      const TopicPartition& at,
                      Shadow& shadow,
                      Debt::Note note,
                      Drifts& drifts) {
  const bool healed = note.kind == Drift::Kind::kHealed;
  if (healed ? !shadow.told : shadow.told == note.kind) return;
  shadow.told = healed ? std::nullopt : std::optional(note.kind);
  Drift& drift = drifts.emplace_back();
  drift.kind = note.kind;
  drift.group = group;
  drift.at = at;
  if (shadow.target) drift.primary = shadow.target->to;
  drift.secondary = note.secondary ? note.secondary : shadow.known;
  drift.why = std::move(note.why);
}

}  // namespace offsetstore::internal
