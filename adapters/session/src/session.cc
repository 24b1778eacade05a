// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/session.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "internal/rules.h"
#include "session_impl.h"

namespace offsetstore {

Result<std::unique_ptr<Session>> Session::Open(std::shared_ptr<OffsetStore> store,
                                               std::shared_ptr<Client> client,
                                               SessionOptions options) {
  if (store == nullptr || client == nullptr) {
    return MakeError(ErrorCode::kInvalidArgument, "a session needs a store and a client");
  }
  if (options.commit_records == 0 && options.commit_interval == Duration::zero()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "nothing would ever be committed: set offsetstore.commit.records or "
                     "offsetstore.commit.interval above 0");
  }
  if (options.claim_check <= Duration::zero() || options.store_timeout <= Duration::zero() ||
      options.drain_timeout <= Duration::zero() || options.assign_bound <= Duration::zero()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "claim check, store timeout, drain timeout and assign bound must be above 0");
  }
  const Capabilities& can = store->Info().capabilities;
  const bool fences = (can.fenced_commits && can.conditional_commits) || options.fenced_by_group;
  if (options.moves_by_caller && !fences) {
    return MakeError(ErrorCode::kUnsupported,
                     store->Info().scheme +
                         " cannot fence a move within a transaction of the caller's own: it keeps "
                         "no claims");
  }
  if (options.fenced_by_group && options.static_assignment) {
    return MakeError(ErrorCode::kUnsupported,
                     "without a group there is no generation that could fence a transaction");
  }
  return std::unique_ptr<Session>(std::make_unique<internal::SessionImpl>(
      std::move(store), std::move(client), std::move(options)));
}

namespace internal {
namespace {

PartitionState::Phase ToPhase(const Held& held) {
  switch (held.stage) {
    case Held::Stage::kStarting:
      return PartitionState::Phase::kParked;
    case Held::Stage::kRevoking:
      return PartitionState::Phase::kRevoking;
    case Held::Stage::kFenced:
      return PartitionState::Phase::kFenced;
    case Held::Stage::kActive:
      break;
  }
  return held.full || held.down ? PartitionState::Phase::kPaused : PartitionState::Phase::kActive;
}

/// Whether the client reads behind a record that it must read first: to the tracker, which takes a
/// gap for one of the log, that record would be done.
bool SkipsAhead(const Held& held) {
  return held.moving || held.refused;
}

/// Whether a drain was cut off: then the last outcome is that of a commit before it.
bool WasCutOff(Held& held) {
  if (held.stage != Held::Stage::kRevoking || held.gone) return false;
  return held.tracker->InFlight() > 0 || held.committed != held.tracker->Scan().position;
}

/// The answer of `Revoked` for one partition.
Outcome HowItEnded(const TopicPartition& at, Held* held) {
  if (held == nullptr) return AlreadyApplied(at);
  if (held->last && (!held->last->Ok() || !WasCutOff(*held))) return *held->last;
  if (held->gone) return AlreadyApplied(at);
  if (held->stage == Held::Stage::kFenced) return Fenced(at, std::nullopt);
  const std::uint64_t in_flight = held->tracker ? held->tracker->InFlight() : 0;
  return Failed(at,
                MakeError(ErrorCode::kDeadlineExceeded,
                          "the drain of " + ToString(at) + " did not end in time (" +
                              std::to_string(in_flight) +
                              " records in flight); what is not committed is processed again"));
}

}  // namespace

SessionImpl::SessionImpl(std::shared_ptr<OffsetStore> store,
                         std::shared_ptr<Client> client,
                         SessionOptions options)
    : store_(std::move(store)),
      client_(std::move(client)),
      options_(std::move(options)),
      owner_(ThisProcess(Owner::Kind::kMember, options_.owner)),
      random_(static_cast<unsigned>(owner_.pid)) {
  const Time now = std::chrono::steady_clock::now();
  next_commit_ = now + options_.commit_interval;
  next_check_ = now + options_.claim_check;
  next_stall_check_ = now + options_.stall_timeout;
  thread_ = std::thread([this] { Loop(); });
}

SessionImpl::~SessionImpl() {
  ending_ = true;
  signals_->Kick();
  if (thread_.joinable()) thread_.join();
  for (auto& [at, held] : held_) {
    if (held.tracker) held.tracker->Close();
  }
}

void SessionImpl::SetMember(std::string member_id) {
  const Lock lock(mutex_);
  owner_.member_id = std::move(member_id);
}

std::vector<Action> SessionImpl::Assigned(const Partitions& partitions, Deadline deadline) {
  const Time bound =
      std::min(deadline.time(), std::chrono::steady_clock::now() + options_.assign_bound);
  {
    Lock lock(mutex_);
    for (const TopicPartition& at : partitions) {
      Forget(at);
      Held& held = held_[at];
      held.assignment = ++assignments_;
      held.bound = bound;
      held.starting.at = at;
      held.starting.assignment = held.assignment;
      // A claim of this session that could not be given back is nobody else's.
      if (const auto left = left_.find(at); left != left_.end()) {
        held.starting.nonces = left->second;
      }
      Tell(EventKind::kAssigned, at);
    }
    last_held_ = nullptr;
    signals_->Kick();
    changed_.wait_until(lock, bound, [&] {
      return stopped_ || std::none_of(partitions.begin(), partitions.end(), [&](const auto& at) {
               const Held* held = Find(at);
               return held != nullptr && held->stage == Held::Stage::kStarting;
             });
    });
    for (const TopicPartition& at : partitions) {
      const Held* held = Find(at);
      if (held == nullptr || held->stage != Held::Stage::kStarting) continue;
      Tell(EventKind::kParked, at, {}, held->starting.error ? held->starting.error->message : "");
    }
  }
  return TakeActions();
}

std::vector<Action> SessionImpl::TakeActions() {
  polls_.fetch_add(1, std::memory_order_relaxed);
  if (!has_actions_) return {};
  const Lock lock(mutex_);
  has_actions_ = false;
  for (const Action& action : actions_) {
    const MoveTo* move = std::get_if<MoveTo>(&action);
    Held* held = move == nullptr ? nullptr : Find(move->at);
    if (held == nullptr) continue;
    held->refused.reset();
    held->moving = false;
  }
  return std::exchange(actions_, {});
}

std::optional<Ticket> SessionImpl::Delivered(const TopicPartition& at,
                                             Position position,
                                             Position next,
                                             std::optional<std::int32_t> epoch) {
  const Lock lock(mutex_);
  if (last_held_ == nullptr || last_at_ != at) {
    last_held_ = Find(at);
    last_at_ = at;
  }
  Held* held = last_held_;
  if (held == nullptr || held->stage != Held::Stage::kActive) return std::nullopt;
  Tracker& tracker = *held->tracker;
  if (!tracker.Open()) return std::nullopt;  // Rolled back: a `MoveTo` is on its way.
  if (position < tracker.Delivered() || SkipsAhead(*held)) return std::nullopt;
  if (tracker.Full()) {
    held->refused = position;
    return std::nullopt;
  }
  Ticket ticket(held->tracker, tracker.Push(next, epoch));
  if (tracker.Full() && !held->full) {
    held->full = true;
    Push(Pause{at});
    Tell(EventKind::kFull, at, next, "offsetstore.max.uncommitted records are not committed yet");
    signals_->Kick();
  }
  return ticket;
}

void SessionImpl::ReachedEnd(const TopicPartition& at, Position position) {
  const Lock lock(mutex_);
  Held* held = Find(at);
  // What follows the last record belongs to no transaction.
  if (held == nullptr || options_.moves_by_caller) return;
  if (held->stage != Held::Stage::kActive || SkipsAhead(*held)) return;
  held->tracker->ReachedEnd(position);
}

void SessionImpl::Revoking(const Partitions& partitions) {
  const Lock lock(mutex_);
  for (const TopicPartition& at : partitions) {
    DropActions(at);
    Held* held = Find(at);
    if (held == nullptr) continue;
    if (held->stage == Held::Stage::kActive) {
      held->stage = Held::Stage::kRevoking;
      held->tracker->StartDrain();
    } else if (held->stage == Held::Stage::kStarting) {
      // A parked claim is withdrawn. One that is on its way ends as somebody's it fences, or as a
      // claim without a member: the next owner's claim follows it.
      Forget(at);
    }
  }
  signals_->Kick();
}

Answers<Outcome> SessionImpl::Revoked(const Partitions& partitions, Deadline deadline) {
  Revoking(partitions);
  std::vector<Outcome> outcomes;
  Lock lock(mutex_);
  backoff_until_ = commits_wait_until_ = {};  // One try at least, whatever was before.
  drain_until_ =
      std::min(deadline.time(), std::chrono::steady_clock::now() + options_.drain_timeout);
  signals_->Kick();
  changed_.wait_until(lock, drain_until_, [&] {
    return std::none_of(partitions.begin(), partitions.end(), [&](const auto& at) {
      const Held* held = Find(at);
      return held != nullptr && held->stage == Held::Stage::kRevoking && !held->gone;
    });
  });
  for (const TopicPartition& at : partitions) {
    outcomes.push_back(HowItEnded(at, Find(at)));
    Forget(at);
  }
  drain_until_ = {};
  return outcomes;
}

void SessionImpl::Lost(const Partitions& partitions) noexcept {
  const Lock lock(mutex_);
  for (const TopicPartition& at : partitions) {
    DropActions(at);
    if (Find(at) == nullptr) continue;
    Forget(at);
    Tell(EventKind::kLost, at);
  }
  signals_->Kick();
}

void SessionImpl::Rebalancing(bool running) {
  const Lock lock(mutex_);
  if (rebalancing_ != running) signals_->Kick();
  rebalancing_ = running;
}

void SessionImpl::CommitSoon() {
  commit_soon_ = true;
  signals_->Kick();
}

Status SessionImpl::Close(Deadline deadline) {
  Partitions all;
  {
    const Lock lock(mutex_);
    for (const auto& [at, held] : held_) all.push_back(at);
  }
  Status status;
  if (!all.empty()) {
    auto outcomes = Revoked(all, deadline);
    for (Outcome& outcome : *outcomes) {
      if (outcome.Ok() || !status) continue;
      status = outcome.error ? *std::move(outcome.error)
                             : MakeError(ErrorCode::kFenced,
                                         ToString(outcome.at) + ": the last commit was " +
                                             std::string(ToString(outcome.code)));
    }
  }
  ending_ = true;
  signals_->Kick();
  if (thread_.joinable()) thread_.join();
  return status;
}

Snapshot SessionImpl::State() const {
  const Lock lock(mutex_);
  Snapshot snapshot{.partitions = {},
                    .store_up = store_up_,
                    .last_commit = last_commit_,
                    .late_done = signals_->late_done};
  for (const auto& [at, held] : held_) {
    PartitionState state{.at = at,
                         .phase = ToPhase(held),
                         .delivered = {},
                         .committed = held.committed,
                         .claim = held.claim,
                         .in_flight = 0};
    if (held.tracker) {
      state.delivered = held.tracker->Delivered();
      state.in_flight = held.tracker->InFlight();
    }
    snapshot.partitions.push_back(std::move(state));
  }
  std::sort(snapshot.partitions.begin(),
            snapshot.partitions.end(),
            [](const auto& a, const auto& b) { return a.at < b.at; });
  return snapshot;
}

}  // namespace internal
}  // namespace offsetstore
