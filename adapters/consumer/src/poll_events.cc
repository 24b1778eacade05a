// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>
#include <utility>

#include "poll_loop.h"
#include "rdkafka/error.h"
#include "rdkafka/newer.h"

namespace offsetstore {
namespace {

Partitions ToPartitions(const rd_kafka_topic_partition_list_t* list) {
  Partitions partitions;
  for (const rd_kafka_topic_partition_t& element : rdkafka::Elements(list)) {
    partitions.push_back(rdkafka::At(element));
  }
  return partitions;
}

using Element =
    std::unique_ptr<rd_kafka_topic_partition_t, decltype(&rd_kafka_topic_partition_destroy)>;

/// The partition that an ERROR event is about; null for none.
Element ElementOf(rd_kafka_event_t* event) {
  return {rd_kafka_event_topic_partition(event), &rd_kafka_topic_partition_destroy};
}

/// Waiting does not help: somebody must change rights first.
bool IsForbidden(rd_kafka_resp_err_t native) {
  return native == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
         native == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
         native == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

}  // namespace

std::optional<bool> IsRebalancing(std::string_view statistics) {
  constexpr std::string_view kGroup = "\"cgrp\"";
  constexpr std::string_view kState = "\"join_state\"";
  const std::size_t group = statistics.rfind(kGroup);
  if (group == std::string_view::npos) return std::nullopt;
  std::size_t at = statistics.find(kState, group);
  if (at == std::string_view::npos) return std::nullopt;
  at = statistics.find('"', at + kState.size());
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view state = statistics.substr(at + 1, statistics.find('"', at + 1) - at - 1);
  return state != "steady";
}

void PollLoop::OnEvent(rd_kafka_event_t* event) {
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_REBALANCE:
      OnRebalance(event);
      return;
    case RD_KAFKA_EVENT_ERROR:
      OnError(event);
      return;
    case RD_KAFKA_EVENT_STATS:
      OnStatistics(rd_kafka_event_stats(event));
      return;
    default:
      return;
  }
}

void PollLoop::OnRebalance(rd_kafka_event_t* event) {
  const Partitions partitions = ToPartitions(rd_kafka_event_topic_partition_list(event));
  handle_.NoteAssigned();
  assignment_.SetChanges(ChangesOf(handle_.get()));
  if (port_ != nullptr) port_->NextAssignment();
  switch (rd_kafka_event_error(event)) {
    case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
      OnAssign(partitions);
      return;
    case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
      OnRevoke(partitions);
      return;
    default:
      events_.Tell(EventKind::kClient,
                   std::string("rebalance failed: ") + rd_kafka_event_error_string(event));
      StopHandingOut(partitions);
      session_.Lost(partitions);
      assignment_.Clear();
  }
}

void PollLoop::OnAssign(const Partitions& partitions) {
  session_.SetMember(rdkafka::MemberId(handle_.get()));
  Apply(session_.Assigned(partitions, Deadline::After(config_.session.assign_bound)), true);
  rebalancing_ = false;
  session_.Rebalancing(false);
}

void PollLoop::OnRevoke(const Partitions& partitions) {
  rebalancing_ = true;
  session_.Rebalancing(true);
  StopHandingOut(partitions);
  if (rd_kafka_assignment_lost(handle_.get()) != 0) {
    session_.Lost(partitions);
    assignment_.Revoke(partitions);
    return;
  }
  session_.Revoking(partitions);
  revoke_ = Revoke{partitions, Deadline::After(config_.session.drain_timeout)};
  if (!user_->Defer(partitions)) FinishRevoke();
}

void PollLoop::FinishRevoke() {
  if (!revoke_) return;
  const Revoke revoke = *std::exchange(revoke_, std::nullopt);
  GiveUp(revoke.partitions);
  // Who works beside `Poll` may come late: what he has done is committed all the same.
  const bool late = revoke.bound.Remaining() < config_.session.store_timeout;
  const Deadline bound = late ? Deadline::After(config_.session.store_timeout) : revoke.bound;
  TellRefused(session_.Revoked(revoke.partitions, bound));
  assignment_.Revoke(revoke.partitions);
}

/// A fence has its own event.
void PollLoop::TellRefused(const Answers<Outcome>& answers) {
  const std::string what = "last commit before the revocation: ";
  if (!answers) return events_.Tell(EventKind::kClient, what + ToString(answers.error()));
  for (const Outcome& outcome : *answers) {
    if (outcome.code != OutcomeCode::kFailed || !outcome.error) continue;
    events_.Tell(EventKind::kClient, what + ToString(*outcome.error), outcome.at);
  }
}

void PollLoop::StopHandingOut(const Partitions& partitions) {
  for (const TopicPartition& at : partitions) {
    hold_.Forget(at);
    if (Feed* feed = assignment_.Find(at)) feed->outlet->Stop();
  }
}

void PollLoop::GiveUp(const Partitions& partitions) {
  for (const TopicPartition& at : partitions) {
    if (Feed* feed = assignment_.Find(at)) feed->outlet->GiveUp();
  }
}

void PollLoop::OnError(rd_kafka_event_t* event) {
  const rd_kafka_resp_err_t native = rd_kafka_event_error(event);
  const Element element = ElementOf(event);
  if (native == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    if (element != nullptr) OnPartitionEnd(*element);
    return;
  }
  const std::string text = rd_kafka_event_error_string(event);
  const bool out_of_range = native == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
                            native == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
  if (out_of_range && element != nullptr) {
    OnOutOfRange(rdkafka::At(*element), text);
    return;
  }
  handle_.Note(event);
  if (rd_kafka_event_error_is_fatal(event) != 0 || native == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 512> reason{};
    rd_kafka_fatal_error(handle_.get(), reason.data(), reason.size());
    End(rdkafka::ToError(native, rdkafka::Effect::kRead, "consumer", reason.data()));
  } else if (IsForbidden(native)) {
    End(rdkafka::ToError(native, rdkafka::Effect::kRead, "consumer", text));
  }
  std::optional<TopicPartition> at;
  if (element != nullptr) at = rdkafka::At(*element);
  events_.Tell(EventKind::kClient, text, std::move(at));
}

void PollLoop::OnPartitionEnd(const rd_kafka_topic_partition_t& element) {
  const TopicPartition at = rdkafka::At(element);
  Feed* feed = assignment_.Find(at);
  if (feed == nullptr || !Position::IsValid(element.offset)) return;
  session_.ReachedEnd(at, Position(element.offset));
  feed->at_end = true;
  user_->ReachedEnd(at);
}

// Retention passed the position, or the log was cut, while the partition was being read. Assigning
// it anew to the session runs its range check, which knows the policy. It is revoked rather than
// lost, so that what is done is committed and the claim is free.
void PollLoop::OnOutOfRange(const TopicPartition& at, std::string_view reason) {
  if (assignment_.Find(at) == nullptr) return;
  events_.Tell(EventKind::kClient,
               "the log does not hold the position any more: " + std::string(reason),
               at);
  StopHandingOut({at});
  session_.Revoking({at});
  GiveUp({at});
  const Answers<Outcome> answers =
      session_.Revoked({at}, Deadline::After(config_.session.drain_timeout));
  TellRefused(answers);
  assignment_.LeaveEpoch(at);
  std::vector<Action> actions;
  actions.emplace_back(Drop{at});
  Apply(std::move(actions));
  if (AnyFenced(answers) && !config_.IsStatic()) return Rejoin();  // The group decides.
  Apply(session_.Assigned({at}, Deadline::After(config_.session.assign_bound)));
}

void PollLoop::OnStatistics(std::string_view json) {
  const std::optional<bool> running = IsRebalancing(json);
  if (!running) return;
  rebalancing_ = *running;
  session_.Rebalancing(*running);
}

}  // namespace offsetstore
