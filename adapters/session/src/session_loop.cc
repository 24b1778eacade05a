// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The session's own thread. It alone talks to the store and to the client, so one commit is in
// flight at a time and later ones merge into the next. No lock is held while it waits for either.
#include <algorithm>
#include <utility>

#include "session_impl.h"

namespace offsetstore::internal {
namespace {

/// A Kafka client that fails to answer about one partition is asked again after this.
constexpr Duration kClientRetry{250};

}  // namespace

void SessionImpl::Loop() {
  while (!ending_) {
    const Time due = Work();
    FlushEvents();
    signals_->WaitUntil(due);
  }
  FlushEvents();
}

SessionImpl::Time SessionImpl::Work() {
  const Time now = std::chrono::steady_clock::now();
  bool wait = false;
  {
    const Lock lock(mutex_);
    wait = now < backoff_until_;
  }
  if (!wait) {
    StartPartitions(now);
    SettleDoubts();
    CommitDue(now);
    FinishRevoked();
    CheckClaims(now);
  }
  CheckStalls(now);
  AskToRejoin(now);
  if (has_actions_) client_->Wake();
  const Lock lock(mutex_);
  changed_.notify_all();
  return NextDue(std::chrono::steady_clock::now());
}

void SessionImpl::StartPartitions(Time now) {
  std::vector<Starting> batch;
  Owner owner;
  {
    const Lock lock(mutex_);
    batch = CollectStarting(now);
    if (batch.empty()) return;
  }
  if (LearnCluster(batch)) {
    {
      const Lock lock(mutex_);
      owner = owner_;
    }
    Starter(*store_, *client_, options_, owner).Run(batch, Deadline::After(options_.store_timeout));
  }
  std::vector<Claimed> withdrawn;
  {
    const Lock lock(mutex_);
    withdrawn = ApplyStarted(batch, now);
    changed_.notify_all();
  }
  // A claim that landed after its partition was withdrawn is given back. Best effort: where it
  // fails, the next owner's claim follows this one all the same.
  if (withdrawn.empty()) return;
  const auto outcomes = store_->Release(options_.group, withdrawn, StoreDeadline());
  if (!outcomes) {
    const Lock lock(mutex_);
    Tell(EventKind::kParked,
         withdrawn.front().at,
         {},
         "a withdrawn claim was not given back: " + outcomes.error().message);
  }
}

std::vector<Starting> SessionImpl::CollectStarting(Time now) {
  std::vector<Starting> batch;
  if (stopped_) return batch;
  const std::uint64_t polls = polls_;
  for (auto& [at, held] : held_) {
    Starting& one = held.starting;
    if (held.stage != Held::Stage::kStarting || one.not_before > now) continue;
    // A process that slept past its session must hear of its revocation first: what this fetch saw
    // may be followed only while the poll thread is alive.
    const bool again = held.tried_at_poll != 0;
    if (again && !one.seen && now > held.bound && held.tried_at_poll == polls + 1) continue;
    held.tried_at_poll = polls + 1;
    one.late = !options_.static_assignment && !one.resuming && now > held.bound;
    batch.push_back(one);
  }
  return batch;
}

bool SessionImpl::LearnCluster(std::vector<Starting>& batch) {
  if (cluster_known_) return true;
  auto id = client_->ClusterId(Deadline::After(options_.store_timeout));
  if (!id) {
    for (Starting& one : batch) {
      one.progress = IsPassing(id.error()) ? Starting::Progress::kRetry : Starting::Progress::kStop;
      one.error = id.error();
      one.store_error = false;
    }
    return false;
  }
  const Lock lock(mutex_);
  owner_.cluster_id = *std::move(id);
  cluster_known_ = true;
  return true;
}

std::vector<Claimed> SessionImpl::ApplyStarted(std::vector<Starting>& batch, Time now) {
  std::vector<Claimed> withdrawn;
  std::optional<Error> store_error;
  bool answered = false;
  for (Starting& one : batch) {
    Held* held = Find(one.at, one.assignment);
    if (held == nullptr || held->stage != Held::Stage::kStarting) {
      if (one.claim) withdrawn.push_back({.at = one.at, .token = *one.claim});
      continue;
    }
    answered = answered || one.progress == Starting::Progress::kReady ||
               one.progress == Starting::Progress::kFenced;
    if (one.progress == Starting::Progress::kRetry && one.store_error) store_error = one.error;
    ApplyProgress(*held, one, now);
  }
  if (store_error) {
    StoreFailed(*store_error);
  } else if (answered) {
    StoreAnswered();
  }
  return withdrawn;
}

void SessionImpl::ApplyProgress(Held& held, Starting& one, Time now) {
  switch (one.progress) {
    case Starting::Progress::kReady:
      return Activate(held, one);
    case Starting::Progress::kFenced:
      return Fenced(one.at, held, one.holder);
    case Starting::Progress::kStop:
      return StopRun(*one.error);
    case Starting::Progress::kRetry:
      // The store's own back-off covers the rest.
      if (!one.store_error) {
        Tell(EventKind::kClient, one.at, {}, one.error->message);
        one.not_before = now + kClientRetry;
      }
      break;
    case Starting::Progress::kWait:
    case Starting::Progress::kPending:
      break;
  }
  held.starting = std::move(one);
}

void SessionImpl::Activate(Held& held, Starting& one) {
  held.stage = Held::Stage::kActive;
  held.tracker = std::make_shared<Tracker>(options_.max_uncommitted, one.position, signals_);
  const std::uint64_t half = held.tracker->capacity() / 2;
  if (!options_.moves_by_caller) {
    held.tracker->SetThreshold(options_.commit_records == 0
                                   ? half
                                   : std::min<std::uint64_t>(options_.commit_records, half));
  }
  held.claim = one.claim;
  held.nonces.clear();
  left_.erase(one.at);
  held.committed = one.stored;
  held.rewinds = !fenced() && one.stored && one.position < *one.stored;
  // A claim tells a store that follows another (dual) where each partition stands. Without claims
  // a commit of what is stored does; Kafka answers it without asking the broker.
  held.repeat = !fenced() && one.stored && one.position == *one.stored;
  if (held.repeat) commit_soon_ = true;
  held.in_doubt = held.in_transaction = held.full = held.down = held.stall_told = false;
  held.refused.reset();
  held.stuck_ordinal = 0;
  held.stuck_since = std::chrono::steady_clock::now();
  last_held_ = nullptr;
  // Not where it led in the end: somebody else wrote between two attempts.
  if (one.note && one.note->position == one.position) Tell(*one.note);
  Tell(one.resuming ? EventKind::kMoved : EventKind::kRestored, one.at, one.position);
  if (one.kept) {
    const Tracker::Watermark mark = held.tracker->Scan();
    const Move move = ToMove(one.at, held, mark);
    Acknowledge(held, {.assignment = held.assignment, .mark = mark, .move = move}, *one.kept);
  }
  held.moving = std::exchange(held.added, true);
  if (held.moving) {
    Push(MoveTo{.at = one.at, .position = one.position, .leader_epoch = one.epoch});
  } else {
    Push(Add{.at = one.at, .position = one.position, .leader_epoch = one.epoch});
  }
}

void SessionImpl::CheckStalls(Time now) {
  const Lock lock(mutex_);
  if (options_.stall_timeout == Duration::zero() || now < next_stall_check_) return;
  next_stall_check_ = now + std::max(options_.stall_timeout / 4, Duration(1));
  for (auto& [at, held] : held_) {
    if (held.stage != Held::Stage::kActive) continue;
    const Tracker::Watermark mark = held.tracker->Scan();
    if (mark.ordinal != held.stuck_ordinal || held.tracker->Delivered() <= mark.position) {
      held.stuck_ordinal = mark.ordinal;
      held.stuck_since = now;
      held.stall_told = false;
    } else if (!held.stall_told && now - held.stuck_since >= options_.stall_timeout) {
      held.stall_told = true;
      Tell({.kind = EventKind::kStalled,
            .at = at,
            .position = mark.position,
            .previous = {},
            .age = std::chrono::duration_cast<Duration>(now - held.stuck_since),
            .text = "the first record from this position on is not done"});
    }
  }
}

void SessionImpl::FlushEvents() {
  std::vector<Event> events;
  {
    const Lock lock(mutex_);
    events.swap(events_);
  }
  if (!options_.listener) return;
  for (const Event& event : events) options_.listener->On(event);
}

SessionImpl::Time SessionImpl::NextDue(Time now) const {
  Time due = now + std::chrono::hours(1);
  if (options_.stall_timeout > Duration::zero()) due = std::min(due, next_stall_check_);
  if (rejoin_at_ && !rebalancing_) due = std::min(due, *rejoin_at_);
  if (now < backoff_until_) return std::min(due, backoff_until_);
  due = std::min(due, next_check_);
  if (commit_soon_) due = std::min(due, commits_wait_until_);
  for (const auto& [at, held] : held_) due = std::min(due, DueOf(held, now));
  return due;
}

SessionImpl::Time SessionImpl::DueOf(const Held& held, Time now) const {
  Time due = now + std::chrono::hours(1);
  if (held.stage == Held::Stage::kStarting && !stopped_) {
    // One that waits for the poll thread has a time that passed: look again soon.
    due = std::max(held.starting.not_before, now + Duration(5));
  } else if (options_.commit_interval > Duration::zero()) {
    due = std::max(next_commit_, commits_wait_until_);
  }
  if (!held.in_doubt || held.gone) return due;
  // Once the run is stopped, not at once: a store that refuses for good would be asked in a loop.
  return std::min(due, stopped_ ? now + Duration(50) : now);
}

}  // namespace offsetstore::internal
