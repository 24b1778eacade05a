// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "assignment.h"
#include "consumer_config.h"
#include "event_hub.h"
#include "hold.h"
#include "member_port.h"
#include "mirror.h"
#include "offsetstore/session.h"
#include "rdkafka/handle.h"

namespace offsetstore {

/// What the style of use (`Run` or `Poll`) adds to the loop. All *poll*.
class LoopUser {
 public:
  LoopUser() = default;
  LoopUser(const LoopUser&) = delete;
  LoopUser& operator=(const LoopUser&) = delete;
  virtual ~LoopUser() = default;

  [[nodiscard]] virtual std::shared_ptr<Outlet> NewOutlet(const TopicPartition& at) = 0;
  /// A revocation was announced. True: `PollLoop::FinishRevoke` will be called soon; false: let
  /// the loop finish it at once.
  [[nodiscard]] virtual bool Defer(const Partitions& partitions) = 0;
  /// Whether records are worked on beside the loop, so that waiting makes room in a full window.
  [[nodiscard]] virtual bool WorksBeside() const noexcept = 0;
  virtual void ReachedEnd(const TopicPartition& at) = 0;
};

/// The one thread that polls librdkafka: takes its events to the session and the session's actions
/// to librdkafka.
class PollLoop {
 public:
  PollLoop(rdkafka::Handle& handle,
           Session& session,
           const ConsumerConfig& config,
           EventHub& events,
           Mirror* mirror,
           MemberPort* port);

  void SetUser(LoopUser* user) noexcept { user_ = user; }

  /// Subscribes, or begins the static assignment.
  [[nodiscard]] Status Start();

  /// Handles at most one event, waiting for it no longer than `wait`, and what the session wants
  /// done. Returns whether there was an event.
  bool Turn(Duration wait);

  /// A window is full and worth a short wait: call `Turn` again after the next wake, at the latest
  /// in a few milliseconds.
  [[nodiscard]] bool Holding() const noexcept { return hold_.Any(); }

  /// Why the run must end.
  [[nodiscard]] const std::optional<Error>& ended() const noexcept { return ended_; }

  /// A deferred revocation: drains, commits, gives up.
  [[nodiscard]] bool RevokePending() const noexcept { return revoke_.has_value(); }
  void FinishRevoke();

  /// Stops handing out records of everything that is assigned.
  void StopAll();
  /// Does not wait for records that the user of `Poll` holds.
  void GiveUpAll();
  void SetChoked(bool choked) { assignment_.SetChoked(choked); }
  /// Lets go of the queue and of all that is assigned, before the handle goes.
  void Detach();

  [[nodiscard]] const Assignment& assignment() const noexcept { return assignment_; }

 private:
  struct Revoke {
    Partitions partitions;
    Deadline bound;
  };

  // poll_loop.cc
  void Deliver(rdkafka::Event event);
  void Apply(std::vector<Action> actions, bool answers = false);
  void OnPause(const TopicPartition& at);
  void OnResume(const TopicPartition& at);
  void Rejoin();
  [[nodiscard]] Status Subscribe();
  void End(Error error);

  // poll_events.cc
  void OnEvent(rd_kafka_event_t* event);
  void OnRebalance(rd_kafka_event_t* event);
  void OnAssign(const Partitions& partitions);
  void OnRevoke(const Partitions& partitions);
  void OnError(rd_kafka_event_t* event);
  void OnPartitionEnd(const rd_kafka_topic_partition_t& element);
  void OnOutOfRange(const TopicPartition& at, std::string_view reason);
  void OnStatistics(std::string_view json);
  void TellRefused(const Answers<Outcome>& answers);
  void StopHandingOut(const Partitions& partitions);
  void GiveUp(const Partitions& partitions);

  rdkafka::Handle& handle_;
  Session& session_;
  const ConsumerConfig& config_;
  EventHub& events_;
  Mirror* const mirror_;    // Null without a mirror.
  MemberPort* const port_;  // Null but for Kafka's own store.
  LoopUser* user_ = nullptr;
  std::optional<rdkafka::Queue> queue_;
  Assignment assignment_;
  std::optional<Revoke> revoke_;
  std::optional<Error> ended_;
  Hold hold_;
  bool rebalancing_ = false;
};

/// Whether the statistics say that the group is in the middle of a rebalance; none where they say
/// nothing of a group.
[[nodiscard]] std::optional<bool> IsRebalancing(std::string_view statistics);

}  // namespace offsetstore
