// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "offsetstore/client.h"
#include "offsetstore/event.h"
#include "offsetstore/metrics.h"
#include "offsetstore/store.h"

namespace [[gnu::visibility("default")]] offsetstore {

namespace internal {
class SessionImpl;
class Tracker;
}  // namespace internal

/// What to do where a stored position is not in the log (retention passed it, the topic was made
/// anew). Checked before the partition is handed out; a store with claims holds by then where it
/// goes on.
enum class OutOfRange : std::uint8_t {
  kFail,      ///< Stop: `kOutOfRange`, with how many records are missing.
  kEarliest,  ///< Go on at the first record, with an event.
  kLatest,    ///< Go on at the end, with an event.
};

struct SessionOptions {
  std::string group;  ///< The group's name in the store. May be empty.
  std::string owner;  ///< `Owner::name`; shown to whom this session fences, and the reverse.
  Start start;        ///< For a topic of which the group has nothing stored.
  OutOfRange out_of_range = OutOfRange::kFail;
  std::size_t commit_records = 1000;  ///< Commit when so many records are done; 0 = not by count.
  Duration commit_interval = std::chrono::seconds(1);  ///< 0 = not by time.
  std::size_t max_uncommitted = 4096;  ///< Per partition: delivered and not yet acknowledged. Also
                                       ///< the bound of repeats per kill. Rounded up to a power of
                                       ///< two, at least 64.
  Duration assign_bound =
      std::chrono::seconds(2);  ///< What `Assigned` may take of the poll thread.
  Duration drain_timeout = std::chrono::seconds(10);  ///< What `Revoked` and `Close` may take.
  Duration stall_timeout = std::chrono::minutes(1);   ///< 0 = no stall events.
  Duration claim_check =
      std::chrono::seconds(5);  ///< Idle claim check, and the static holder's beat.
  Duration store_timeout = std::chrono::seconds(5);  ///< For one call to the store.
  Duration backoff = Duration(100);                ///< First pause while the store is down, doubled
  Duration backoff_max = std::chrono::seconds(5);  ///< up to this.
  bool static_assignment = false;  ///< No group decides who owns what: the claim does.
  bool takeover = false;           ///< Static: take a held claim.
  bool adopt_cluster = false;      ///< Accept positions of another Kafka cluster.
  /// The session commits nothing: positions move where the caller moves them, in a transaction of
  /// his own with the results (`NextMove`, `Moved`, `RolledBack`). Needs a store with
  /// `fenced_commits` and `conditional_commits`, or `fenced_by_group`.
  bool moves_by_caller = false;
  /// `moves_by_caller` into Kafka's own store: each transaction carries the generation of the group
  /// that was true before its moves were asked for, and is refused once that has passed. So there
  /// is no claim, and `static_assignment` is refused. After `RolledBack` the position is read,
  /// which must wait for a transaction that is still open (`isolation.level=read_committed`).
  bool fenced_by_group = false;
  std::shared_ptr<Listener> listener;  ///< Shared with whoever made it; null = silent.
  Metrics* metrics = nullptr;          ///< Must outlive the session; null = none.
};

/// Add a partition to the client's assignment, to be read from `position`. Where the client
/// refuses (the partition is not assigned any more) answer with `Session::Lost`.
struct Add {
  TopicPartition at;
  Position position;
  std::optional<std::int32_t> leader_epoch;
};
/// Go on with an assigned partition at another position. No rebalance: incremental unassign +
/// assign, or assign of the full list where the group is eager. Undoes a `Pause`. Records handed
/// out before are void where their `Ticket::Held` says so.
struct MoveTo {
  TopicPartition at;
  Position position;
  std::optional<std::int32_t> leader_epoch;
};
/// Take a partition out of the client's assignment: it is not this session's any more.
struct Drop {
  TopicPartition at;
};
struct Pause {
  TopicPartition at;
};
struct Resume {
  TopicPartition at;
};
/// Leave the group and join again, so that it decides who owns what (unsubscribe, subscribe).
struct Rejoin {};
/// The session cannot go on: end the run with this error. `Close` still commits what is done on the
/// partitions that are held.
struct Stop {
  Error error;
};
using Action = std::variant<Add, MoveTo, Drop, Pause, Resume, Rejoin, Stop>;

/// One delivered record. `Done` from any thread, in any order: wait-free. Destroyed without `Done`
/// the record counts as not processed: nothing is committed past it, and a drain does not wait for
/// it. After the partition was revoked, lost, moved or fenced both do nothing.
class Ticket {
 public:
  Ticket() noexcept = default;
  Ticket(std::shared_ptr<internal::Tracker> tracker, std::uint64_t ordinal) noexcept;
  Ticket(Ticket&& other) noexcept;
  Ticket& operator=(Ticket&& other) noexcept;
  ~Ticket();

  /// The record is processed: its position may be committed.
  void Done() noexcept;
  /// Whether the partition is still held, so that processing the record makes sense.
  [[nodiscard]] bool Held() const noexcept;

 private:
  friend class internal::SessionImpl;
  void Abandon() noexcept;
  // Shared with the session and the partition's other tickets: a ticket may outlive both.
  std::shared_ptr<internal::Tracker> tracker_;
  std::uint64_t ordinal_ = 0;
};

struct PartitionState {
  enum class Phase : std::uint8_t {
    kParked,    ///< Assigned, not yet claimed or checked.
    kActive,    ///< Delivering.
    kPaused,    ///< Held; deliveries pause (store down, full, in doubt).
    kRevoking,  ///< Draining.
    kFenced,    ///< Somebody else holds it; waiting for the group.
  };
  TopicPartition at;
  Phase phase = Phase::kParked;
  std::optional<Position> delivered;  ///< The position after the last delivered record.
  std::optional<Position> committed;  ///< As the store acknowledged it.
  std::optional<ClaimToken> claim;
  std::uint64_t in_flight = 0;  ///< Records delivered and not done.
};

struct Snapshot {
  std::vector<PartitionState> partitions;  ///< Sorted.
  bool store_up = true;
  /// When the store last acknowledged a commit at its declared durability.
  std::optional<Time> last_commit;
  std::uint64_t late_done = 0;  ///< `Done` calls that came after their partition was gone.
};

/// Claim, restore, completion tracking, committing and revoking for one consumer, over any store;
/// knows no Kafka type. `docs/examples` shows it under a plain `rd_kafka_t`.
///
/// Threads: the methods marked *poll* are for the one thread that polls the client; the others may
/// be called from any. The session has one thread of its own, on which alone it talks to the store
/// and to the `Client`. No method blocks but `Assigned`, `Revoked` and `Close`, which end by their
/// deadline, and `NextMove`, which ends with one call to the store.
class Session {
 public:
  /// Fails with `InvalidArgument` for options that cannot work, `Unsupported` where they ask for
  /// more than the store can do. Starts the session's thread; touches the store only later.
  [[nodiscard]] static Result<std::unique_ptr<Session>> Open(
      std::shared_ptr<OffsetStore>
          store,                       // shared with the caller, who closes it after the session
      std::shared_ptr<Client> client,  // shared with the caller's poll thread
      SessionOptions options);

  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  /// Stops without a commit; whoever cares calls `Close`.
  virtual ~Session() = default;

  /// The group's member id, for the claims' owner. Call when it is known, before `Assigned`.
  virtual void SetMember(std::string member_id) = 0;

  /// *poll*. Partitions were assigned: resolves the start once, claims, restores, checks the range.
  /// Returns what is ready within `assign_bound` and `deadline` (`Add`, also `Stop`); what is not
  /// is parked and comes by `TakeActions`.
  [[nodiscard]] virtual std::vector<Action> Assigned(const Partitions& partitions,
                                                     Deadline deadline) = 0;

  /// *poll*. Never blocks. Call after each poll, or `HasActions` where there are none: a parked
  /// partition is only claimed while the poll thread shows by one of them that it is alive.
  [[nodiscard]] virtual std::vector<Action> TakeActions() = 0;

  /// *poll*. Whether actions wait; never locks. True after a `Delivered` means: take them before
  /// the next record is delivered (the window may be full).
  [[nodiscard]] virtual bool HasActions() const noexcept = 0;

  /// *poll*. The record at `position` was read; after it the position is `next`. None: do not
  /// process it. The partition is not held (any more), or the record is from before a move, or the
  /// window is full: then a `MoveTo` asks for the record again once there is room.
  [[nodiscard]] virtual std::optional<Ticket> Delivered(const TopicPartition& at,
                                                        Position position,
                                                        Position next,
                                                        std::optional<std::int32_t> epoch = {}) = 0;

  /// *poll*. The client read up to `position` and there is nothing more now; what lies between the
  /// last record and it are control records or gaps.
  virtual void ReachedEnd(const TopicPartition& at, Position position) = 0;

  /// *poll*. A revocation begins: no record of these is handed out any more; parked claims and
  /// waiting actions are withdrawn.
  virtual void Revoking(const Partitions& partitions) = 0;

  /// *poll*. Drains what is in flight, commits, releases; then the caller unassigns what had been
  /// added. One outcome per partition: of its last commit, or of the release where nothing was
  /// left.
  [[nodiscard]] virtual Answers<Outcome> Revoked(const Partitions& partitions,
                                                 Deadline deadline) = 0;

  /// *poll*. The partitions may belong to somebody else already: nothing is committed. Also when an
  /// `Add` could not be applied.
  virtual void Lost(const Partitions& partitions) noexcept = 0;

  /// A rebalance begins (`true`) or the group is steady again (`false`). No `Rejoin` is asked for
  /// meanwhile.
  virtual void Rebalancing(bool running) = 0;

  /// Commits what is done now, without waiting for the policy. Does not block.
  virtual void CommitSoon() = 0;

  /// `moves_by_caller`: the move for the next `count` records of a partition, of which `last` is
  /// the ticket of the last one, under the claim that is held and from the position that is stored.
  /// To be made with their results, in one transaction; `Moved` or `RolledBack` must follow, and
  /// until then this session claims nothing of that partition. `Fenced`: the partition is not held
  /// any more, or goes on from elsewhere: drop the records. `InvalidArgument`: they are not the
  /// next. Blocks while a static holder's own claim of the partition is under way: one call to the
  /// store.
  [[nodiscard]] virtual Result<Move> NextMove(const TopicPartition& at,
                                              const Ticket& last,
                                              std::size_t count) = 0;

  /// The transaction with that move was committed. First call `Done` on the tickets.
  virtual void Moved(const Move& move) = 0;

  /// The transaction was rolled back (also: never begun), or `why` is `InDoubt` and nobody knows.
  /// Drop the tickets. A conditional claim (`fenced_by_group`: a read) then tells what is stored,
  /// and a `MoveTo` goes on from there; until it comes no record of the partition is handed out.
  /// Call it after the transaction has ended: the claim waits for its locks.
  virtual void RolledBack(const Move& move, const Error& why) = 0;

  /// Drains, commits and releases all partitions, then ends the session's thread. Later calls of
  /// any method do nothing. Returns the first failure.
  [[nodiscard]] virtual Status Close(Deadline deadline) = 0;

  [[nodiscard]] virtual Snapshot State() const = 0;
};

}  // namespace offsetstore
