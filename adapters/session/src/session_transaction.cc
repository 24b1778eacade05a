// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Positions that move in the caller's own transaction. The session keeps claim and position; what
// is true after a transaction that did not surely commit only the store can say, to a conditional
// claim on this session's own: it waits for a transaction that is still open, and a late one fails
// its fence. Kafka's own store has no claims: there the group's generation is the fence, and a read
// that waits for the open transaction says what is true.
#include <utility>

#include "internal/rules.h"
#include "session_impl.h"

namespace offsetstore::internal {
namespace {

bool Settled(const Held& held) {
  return (held.stage == Held::Stage::kActive || held.stage == Held::Stage::kRevoking) &&
         !held.in_doubt && !held.gone;
}

}  // namespace

bool SessionImpl::Moves(const Held& held) const {
  return Settled(held) && (held.claim.has_value() || options_.fenced_by_group);
}

Result<Move> SessionImpl::NextMove(const TopicPartition& at,
                                   const Ticket& last,
                                   std::size_t count) {
  Lock lock(mutex_);
  Held* held = nullptr;
  // A beat under way replaces the claim that the transaction would name.
  changed_.wait(lock, [&] {
    held = Find(at);
    return held == nullptr || !held->beating;
  });
  if (held == nullptr || !Moves(*held) || held->tracker != last.tracker_ || !last.Held()) {
    return MakeError(ErrorCode::kFenced, ToString(at) + " is not held any more");
  }
  if (!held->tracker->IsNext(last.ordinal_, count)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "the transaction holds " + std::to_string(count) + " records of " +
                         ToString(at) +
                         ", which are not the next after the position that is stored");
  }
  held->in_transaction = true;
  held->moving_under = held->claim;
  return ToMove(at, *held, held->tracker->MarkAfter(last.ordinal_));
}

Held* SessionImpl::FindMoving(const Move& move) {
  Held* held = Find(move.at);
  const bool moves = held != nullptr && held->in_transaction && held->moving_under == move.claim;
  if (moves) held->in_transaction = false;
  return moves ? held : nullptr;
}

void SessionImpl::Moved(const Move& move) {
  const Lock lock(mutex_);
  Held* held = FindMoving(move);
  // Lost meanwhile: what is stored stands, and the next owner finds it.
  if (held == nullptr || !Moves(*held)) return;
  const Pending pending{
      .assignment = held->assignment, .mark = held->tracker->Scan(), .move = move};
  Acknowledge(*held, pending, Applied(move.at));
  signals_->Kick();
}

void SessionImpl::RolledBack(const Move& move, const Error& why) {
  const Lock lock(mutex_);
  Held* held = FindMoving(move);
  if (held == nullptr || !Moves(*held)) return;
  const bool in_doubt = why.code == ErrorCode::kInDoubt;
  Tell(in_doubt ? EventKind::kInDoubt : EventKind::kRolledBack,
       move.at,
       in_doubt ? move.to : held->committed.value_or(move.to),
       why.message);
  // While it is revoked the drain counts its records.
  if (held->stage == Held::Stage::kActive) held->tracker->Close();
  held->in_doubt = true;
  held->last = Failed(move.at, why);
  signals_->Kick();
}

void SessionImpl::GoOnFrom(const TopicPartition& at, Held& held, std::optional<Position> stored) {
  held.nonces.clear();
  if (held.stage == Held::Stage::kRevoking) {
    held.last.reset();
    return signals_->Kick();
  }
  // Removed by somebody without a claim: what a partition without a position does, the start says.
  if (!stored) return StartAnew(at, held);
  Starting one;
  one.at = at;
  one.assignment = held.assignment;
  one.claim = held.claim;
  one.position = *stored;
  one.stored = stored;
  one.resuming = true;
  Activate(held, one);
}

}  // namespace offsetstore::internal
