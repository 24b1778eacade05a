// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "starter.h"

#include <algorithm>
#include <set>
#include <utility>

#include "internal/macros.h"
#include "offsetstore/process.h"

namespace offsetstore::internal {

Error HeldByAnother(const TopicPartition& at, const ClaimView& holder, const std::string& advice) {
  return MakeError(ErrorCode::kFenced,
                   ToString(at) + " is held by " + ToString(holder.owner) + "; " + advice);
}

bool WaitsForGroup(const StoreInfo& store, const Error& error) noexcept {
  return !store.capabilities.fenced_commits && error.code == ErrorCode::kUnavailable &&
         error.retry == Retry::kAfterNewClaim;
}

void Starter::Fail(Starting& one, Error error, bool of_store) const {
  // The group assigned it, so it is there; a broker that has not heard of it yet is asked again.
  const bool unseen = !of_store && error.code == ErrorCode::kInvalidArgument;
  if (unseen && !options_.static_assignment) {
    error.code = ErrorCode::kUnavailable;
    error.retry = Retry::kSafe;
  }
  one.progress = IsPassing(error) ? Starting::Progress::kRetry : Starting::Progress::kStop;
  one.error = std::move(error);
  one.store_error = of_store;
}

void Starter::Run(Batch& batch, Deadline deadline) {
  for (Starting& one : batch) {
    one.progress = Starting::Progress::kPending;
    one.error.reset();
    one.holder.reset();
  }
  ReadTopics(batch, deadline);
  ResolveNewTopics(batch, deadline);
  Claim(batch, deadline);
  Place(batch, deadline);
  CheckRanges(batch, deadline);
  KeepPlaces(batch);
}

void Starter::ReadTopics(Batch& batch, Deadline deadline) {
  topics_.clear();
  std::set<std::string> topics;
  for (const Starting& one : batch) topics.insert(one.at.topic);
  for (const std::string& topic : topics) ReadTopic(batch, topic, deadline);
}

Result<Selection> Starter::SelectionOf(const std::string& topic, Deadline deadline) {
  if (fenced()) return Selection{.partitions = {}, .topics = {topic}};
  // Kafka's store keeps no list of what it holds for a live group: ask for every partition.
  OS_ASSIGN_OR_RETURN(const auto numbers, client_.PartitionsOf(topic, deadline));
  Selection selection;
  for (const std::int32_t number : numbers) selection.partitions.push_back({topic, number});
  return selection;
}

void Starter::See(Starting& one, const Topic& reads) {
  const auto read = std::find_if(
      reads.begin(), reads.end(), [&](const Read& candidate) { return candidate.at == one.at; });
  const std::optional<ClaimView> view = read == reads.end() ? std::nullopt : read->claim;
  if (one.claim) return;  // Claimed by an earlier attempt: its slot is newer than this read.
  one.slot = read == reads.end() ? Slot(Absent{}) : read->slot;
  if (const Error* error = std::get_if<Error>(&one.slot)) {
    Fail(one, *error, true);
    return;
  }
  one.view = view;
  // A late unconditional claim would rob the next owner: past the bound only what this
  // assignment's first fetch saw may be followed.
  if (!one.seen || !one.late) one.seen = view ? Expect(view->token) : Expect(Nobody{});
  CheckCluster(one);
  if (one.progress == Starting::Progress::kPending && fenced()) RespectHolder(one);
}

void Starter::CheckCluster(Starting& one) {
  if (options_.adopt_cluster || owner_.cluster_id.empty()) return;
  std::string stored;
  if (const Entry* entry = std::get_if<Entry>(&one.slot)) stored = entry->cluster_id;
  if (stored.empty() && one.view) stored = one.view->owner.cluster_id;
  if (stored.empty() || stored == owner_.cluster_id) return;
  Fail(
      one,
      MakeError(ErrorCode::kConflict,
                "the position of " + ToString(one.at) + " belongs to Kafka cluster " + stored +
                    ", this consumer is connected to " + owner_.cluster_id +
                    "; check bootstrap.servers, or set offsetstore.cluster=adopt if that is meant"),
      true);
}

void Starter::RespectHolder(Starting& one) {
  const auto mine = [&](const ClaimView& view) {
    return std::find(one.nonces.begin(), one.nonces.end(), view.token.nonce) != one.nonces.end();
  };
  if (!one.view || one.view->released || mine(*one.view)) {
    const bool left_by_operator =
        !one.view || one.view->owner.kind == Owner::Kind::kOperator || mine(*one.view);
    if (one.resuming && !options_.static_assignment && !left_by_operator) {
      one.progress = Starting::Progress::kFenced;
      one.holder = one.view;
    }
    return;
  }
  if (options_.static_assignment) {
    Watch(one, *one.view);
  } else if (one.resuming) {
    // A member took it meanwhile: the group decides, not this one's own word.
    one.progress = Starting::Progress::kFenced;
    one.holder = one.view;
  }
}

void Starter::Watch(Starting& one, const ClaimView& holder) {
  if (options_.takeover && !one.resuming) return;
  const auto refuse = [&](const std::string& advice) {
    one.progress = Starting::Progress::kStop;
    one.error = HeldByAnother(one.at, holder, advice);
  };
  if (holder.owner.name != options_.owner) {
    return refuse("stop it, or set offsetstore.takeover=true to take the partition from it");
  }
  const ProcessState state = StateOf(holder.owner.process);
  if (state == ProcessState::kGone) return;
  if (state == ProcessState::kRunning) {
    return refuse("that process still runs under the same offsetstore.owner");
  }
  // Another machine or container under the same owner name. A living holder raises its counter at
  // every claim check; one that stands still for two of them is taken.
  const auto now = std::chrono::steady_clock::now();
  if (one.watched && *one.watched != holder.token) {
    return refuse("it is alive; set offsetstore.takeover=true to take the partition from it");
  }
  if (!one.watched) {
    one.watched = holder.token;
    one.watched_since = now;
  }
  const auto until = one.watched_since + 2 * options_.claim_check;
  if (now >= until) return;
  one.progress = Starting::Progress::kWait;
  one.not_before = std::min(until, now + options_.claim_check / 2);
  one.seen.reset();
}

void Starter::Claim(Batch& batch, Deadline deadline) {
  std::vector<ClaimRequest> requests;
  std::vector<Starting*> asked;
  for (Starting& one : batch) {
    if (one.progress != Starting::Progress::kPending || one.claim || !fenced()) continue;
    requests.push_back({.at = one.at, .expect = *one.seen, .nonce = Nonce::Random()});
    // A claim of ours that was in doubt and did land is the newest one now: follow exactly that.
    if (one.view && std::find(one.nonces.begin(), one.nonces.end(), one.view->token.nonce) !=
                        one.nonces.end()) {
      requests.back().expect = one.view->token;
    }
    one.nonces.push_back(requests.back().nonce);
    asked.push_back(&one);
  }
  if (requests.empty()) return;
  auto answers = store_.Claim(options_.group, requests, owner_, deadline);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (!answers) {
      Fail(*asked[i], answers.error(), true);
    } else {
      TakeClaim(*asked[i], std::move((*answers)[i]));
    }
  }
}

void Starter::TakeClaim(Starting& one, ClaimAnswer answer) {
  if (answer.outcome.Ok()) {
    one.claim = answer.token;
    one.slot = std::move(answer.slot);
    one.view = answer.previous;
    if (const Error* error = std::get_if<Error>(&one.slot)) Fail(one, *error, true);
    return;
  }
  if (answer.outcome.code == OutcomeCode::kFailed) {
    Fail(one, *std::move(answer.outcome.error), true);
    return;
  }
  const auto& holder = answer.outcome.holder;
  const bool mine =
      holder &&
      std::find(one.nonces.begin(), one.nonces.end(), holder->token.nonce) != one.nonces.end();
  if (mine || !one.late) {
    // Somebody was quicker between the fetch and the claim (or it was our own claim in doubt):
    // look again while the assignment is fresh.
    one.progress = Starting::Progress::kWait;
    one.not_before = std::chrono::steady_clock::now();
    if (mine) one.seen = holder->token;
    return;
  }
  one.progress = Starting::Progress::kFenced;
  one.holder = holder;
}

}  // namespace offsetstore::internal
