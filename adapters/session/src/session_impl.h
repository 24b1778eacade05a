// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "offsetstore/session.h"
#include "starter.h"
#include "tracker.h"

namespace offsetstore::internal {

/// One assigned partition. Guarded by `SessionImpl::mutex_`.
struct Held {
  enum class Stage : std::uint8_t {
    kStarting,  ///< Not claimed or checked yet (parked, once the poll thread went on).
    kActive,    ///< Claimed; records are delivered.
    kRevoking,  ///< Draining for the last commit.
    kFenced,    ///< Somebody else has it: waiting for the group.
  };
  std::uint64_t assignment = 0;
  Stage stage = Stage::kStarting;
  Starting starting;
  bool added = false;               ///< An `Add` went out, so the next start is a `MoveTo`.
  std::uint64_t tried_at_poll = 0;  ///< Poll count of the last attempt to start.
  std::chrono::steady_clock::time_point bound;

  std::shared_ptr<Tracker> tracker;  // shared with its tickets
  std::optional<ClaimToken> claim;
  std::vector<Nonce> nonces;  ///< Of claims in doubt that may be ours.
  std::optional<Position> committed;
  bool repeat = false;          ///< No claims: commit `committed` once, as it is.
  bool rewinds = false;         ///< No claims: the next commit may go back (out-of-range policy).
  bool in_doubt = false;        ///< Settle by a conditional claim before the next commit.
  bool beating = false;         ///< A claim on our own is on its way: a static holder's beat.
  bool in_transaction = false;  ///< The caller's: its locks are in the way of a claim.
  std::optional<ClaimToken> moving_under;  ///< The claim of that transaction.
  Tracker::Watermark doubtful;             ///< What the commit in doubt stood for.
  bool full = false;                       ///< Paused until slots are acknowledged.
  bool down = false;                       ///< Paused until the store answers.
  std::optional<Position> refused;         ///< First record refused while full: asked for again.
  bool moving = false;  ///< A `MoveTo` waits to be taken: what is read till then is of before it.

  std::uint64_t stuck_ordinal = 0;  ///< For the stall check.
  std::chrono::steady_clock::time_point stuck_since;
  bool stall_told = false;

  std::optional<Outcome> last;  ///< kRevoking: how its last commit went.
  bool gone = false;            ///< kRevoking: nothing more will be done for it.
  bool given_back = false;      ///< The store knows that `claim` is free.
};

class SessionImpl final : public Session {
 public:
  SessionImpl(std::shared_ptr<OffsetStore> store,
              std::shared_ptr<Client> client,
              SessionOptions options);
  ~SessionImpl() override;

  void SetMember(std::string member_id) override;
  [[nodiscard]] std::vector<Action> Assigned(const Partitions& partitions,
                                             Deadline deadline) override;
  [[nodiscard]] std::vector<Action> TakeActions() override;
  [[nodiscard]] bool HasActions() const noexcept override {
    polls_.fetch_add(1, std::memory_order_relaxed);
    return has_actions_;
  }
  [[nodiscard]] std::optional<Ticket> Delivered(const TopicPartition& at,
                                                Position position,
                                                Position next,
                                                std::optional<std::int32_t> epoch) override;
  void ReachedEnd(const TopicPartition& at, Position position) override;
  void Revoking(const Partitions& partitions) override;
  [[nodiscard]] Answers<Outcome> Revoked(const Partitions& partitions, Deadline deadline) override;
  void Lost(const Partitions& partitions) noexcept override;
  void Rebalancing(bool running) override;
  void CommitSoon() override;
  [[nodiscard]] Result<Move> NextMove(const TopicPartition& at,
                                      const Ticket& last,
                                      std::size_t count) override;
  void Moved(const Move& move) override;
  void RolledBack(const Move& move, const Error& why) override;
  [[nodiscard]] Status Close(Deadline deadline) override;
  [[nodiscard]] Snapshot State() const override;

 private:
  using Time = std::chrono::steady_clock::time_point;
  using Lock = std::unique_lock<std::mutex>;

  /// A commit on its way: what is asked of one partition, and what it stands for.
  struct Pending {
    std::uint64_t assignment = 0;
    Tracker::Watermark mark;
    Move move;
  };

  // session_loop.cc: the session's thread
  void Loop();
  Time Work();
  void StartPartitions(Time now);
  [[nodiscard]] std::vector<Starting> CollectStarting(Time now);
  [[nodiscard]] bool LearnCluster(std::vector<Starting>& batch);
  [[nodiscard]] std::vector<Claimed> ApplyStarted(std::vector<Starting>& batch, Time now);
  void ApplyProgress(Held& held, Starting& one, Time now);
  void Activate(Held& held, Starting& one);
  void CheckStalls(Time now);
  void FlushEvents();
  [[nodiscard]] Time NextDue(Time now) const;
  [[nodiscard]] Time DueOf(const Held& held, Time now) const;

  // session_commit.cc
  void CommitDue(Time now);
  [[nodiscard]] bool IsCommitDue(Time now) const;
  void ApplyCommits(const std::vector<Pending>& pending, Answers<Outcome> outcomes);
  void WaitForGroup();
  [[nodiscard]] std::vector<Pending> CollectCommits();
  [[nodiscard]] Move ToMove(const TopicPartition& at,
                            const Held& held,
                            const Tracker::Watermark& mark) const;
  void ApplyCommit(Held& held, const Pending& pending, const Outcome& outcome);
  void Acknowledge(Held& held, const Pending& pending, const Outcome& outcome);
  /// Everything below the mark is stored: a partition whose window was full goes on.
  void MakeRoom(const TopicPartition& at, Held& held, const Tracker::Watermark& stored);
  void ApplyConflict(Held& held, const Pending& pending, const Outcome& outcome);
  void ApplyFailure(Held& held, const Pending& pending, const Outcome& outcome);
  void FinishRevoked();
  [[nodiscard]] std::vector<Claimed> CollectFinished();

  // session_transaction.cc
  [[nodiscard]] bool Moves(const Held& held) const;
  [[nodiscard]] Held* FindMoving(const Move& move);
  void GoOnFrom(const TopicPartition& at, Held& held, std::optional<Position> stored);

  // session_fence.cc
  void SettleDoubts();
  void SettleUnfenced(const std::vector<TopicPartition>& doubtful);
  void SettleByReading(const std::vector<TopicPartition>& doubtful);
  void WasApplied(const TopicPartition& at, Held& held);
  void ApplySettled(const TopicPartition& at, Held& held, ClaimAnswer& answer);
  void StartAnew(const TopicPartition& at, Held& held);
  void CheckClaims(Time now);
  [[nodiscard]] std::vector<TopicPartition> DueForCheck(Time now);
  void CheckClaim(const Read& read);
  void Beat(const std::vector<TopicPartition>& active);
  void ApplyBeat(const std::vector<ClaimAnswer>& answers);
  void Fenced(const TopicPartition& at, Held& held, const std::optional<ClaimView>& holder);
  void FencedByMember(const TopicPartition& at, Held& held, const std::optional<ClaimView>& holder);
  void AskToRejoin(Time now);

  /// For the next call to the store, which is made without the lock: takes it itself.
  [[nodiscard]] Deadline StoreDeadline() const;

  // session.cc: all under `mutex_`
  Held* Find(const TopicPartition& at);
  Held* Find(const TopicPartition& at, std::uint64_t assignment);
  void Forget(const TopicPartition& at);
  void DropActions(const TopicPartition& at);
  void Push(Action action);
  void Tell(EventKind kind,
            const TopicPartition& at,
            std::optional<Position> position = {},
            std::string text = {},
            std::optional<Position> previous = {});
  void Tell(Event event);
  void StoreFailed(const Error& error);
  void StoreAnswered();
  void Unpause(const TopicPartition& at, Held& held);
  void StopRun(Error error);
  [[nodiscard]] bool fenced() const noexcept { return store_->Info().capabilities.fenced_commits; }

  const std::shared_ptr<OffsetStore> store_;  // shared with the caller, who closes it
  const std::shared_ptr<Client> client_;      // shared with the caller's poll thread
  const SessionOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;  ///< A partition left kStarting or kRevoking.
  std::unordered_map<TopicPartition, Held> held_;
  std::unordered_map<TopicPartition, std::vector<Nonce>> left_;  ///< Of claims not given back.
  TopicPartition last_at_;     ///< The last delivery's partition: records come in runs.
  Held* last_held_ = nullptr;  ///< Its entry in `held_`; null after any change of `held_`.
  std::vector<Action> actions_;
  std::vector<Event> events_;
  Owner owner_;
  std::optional<Error> stopped_;
  std::uint64_t assignments_ = 0;
  std::optional<offsetstore::Time> last_commit_;
  bool rebalancing_ = false;
  bool store_up_ = true;
  bool cluster_known_ = false;
  Duration backoff_{0};
  Time backoff_until_{};
  Time drain_until_{};  ///< While draining: the bound of a commit.
  Time next_commit_{};
  Time commits_wait_until_{};  ///< While the group rebalances.
  Time next_check_{};
  Time next_stall_check_{};
  std::optional<Time> rejoin_at_;
  std::map<TopicPartition, std::deque<Time>> fences_;  ///< By members, of the last ten minutes.
  std::minstd_rand random_;

  std::atomic<bool> has_actions_{false};
  mutable std::atomic<std::uint64_t> polls_{0};  // signs of life of the poll thread
  std::atomic<bool> commit_soon_{false};
  std::atomic<bool> ending_{false};
  const std::shared_ptr<Signals> signals_ = std::make_shared<Signals>();  // shared with trackers
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace offsetstore::internal
