// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "internal/rules.h"
#include "session_impl.h"

namespace offsetstore::internal {
namespace {

constexpr std::size_t kMostFences = 3;
constexpr auto kFenceWindow = std::chrono::minutes(10);
constexpr unsigned kRejoinJitterMs = 300;

bool IsMine(const Held& held, const ClaimView& view) {
  return std::find(held.nonces.begin(), held.nonces.end(), view.token.nonce) != held.nonces.end();
}

}  // namespace

// A commit in doubt is settled by a conditional claim on this session's own claim: it raises the
// counter only where the stored claim is still ours, so a late original fails its check, and a
// legal new owner is not robbed. A plain read would not do: the server may still finish the
// request.
void SessionImpl::SettleDoubts() {
  std::vector<ClaimRequest> requests;
  std::vector<TopicPartition> doubtful;
  Owner owner;
  {
    const Lock lock(mutex_);
    for (auto& [at, held] : held_) {
      if (!held.in_doubt || held.gone) continue;
      doubtful.push_back(at);
      if (!held.claim) continue;
      requests.push_back({.at = at, .expect = *held.claim, .nonce = Nonce::Random()});
      held.nonces.push_back(requests.back().nonce);
    }
    owner = owner_;
  }
  if (doubtful.empty()) return;
  if (!fenced()) return SettleUnfenced(doubtful);
  auto answers = store_->Claim(options_.group, requests, owner, StoreDeadline());
  const Lock lock(mutex_);
  if (!answers) return StoreFailed(answers.error());
  for (ClaimAnswer& answer : *answers) {
    Held* held = Find(answer.outcome.at);
    if (held != nullptr && held->in_doubt) ApplySettled(answer.outcome.at, *held, answer);
  }
}

void SessionImpl::ApplySettled(const TopicPartition& at, Held& held, ClaimAnswer& answer) {
  if (answer.outcome.code == OutcomeCode::kFailed) {
    const Error& error = *answer.outcome.error;
    if (IsPassing(error)) return StoreFailed(error);
    held.in_doubt = false;
    held.gone = held.stage == Held::Stage::kRevoking;
    if (!held.gone) held.stage = Held::Stage::kFenced;
    return StopRun(error);
  }
  if (!answer.outcome.Ok()) return Fenced(at, held, answer.outcome.holder);
  held.in_doubt = false;
  if (const Error* unreadable = std::get_if<Error>(&answer.slot)) return StopRun(*unreadable);
  StoreAnswered();
  held.claim = answer.token;
  const Entry* entry = std::get_if<Entry>(&answer.slot);
  const std::optional<Position> stored =
      entry == nullptr ? std::nullopt : std::optional(entry->position);
  if (held.committed && (!stored || *stored < *held.committed)) {
    Tell(EventKind::kWentBack,
         at,
         stored,
         "the store holds less than it acknowledged",
         held.committed);
  }
  held.committed = stored;
  if (options_.moves_by_caller) return GoOnFrom(at, held, stored);
  if (stored == held.doubtful.position) WasApplied(at, held);
  commit_soon_ = true;
  signals_->Kick();
}

// What the commit in doubt stood for is stored.
void SessionImpl::WasApplied(const TopicPartition& at, Held& held) {
  held.rewinds = false;
  MakeRoom(at, held, held.doubtful);
  if (held.last) held.last = Applied(at);
}

// Kafka's store has no claim. As a member a new generation makes a late original fail; a static
// consumer is alone by configuration, and reads; what a transaction left open cannot be read before
// it has ended.
void SessionImpl::SettleUnfenced(const std::vector<TopicPartition>& doubtful) {
  if (options_.static_assignment || options_.moves_by_caller) return SettleByReading(doubtful);
  const Lock lock(mutex_);
  for (const TopicPartition& at : doubtful) {
    Held* held = Find(at);
    if (held == nullptr) continue;
    held->in_doubt = false;
    FencedByMember(at, *held, std::nullopt);
  }
}

void SessionImpl::SettleByReading(const std::vector<TopicPartition>& doubtful) {
  const auto reads =
      store_->Fetch(options_.group, {.partitions = doubtful, .topics = {}}, StoreDeadline());
  const Lock lock(mutex_);
  if (!reads) return StoreFailed(reads.error());
  const Error* failure = nullptr;
  for (const Read& read : *reads) {
    Held* held = Find(read.at);
    if (held == nullptr || !held->in_doubt) continue;
    if (const Error* error = std::get_if<Error>(&read.slot)) {
      failure = error;
      continue;
    }
    const Entry* entry = std::get_if<Entry>(&read.slot);
    held->committed = entry == nullptr ? std::nullopt : std::optional(entry->position);
    held->in_doubt = false;
    if (options_.moves_by_caller) {
      GoOnFrom(read.at, *held, held->committed);
      continue;
    }
    if (held->committed == held->doubtful.position) WasApplied(read.at, *held);
    commit_soon_ = true;
  }
  failure != nullptr ? StoreFailed(*failure) : StoreAnswered();
}

// A quiet consumer commits nothing, so it would never hear of a reset or of a takeover.
void SessionImpl::CheckClaims(Time now) {
  const std::vector<TopicPartition> active = DueForCheck(now);
  if (active.empty()) return;
  if (options_.static_assignment && fenced()) return Beat(active);
  const auto reads =
      store_->Fetch(options_.group, {.partitions = active, .topics = {}}, StoreDeadline());
  const Lock lock(mutex_);
  if (!reads) return StoreFailed(reads.error());
  StoreAnswered();
  for (const Read& read : *reads) CheckClaim(read);
}

std::vector<TopicPartition> SessionImpl::DueForCheck(Time now) {
  std::vector<TopicPartition> active;
  const Lock lock(mutex_);
  if (now < next_check_) return active;
  next_check_ = now + options_.claim_check;
  // Without claims there is nothing to check, but whether a store that was away is back: whoever
  // asked it in vain may have been revoked since, and what is paused commits nothing.
  if (stopped_ || (!fenced() && store_up_)) return active;
  for (const auto& [at, held] : held_) {
    const bool is_free = !held.in_doubt && !held.in_transaction;
    if (held.stage == Held::Stage::kActive && is_free) active.push_back(at);
  }
  return active;
}

void SessionImpl::CheckClaim(const Read& read) {
  Held* held = Find(read.at);
  if (held == nullptr || held->stage != Held::Stage::kActive || !held->claim) return;
  if (held->in_transaction) return;                      // Its own locks and fence tell.
  if (std::holds_alternative<Error>(read.slot)) return;  // The next commit tells.
  const bool mine = read.claim && read.claim->token == *held->claim && !read.claim->released;
  if (!mine) Fenced(read.at, *held, read.claim);
}

// Without a group nobody else watches over a static holder: each check takes the claim anew on
// top of its own, so that a successor on another machine sees the counter move.
void SessionImpl::Beat(const std::vector<TopicPartition>& active) {
  std::vector<ClaimRequest> requests;
  Owner owner;
  {
    const Lock lock(mutex_);
    for (const TopicPartition& at : active) {
      Held* held = Find(at);
      if (held == nullptr || !held->claim || held->in_transaction) continue;
      requests.push_back({.at = at, .expect = *held->claim, .nonce = Nonce::Random()});
      held->nonces.push_back(requests.back().nonce);
      held->beating = true;
    }
    owner = owner_;
  }
  if (requests.empty()) return;
  const auto answers = store_->Claim(options_.group, requests, owner, StoreDeadline());
  const Lock lock(mutex_);
  for (auto& [at, held] : held_) held.beating = false;
  changed_.notify_all();
  if (!answers) return StoreFailed(answers.error());
  ApplyBeat(*answers);
}

void SessionImpl::ApplyBeat(const std::vector<ClaimAnswer>& answers) {
  std::optional<Error> failure;
  for (const ClaimAnswer& answer : answers) {
    Held* held = Find(answer.outcome.at);
    if (held == nullptr) continue;
    // One that is being revoked meanwhile gives back the claim that the store holds now.
    const bool revoking = held->stage == Held::Stage::kRevoking && !held->gone;
    if (held->stage != Held::Stage::kActive && !revoking) continue;
    if (answer.outcome.Ok()) {
      held->claim = answer.token;
      held->nonces.clear();
    } else if (answer.outcome.code == OutcomeCode::kFailed) {
      failure = answer.outcome.error;
    } else {
      Fenced(answer.outcome.at, *held, answer.outcome.holder);
    }
  }
  failure ? StoreFailed(*failure) : StoreAnswered();
}

void SessionImpl::Fenced(const TopicPartition& at,
                         Held& held,
                         const std::optional<ClaimView>& holder) {
  if (holder && IsMine(held, *holder) && !holder->released) {
    // Our own late claim: adopt it, and let a conditional claim on it tell what is stored.
    held.claim = holder->token;
    held.doubtful = held.tracker ? held.tracker->Scan() : Tracker::Watermark{};
    held.in_doubt = held.stage != Held::Stage::kStarting;
    return;
  }
  if (held.stage == Held::Stage::kRevoking) {
    held.last = internal::Fenced(at, holder);
    held.gone = true;
    held.in_doubt = false;
    held.tracker->Close();
    Tell(EventKind::kFenced, at, held.committed, holder ? ToString(holder->owner) : "");
    return;
  }
  const bool by_operator =
      !holder || (holder->released && holder->owner.kind == Owner::Kind::kOperator);
  if (!fenced() || !by_operator) return FencedByMember(at, held, holder);
  Tell(EventKind::kFenced,
       at,
       held.committed,
       holder ? "set by " + ToString(holder->owner) : "the position was removed");
  StartAnew(at, held);
}

void SessionImpl::StartAnew(const TopicPartition& at, Held& held) {
  if (held.tracker) held.tracker->Close();
  held.stage = Held::Stage::kStarting;
  held.in_doubt = false;
  held.claim.reset();
  held.starting = Starting{};
  held.starting.at = at;
  held.starting.assignment = held.assignment;
  held.starting.resuming = true;
  held.tried_at_poll = 0;
  last_held_ = nullptr;
  signals_->Kick();
}

void SessionImpl::FencedByMember(const TopicPartition& at,
                                 Held& held,
                                 const std::optional<ClaimView>& holder) {
  if (held.tracker) held.tracker->Close();
  held.last = internal::Fenced(at, holder);
  held.gone = held.stage == Held::Stage::kRevoking;
  if (held.gone) return;
  held.stage = Held::Stage::kFenced;
  held.in_doubt = false;
  last_held_ = nullptr;
  if (held.added) Push(Pause{at});
  const Time now = std::chrono::steady_clock::now();
  Tell(EventKind::kFenced, at, held.committed, holder ? ToString(holder->owner) : "");
  if (options_.static_assignment) {
    const std::string advice = "this consumer was fenced and committed nothing since";
    return StopRun(holder ? HeldByAnother(at, *holder, advice)
                          : MakeError(ErrorCode::kFenced, ToString(at) + ": " + advice));
  }
  auto& times = fences_[at];
  times.push_back(now);
  while (now - times.front() > kFenceWindow) times.pop_front();
  if (times.size() >= kMostFences && holder) {
    return StopRun(HeldByAnother(at,
                                 *holder,
                                 "it fenced " + ToString(owner_) + " " +
                                     std::to_string(times.size()) +
                                     " times within ten minutes: is one group name used on two "
                                     "clusters, or are two services "
                                     "on one assignment?"));
  }
  if (!rejoin_at_) rejoin_at_ = now + Duration(random_() % kRejoinJitterMs);
}

void SessionImpl::AskToRejoin(Time now) {
  const Lock lock(mutex_);
  if (!rejoin_at_ || now < *rejoin_at_ || rebalancing_) return;
  rejoin_at_.reset();
  const bool any = std::any_of(held_.begin(), held_.end(), [](const auto& pair) {
    return pair.second.stage == Held::Stage::kFenced;
  });
  if (!any || stopped_) return;
  Push(Rejoin{});
  Tell({.kind = EventKind::kRejoin,
        .at = {},
        .position = {},
        .previous = {},
        .age = {},
        .text = "so that the group decides who owns what"});
}

}  // namespace offsetstore::internal
