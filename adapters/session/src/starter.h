// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "internal/passing.h"
#include "offsetstore/client.h"
#include "offsetstore/event.h"
#include "offsetstore/session.h"
#include "offsetstore/store.h"

namespace offsetstore::internal {

/// One partition on its way from assigned to active: what was found out so far, kept over
/// attempts, and how the last attempt ended.
struct Starting {
  enum class Progress : std::uint8_t {
    kPending,  ///< Not through this attempt yet.
    kReady,    ///< Claimed, restored, checked.
    kRetry,    ///< `error` says what failed; try again.
    kWait,     ///< Nothing failed; look again at `not_before`.
    kFenced,   ///< `holder` has it.
    kStop,     ///< `error` ends the run.
  };
  TopicPartition at;
  std::uint64_t assignment = 0;  ///< Which assignment of the partition this is for.
  bool resuming = false;         ///< Goes on after an operator's step, without a rebalance.
  bool late = false;             ///< Past the assignment's bound: `seen` is not renewed any more.

  std::optional<Expect> seen;     ///< The claim that this assignment's fetch saw.
  std::optional<ClaimView> view;  ///< The same, for people.
  std::vector<Nonce> nonces;      ///< Of claims that were sent and not answered.
  std::optional<ClaimToken> claim;
  Slot slot;
  std::optional<Position> resolved;   ///< The start policy's answer, where this session asked.
  std::optional<ClaimToken> watched;  ///< Static: the holder's claim, to see whether it moves.
  std::chrono::steady_clock::time_point watched_since;
  int beyond_end = 0;    ///< How often the position was confirmed to lie beyond the log's end.
  std::string topic_id;  ///< Of the log that does not hold the stored position.

  Progress progress = Progress::kPending;
  std::optional<Error> error;
  bool store_error = false;  ///< `error` is the store's, not the Kafka client's.
  std::optional<ClaimView> holder;
  std::chrono::steady_clock::time_point not_before;

  Position position;                  ///< kReady: where to read from.
  std::optional<std::int32_t> epoch;  ///< kReady
  std::optional<Position> stored;     ///< kReady: what the store held; none = nothing yet.
  std::optional<Outcome> kept;        ///< kReady: how it took `position` in place of that.
  std::optional<Event> note;          ///< kReady: started or out of range, to be told.
};

/// Takes partitions from assigned to ready: read, resolve the start once, claim, place, check
/// the range, store where it leads. Talks to store and client; holds no state but its references.
/// Session's thread only.
class Starter {
 public:
  Starter(OffsetStore& store, Client& client, const SessionOptions& options, const Owner& owner)
      : store_(store), client_(client), options_(options), owner_(owner) {}

  /// One attempt for all of `batch`; afterwards none is `kPending`.
  void Run(std::vector<Starting>& batch, Deadline deadline);

 private:
  using Batch = std::vector<Starting>;
  using Topic = std::vector<Read>;

  // starter.cc
  void ReadTopics(Batch& batch, Deadline deadline);
  [[nodiscard]] Result<Selection> SelectionOf(const std::string& topic, Deadline deadline);
  void See(Starting& one, const Topic& reads);
  void CheckCluster(Starting& one);
  void RespectHolder(Starting& one);
  void Watch(Starting& one, const ClaimView& holder);
  void Claim(Batch& batch, Deadline deadline);
  void TakeClaim(Starting& one, ClaimAnswer answer);

  // start_rule.cc
  void ResolveNewTopics(Batch& batch, Deadline deadline);
  /// Whether it could be read; else its pending ones have failed.
  bool ReadTopic(Batch& batch, const std::string& topic, Deadline deadline);
  void FailTopic(Batch& batch, const std::string& topic, const Error& error, bool of_store) const;
  Result<Partitions> WhichToStart(const Batch& batch, const std::string& topic, Deadline deadline);
  Result<Partitions> WhichToStartOrFail(const Batch& batch,
                                        const std::string& topic,
                                        Deadline deadline);
  bool ResolveTopic(Batch& batch, const std::string& topic, Deadline deadline);
  [[nodiscard]] Move StartAt(const TopicPartition& at, Position position) const;
  bool CommitStart(Batch& batch,
                   const std::string& topic,
                   const std::vector<Move>& moves,
                   Deadline deadline);
  static void LeaveDoubt(Starting& one, const std::vector<Outcome>& outcomes);
  static void NoteStart(Starting& one, const std::vector<Outcome>& outcomes);

  // start_range.cc
  void Place(Batch& batch, Deadline deadline);
  void PlaceAtEarliest(const std::vector<Starting*>& absent, Deadline deadline);
  void CheckRanges(Batch& batch, Deadline deadline);
  void CheckRange(Starting& one, const LogRange& range, Deadline deadline);
  void ConfirmBeyondEnd(Starting& one, const LogRange& range, Deadline deadline);
  void LeaveRange(Starting& one, const LogRange& range, const std::string& why);
  void KeepPlaces(Batch& batch);
  [[nodiscard]] Move KeepAt(const Starting& one) const;
  void TakeKept(Starting& one, Outcome outcome) const;

  [[nodiscard]] bool fenced() const noexcept { return store_.Info().capabilities.fenced_commits; }
  void Fail(Starting& one, Error error, bool of_store) const;

  OffsetStore& store_;
  Client& client_;
  const SessionOptions& options_;
  const Owner& owner_;
  std::map<std::string, Topic> topics_;  ///< What this attempt read.
};

/// The error that ends a run because `holder` has `at`.
[[nodiscard]] Error HeldByAnother(const TopicPartition& at,
                                  const ClaimView& holder,
                                  const std::string& advice);

/// A commit that met a rebalance of the group: nothing was applied, and the store is not down.
/// Where it keeps no claims, the assignment that the rebalance ends with is the new claim.
[[nodiscard]] bool WaitsForGroup(const StoreInfo& store, const Error& error) noexcept;

}  // namespace offsetstore::internal
