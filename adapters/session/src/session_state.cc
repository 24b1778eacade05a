// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What the session's methods and its thread share. All of it is called under `mutex_`.
#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "internal/metric_names.h"
#include "session_impl.h"

namespace offsetstore::internal {
namespace {

const TopicPartition& PartitionOf(const Action& action) {
  static const TopicPartition none;
  return std::visit(
      [](const auto& one) -> const TopicPartition& {
        using T = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<T, Rejoin> || std::is_same_v<T, Stop>) {
          return none;
        } else {
          return one.at;
        }
      },
      action);
}

}  // namespace

Held* SessionImpl::Find(const TopicPartition& at) {
  const auto found = held_.find(at);
  return found == held_.end() ? nullptr : &found->second;
}

Held* SessionImpl::Find(const TopicPartition& at, std::uint64_t assignment) {
  Held* held = Find(at);
  return held != nullptr && held->assignment == assignment ? held : nullptr;
}

void SessionImpl::Forget(const TopicPartition& at) {
  last_held_ = nullptr;
  const auto found = held_.find(at);
  if (found == held_.end()) return;
  Held& held = found->second;
  if (held.tracker) held.tracker->Close();
  if (held.claim && !held.given_back) {
    left_[at] = std::move(held.nonces);
    left_[at].push_back(held.claim->nonce);
  }
  held_.erase(found);
}

void SessionImpl::DropActions(const TopicPartition& at) {
  std::erase_if(actions_, [&](const Action& action) {
    return !std::holds_alternative<Rejoin>(action) && !std::holds_alternative<Stop>(action) &&
           PartitionOf(action) == at;
  });
}

void SessionImpl::Push(Action action) {
  actions_.push_back(std::move(action));
  has_actions_ = true;
}

void SessionImpl::Tell(EventKind kind,
                       const TopicPartition& at,
                       std::optional<Position> position,
                       std::string text,
                       std::optional<Position> previous) {
  Tell({.kind = kind,
        .at = at,
        .position = position,
        .previous = previous,
        .age = {},
        .text = std::move(text)});
}

void SessionImpl::Tell(Event event) {
  if (options_.metrics != nullptr) {
    const std::string kind = KindLabel(ToString(event.kind));
    const std::array labels = {MetricLabel{"group", options_.group}, MetricLabel{"event", kind}};
    options_.metrics->Count({kSessionEvents, labels}, 1);
  }
  if (options_.listener) events_.push_back(std::move(event));
}

void SessionImpl::StoreFailed(const Error& error) {
  if (!IsPassing(error)) return StopRun(error);
  const Time now = std::chrono::steady_clock::now();
  backoff_ = backoff_ == Duration::zero() ? options_.backoff
                                          : std::min(2 * backoff_, options_.backoff_max);
  // Jitter, so that the members of a group do not come back in step.
  backoff_until_ =
      now + backoff_ / 2 + Duration(random_() % static_cast<unsigned>(backoff_.count() / 2 + 1));
  // A quiet consumer makes no other call by which it would hear that the store is back.
  next_check_ = std::min(next_check_, backoff_until_);
  if (!store_up_) return;
  store_up_ = false;
  Tell({.kind = EventKind::kStoreDown,
        .at = {},
        .position = {},
        .previous = {},
        .age = {},
        .text = error.message});
  for (auto& [at, held] : held_) {
    if (held.stage != Held::Stage::kActive) continue;
    held.down = true;
    Push(Pause{at});
  }
}

void SessionImpl::StoreAnswered() {
  backoff_ = Duration::zero();
  backoff_until_ = {};
  if (store_up_) return;
  store_up_ = true;
  Tell({.kind = EventKind::kStoreUp,
        .at = {},
        .position = {},
        .previous = {},
        .age = {},
        .text = {}});
  for (auto& [at, held] : held_) {
    if (!std::exchange(held.down, false)) continue;
    Unpause(at, held);
  }
}

void SessionImpl::Unpause(const TopicPartition& at, Held& held) {
  if (held.stage != Held::Stage::kActive || held.full || held.down) return;
  if (held.refused) {
    Push(MoveTo{.at = at, .position = *held.refused, .leader_epoch = {}});
  } else {
    Push(Resume{at});
  }
}

void SessionImpl::StopRun(Error error) {
  if (stopped_) return;
  stopped_ = error;
  Push(Stop{std::move(error)});
  changed_.notify_all();
}

Deadline SessionImpl::StoreDeadline() const {
  const Time usual = std::chrono::steady_clock::now() + options_.store_timeout;
  const Lock lock(mutex_);
  return Deadline::At(drain_until_ == Time{} ? usual : std::min(usual, drain_until_));
}

}  // namespace offsetstore::internal
