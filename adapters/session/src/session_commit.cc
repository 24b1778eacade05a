// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "internal/rules.h"
#include "session_impl.h"

namespace offsetstore::internal {
namespace {

bool Commits(const Held& held) {
  return (held.stage == Held::Stage::kActive || held.stage == Held::Stage::kRevoking) &&
         !held.in_doubt && !held.gone;
}

bool IsDirty(const Held& held, const Tracker::Watermark& mark) {
  return !held.committed || *held.committed != mark.position;
}

}  // namespace

bool SessionImpl::IsCommitDue(Time now) const {
  if (options_.commit_interval > Duration::zero() && now >= next_commit_) return true;
  return std::any_of(held_.begin(), held_.end(), [](const auto& pair) {
    const Held& held = pair.second;
    if (!Commits(held)) return false;
    return held.tracker->ThresholdReached() ||
           (held.stage == Held::Stage::kRevoking && held.tracker->InFlight() == 0);
  });
}

void SessionImpl::CommitDue(Time now) {
  std::vector<Pending> pending;
  Owner owner;
  {
    const Lock lock(mutex_);
    if (now < commits_wait_until_) return;
    if (!commit_soon_.exchange(false) && !IsCommitDue(now)) return;
    next_commit_ = now + options_.commit_interval;
    if (options_.moves_by_caller) return;
    pending = CollectCommits();
    owner = owner_;
  }
  if (pending.empty()) return;
  std::vector<Move> moves;
  moves.reserve(pending.size());
  for (const Pending& one : pending) moves.push_back(one.move);
  ApplyCommits(pending,
               store_->Commit(options_.group, moves, owner, Atomicity::kEach, StoreDeadline()));
}

void SessionImpl::ApplyCommits(const std::vector<Pending>& pending, Answers<Outcome> outcomes) {
  const Lock lock(mutex_);
  std::optional<Error> failure;
  for (std::size_t i = 0; i < pending.size(); ++i) {
    Held* held = Find(pending[i].move.at, pending[i].assignment);
    const Outcome outcome =
        outcomes ? std::move((*outcomes)[i]) : Failed(pending[i].move.at, outcomes.error());
    if (outcome.code == OutcomeCode::kFailed && IsPassing(*outcome.error)) failure = outcome.error;
    if (held != nullptr && Commits(*held)) ApplyCommit(*held, pending[i], outcome);
  }
  if (!failure) return StoreAnswered();
  WaitsForGroup(store_->Info(), *failure) ? WaitForGroup() : StoreFailed(*failure);
}

// What is held stays as it is: its work goes on, and the next commit is of the newest that is done.
// The end of a rebalance is not told in time, so it is asked for again.
void SessionImpl::WaitForGroup() {
  commits_wait_until_ = std::chrono::steady_clock::now() + options_.backoff;
  commit_soon_ = true;
}

std::vector<SessionImpl::Pending> SessionImpl::CollectCommits() {
  std::vector<Pending> pending;
  for (auto& [at, held] : held_) {
    if (!Commits(held)) continue;
    const Tracker::Watermark mark = held.tracker->Scan();
    if (!IsDirty(held, mark) && !held.repeat) continue;
    pending.push_back(
        {.assignment = held.assignment, .mark = mark, .move = ToMove(at, held, mark)});
  }
  return pending;
}

// Without claims the generation guards a commit, and a set is what goes backwards.
Kind SessionImpl::KindOf(const Held& held) const {
  if (!held.rewinds) return Kind::kAdvance;
  return fenced() ? Kind::kRewind : Kind::kSet;
}

Move SessionImpl::ToMove(const TopicPartition& at,
                         const Held& held,
                         const Tracker::Watermark& mark) const {
  Move move{.at = at,
            .to = mark.position,
            .kind = KindOf(held),
            .claim = held.claim,
            .expect = {},
            .from = {},
            .leader_epoch = mark.epoch,
            .topic_id = {},
            .cluster_id = owner_.cluster_id,
            .metadata = {}};
  if (store_->Info().capabilities.conditional_commits) {
    move.from = held.committed ? From(*held.committed) : From(Absent{});
  }
  return move;
}

void SessionImpl::ApplyCommit(Held& held, const Pending& pending, const Outcome& outcome) {
  switch (outcome.code) {
    case OutcomeCode::kApplied:
    case OutcomeCode::kAppliedBelowDurability:
    case OutcomeCode::kAlreadyApplied:
      return Acknowledge(held, pending, outcome);
    case OutcomeCode::kFenced:
      return Fenced(pending.move.at, held, outcome.holder);
    case OutcomeCode::kConflict:
      return ApplyConflict(held, pending, outcome);
    case OutcomeCode::kNotApplied:
    case OutcomeCode::kFailed:
      return ApplyFailure(held, pending, outcome);
  }
}

void SessionImpl::Acknowledge(Held& held, const Pending& pending, const Outcome& outcome) {
  const bool repeated = std::exchange(held.repeat, false) && held.committed == pending.move.to;
  if (!repeated) {
    Tell(
        EventKind::kCommitted,
        pending.move.at,
        pending.move.to,
        outcome.code == OutcomeCode::kAppliedBelowDurability ? "below the declared durability" : "",
        held.committed);
  }
  held.committed = pending.move.to;
  held.rewinds = false;
  held.last = outcome;
  // As the metrics count it: what was applied before may have been so below the durability.
  if (outcome.code == OutcomeCode::kApplied) last_commit_ = offsetstore::Now();
  MakeRoom(pending.move.at, held, pending.mark);
}

void SessionImpl::MakeRoom(const TopicPartition& at, Held& held, const Tracker::Watermark& stored) {
  held.tracker->Acknowledge(stored);
  // A refused record is asked for again by a move, at which a client lets go of what it queued: so
  // only once nothing is left of what was handed out.
  const std::size_t room = held.tracker->capacity() / (held.refused ? 1 : 2);
  if (held.full && held.tracker->Free() >= room) {
    held.full = false;
    Unpause(at, held);
  }
}

// Under this session's own claim nobody else writes. Less than was acknowledged: the store went
// back (a failover, a restored backup), and at least once goes on from what it shows. More:
// somebody writes without a claim, and following him would skip records.
void SessionImpl::ApplyConflict(Held& held, const Pending& pending, const Outcome& outcome) {
  const Entry* stored = std::get_if<Entry>(&outcome.conflict->stored);
  if (stored != nullptr && (!held.committed || stored->position > *held.committed)) {
    Tell(EventKind::kConflict, pending.move.at, stored->position, "written by " + stored->writer);
    held.last = outcome;
    return StopRun(MakeError(
        ErrorCode::kConflict,
        ToString(pending.move.at) + " was moved to " + std::to_string(stored->position.value()) +
            " by " + stored->writer + " without a claim; find out who writes to this group"));
  }
  const std::optional<Position> found =
      stored == nullptr ? std::nullopt : std::optional(stored->position);
  held.last = outcome;
  if (found == held.committed) return;  // Refused for something else: not again at once.
  Tell(EventKind::kWentBack,
       pending.move.at,
       found,
       "the store holds less than it acknowledged",
       held.committed);
  held.committed = found;
  commit_soon_ = true;
  signals_->Kick();
}

void SessionImpl::ApplyFailure(Held& held, const Pending& pending, const Outcome& outcome) {
  const TopicPartition& at = pending.move.at;
  const Error error = outcome.error.value_or(
      MakeError(ErrorCode::kInternal,
                "the store refused one partition of a batch it was not asked to keep whole"));
  held.last = outcome;
  if (error.code == ErrorCode::kInDoubt) {
    held.in_doubt = true;
    held.doubtful = pending.mark;
    Tell(EventKind::kInDoubt, at, pending.move.to, error.message);
  } else if (WaitsForGroup(store_->Info(), error)) {
    return;
  } else if (error.retry == Retry::kAfterNewClaim) {
    FencedByMember(at, held, std::nullopt);
  } else if (!IsPassing(error)) {
    StopRun(error);
    held.gone = held.stage == Held::Stage::kRevoking;
  }
}

void SessionImpl::FinishRevoked() {
  std::vector<Claimed> claims;
  {
    const Lock lock(mutex_);
    claims = CollectFinished();
    if (claims.empty()) return;
  }
  const auto outcomes = store_->Release(options_.group, claims, StoreDeadline());
  const Lock lock(mutex_);
  for (std::size_t i = 0; i < claims.size(); ++i) {
    Held* held = Find(claims[i].at);
    if (held == nullptr || held->claim != claims[i].token) continue;
    const Outcome outcome = outcomes ? (*outcomes)[i] : Failed(claims[i].at, outcomes.error());
    // A claim that stays is no loss: the next owner's follows it. So one try is enough.
    if (!held->last) held->last = outcome;
    held->gone = true;
    held->given_back = outcome.Ok();
    Tell(EventKind::kReleased,
         claims[i].at,
         held->committed,
         outcome.Ok()
             ? ""
             : "the claim was not given back: " +
                   std::string(outcome.error ? outcome.error->message : ToString(outcome.code)));
  }
}

std::vector<Claimed> SessionImpl::CollectFinished() {
  std::vector<Claimed> claims;
  for (auto& [at, held] : held_) {
    if (held.stage != Held::Stage::kRevoking || !Commits(held)) continue;
    if (held.tracker->InFlight() > 0) continue;
    // What the caller's transaction did not move was rolled back.
    if (!options_.moves_by_caller && IsDirty(held, held.tracker->Scan())) continue;
    if (held.claim) {
      claims.push_back({.at = at, .token = *held.claim});
    } else {
      held.gone = true;
      Tell(EventKind::kReleased, at, held.committed);
    }
  }
  return claims;
}

}  // namespace offsetstore::internal
