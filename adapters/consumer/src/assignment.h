// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "offsetstore/session.h"
#include "rdkafka/partition_list.h"
#include "record.h"

namespace offsetstore {

/// Where the records of one partition go, for as long as it stays assigned and is not moved.
class Outlet {
 public:
  Outlet() = default;
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;
  virtual ~Outlet() = default;

  /// *poll*
  virtual void Take(KafkaRecord record) = 0;
  /// *poll*. No record that is not in work yet may be handed out any more.
  virtual void Stop() noexcept = 0;
  /// *poll*. The drain ends: records that the user of `Poll` still holds count as not processed.
  virtual void GiveUp() noexcept = 0;
};

/// One partition of librdkafka's assignment. *poll*, but for `at_end`.
struct Feed {
  TopicPartition at;
  Position next;  ///< Of the next record to deliver: where a re-assignment goes on.
  std::optional<std::int32_t> epoch;
  bool paused = false;             ///< By the session, and librdkafka knows.
  std::shared_ptr<Outlet> outlet;  // shared with the workers; null where nobody wants one
  std::atomic<bool> at_end{false};

  /// Both together: a broker that finds an epoch too old for its position calls the log cut.
  void GoOn(Position position, std::optional<std::int32_t> of) {
    next = position;
    epoch = of;
  }
};

/// Of partitions that were given back: whether somebody else has one of them. The word of that is
/// still on its way then, and to assign it to the session again would claim it from him.
[[nodiscard]] bool AnyFenced(const Answers<Outcome>& answers);

/// How assignments are changed: an eager group takes only whole lists.
enum class Changes : std::uint8_t { kWhole, kIncremental };
/// Which of them the consumer's group asks for now.
[[nodiscard]] Changes ChangesOf(rd_kafka_t* consumer);

/// What librdkafka has been told to read, and from where. Parked partitions are not in it, since
/// librdkafka refuses to unassign what it does not have.
///
/// Threads: the poll thread, but for `AtEnd`.
class Assignment {
 public:
  explicit Assignment(rd_kafka_t* consumer) : consumer_(consumer) {}

  void SetChanges(Changes changes) noexcept { changes_ = changes; }

  [[nodiscard]] Feed* Find(const TopicPartition& at);
  /// The same from a message, without building a name; records come in runs of one partition.
  [[nodiscard]] Feed* Find(const rd_kafka_message_t& message) {
    if (message.rkt == last_topic_ && message.partition == last_partition_) return last_;
    return FindSlowly(message);
  }

  /// Changes to apply at once. `answers` = this is the answer to an ASSIGN event, which librdkafka
  /// waits for even where there is nothing to add.
  struct Change {
    std::vector<std::shared_ptr<Feed>> put;  ///< New, or to be read from another position.
    Partitions drop;
    bool answers = false;
  };
  /// Returns the partitions of `put` that librdkafka refused, with its reason.
  struct Refused {
    Partitions partitions;
    std::string reason;
  };
  [[nodiscard]] Refused Apply(const Change& change);

  /// Makes the outlet of a partition.
  using NewOutlet = std::function<std::shared_ptr<Outlet>(const TopicPartition&)>;
  /// What of a session's actions is left to the caller.
  struct Orders {
    Partitions put;   ///< Are read from a (new) position now, unpaused.
    Refused refused;  ///< Answer with `Session::Lost`.
    Partitions pause;
    Partitions resume;
    bool rejoin = false;
    std::optional<Error> stop;
  };
  /// Adds, moves and drops as the session wants. `answers` as in `Change`.
  [[nodiscard]] Orders Carry(std::vector<Action> actions,
                             bool answers,
                             const NewOutlet& new_outlet);

  /// The next time `at` is put it is read without its leader epoch. Where the broker finds the log
  /// cut by it, it would find so for ever: the session sees the log's range only.
  void LeaveEpoch(const TopicPartition& at) { without_epoch_.insert(at); }

  /// Answers a REVOKE event.
  void Revoke(const Partitions& partitions);
  /// Gives everything up without a word to the group (static assignment, the end).
  void Clear();

  /// Pauses or resumes one partition for the session, or all for want of room.
  void SetPaused(const TopicPartition& at, bool paused);
  void SetChoked(bool choked);

  [[nodiscard]] const std::map<TopicPartition, std::shared_ptr<Feed>>& feeds() const noexcept {
    return feeds_;
  }
  /// Whether the partition was read to its end. Any thread.
  [[nodiscard]] bool AtEnd(const TopicPartition& at) const;

 private:
  Feed* FindSlowly(const rd_kafka_message_t& message);
  void Erase(const TopicPartition& at);
  [[nodiscard]] std::string AssignWhole();
  [[nodiscard]] std::string AssignIncrementally(const std::vector<std::shared_ptr<Feed>>& put,
                                                bool even_nothing);
  void Unassign(const Partitions& partitions);
  /// After an assignment, which may have kept an old pause or forgotten a new one.
  void TellPauses(const std::vector<std::shared_ptr<Feed>>& feeds);
  void TellPaused(const Partitions& partitions, bool paused);

  rd_kafka_t* const consumer_;
  Changes changes_ = Changes::kIncremental;
  bool choked_ = false;
  std::set<TopicPartition> without_epoch_;
  std::set<TopicPartition> told_paused_;  ///< librdkafka keeps a pause over an unassign.
  // The poll thread alone changes it, under the mutex; others read it under the mutex.
  mutable std::mutex mutex_;
  std::map<TopicPartition, std::shared_ptr<Feed>> feeds_;

  const rd_kafka_topic_t* last_topic_ = nullptr;
  std::int32_t last_partition_ = -1;
  Feed* last_ = nullptr;
};

}  // namespace offsetstore
