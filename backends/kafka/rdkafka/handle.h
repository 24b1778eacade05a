// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "rdkafka/conf.h"
#include "rdkafka/join_watch.h"
#include "rdkafka/journal.h"

namespace offsetstore::rdkafka {

struct DestroyEvent {
  void operator()(rd_kafka_event_t* event) const noexcept { rd_kafka_event_destroy(event); }
};
/// One event. What it lends (lists, messages) lives as long as it does.
using Event = std::unique_ptr<rd_kafka_event_t, DestroyEvent>;

/// A queue of events, owned; must be gone before its handle is.
class Queue {
 public:
  explicit Queue(rd_kafka_t* handle) : queue_(rd_kafka_queue_new(handle)) {}
  /// The queue that `rd_kafka_consumer_poll` reads; null `get()` without a group.
  [[nodiscard]] static Queue OfConsumer(rd_kafka_t* handle);
  /// The queue of everything that has no other.
  [[nodiscard]] static Queue OfMain(rd_kafka_t* handle);

  /// The next event; null when none came in time.
  [[nodiscard]] Event Poll(Duration wait);
  /// Waits until the deadline, in steps that the 32-bit milliseconds can hold.
  [[nodiscard]] Event PollUntil(Deadline deadline);

  [[nodiscard]] rd_kafka_queue_t* get() const noexcept { return queue_.get(); }

 private:
  explicit Queue(rd_kafka_queue_t* queue) : queue_(queue) {}
  struct Destroy {
    void operator()(rd_kafka_queue_t* queue) const noexcept { rd_kafka_queue_destroy(queue); }
  };
  std::unique_ptr<rd_kafka_queue_t, Destroy> queue_;
};

/// One `rd_kafka_t`. Uses events only: no callback runs code of ours but the one that keeps log
/// lines in the journal. Threads: any, except `Close` and the destructor.
class Handle {
 public:
  /// Answers a rebalance (or takes note of another event) that comes while a consumer closes.
  using OnEvent = std::function<void(rd_kafka_t*, rd_kafka_event_t*)>;

  /// `events`: a mask of `RD_KAFKA_EVENT_...` for its queues; errors always come as events.
  /// `ConfigInvalid` with librdkafka's reason where it refuses the configuration as a whole.
  [[nodiscard]] static Result<std::unique_ptr<Handle>> Open(rd_kafka_type_t type,
                                                            Conf conf,
                                                            int events = 0);
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  /// Ends within a second, without leaving the group: who cares calls `Close` before. After
  /// `GiveUp` within a tenth of a second.
  ~Handle();

  [[nodiscard]] rd_kafka_t* get() const noexcept { return handle_; }
  [[nodiscard]] Journal& journal() noexcept { return beside_->journal; }

  /// A consumer is between two generations of its group. Any thread.
  [[nodiscard]] bool Joining() const noexcept { return beside_->joins.Joining(); }

  /// The cluster's id. Ends early where the cluster refuses the authentication; else
  /// `Unavailable` or `DeadlineExceeded` with what librdkafka saw last.
  [[nodiscard]] Result<std::string> ClusterId(Deadline deadline);

  /// Moves errors that wait in the main queue to the journal. Never blocks. Not for a consumer
  /// whose main queue was redirected: its poll loop hands them to `Note`.
  void DrainErrors();
  /// Takes an ERROR event to the journal.
  void Note(rd_kafka_event_t* event);
  /// The group has assigned something to this consumer, be it nothing: to be told by whoever polls
  /// its events, so that it may be destroyed (`MayDestroy`).
  void NoteAssigned() noexcept { assigned_ = true; }

  /// The destructor need not wait for what is under way: some broker owes an answer. Any thread.
  void GiveUp() noexcept { given_up_ = true; }

  /// Leaves the group, bounded, and destroys nothing: for whoever shares the handle with others and
  /// lets it go afterwards. Else as `Close`.
  [[nodiscard]] Status LeaveGroup(Deadline deadline, const OnEvent& on_event = {});

  /// Leaves the group and destroys, both bounded: a consumer that cannot finish in time answers
  /// `DeadlineExceeded`, and librdkafka's threads end in the background (an answer that a broker
  /// owes can hold them for `socket.timeout.ms`). `on_event` answers rebalances; empty:
  /// everything is unassigned and nothing committed. No queue of this handle may be left.
  [[nodiscard]] Status Close(Deadline deadline, const OnEvent& on_event = {});

 private:
  /// What librdkafka's threads write to, for as long as they live.
  struct Beside {
    Journal journal;
    JoinWatch joins;
  };

  Handle(rd_kafka_t* handle, std::shared_ptr<Beside> beside);

  static void KeepForEver(std::shared_ptr<Beside> beside);

  /// Whether it is done in time; else it goes on in the background.
  bool Destroy(Deadline deadline);
  [[nodiscard]] bool MayDestroy() const noexcept;

  std::shared_ptr<Beside> beside_;  // Shared with the thread that destroys the handle.
  rd_kafka_t* handle_;
  bool cooperative_ = false;
  std::atomic<bool> assigned_ = false;
  std::atomic<bool> given_up_ = false;
};

/// Gives up what a REBALANCE event names (or, on ASSIGN, takes nothing), in the way that the
/// group's protocol asks for.
void UnassignAll(rd_kafka_t* consumer, rd_kafka_event_t* rebalance);

}  // namespace offsetstore::rdkafka
