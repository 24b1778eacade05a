// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "offsetstore/types.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// What an acknowledged commit survives. Each level includes the ones before it.
enum class Durability : std::uint8_t {
  kProcess,       ///< Nothing beyond the life of the process (`memory:`).
  kProcessCrash,  ///< `kill -9`.
  kOsCrash,       ///< A crash of the operating system.
  kPowerLoss,     ///< Loss of power, as far as the disk keeps what it acknowledged.
  kReplicaLoss,   ///< Loss of one machine.
};
[[nodiscard]] std::string_view ToString(Durability durability) noexcept;

/// What a store can do. Each but `in_callers_transaction`, which is no call of `OffsetStore`, is
/// tested by the contract suite in both directions: what is false answers `Unsupported` (or, for
/// `keeps_commit_time`, shows nothing).
struct Capabilities {
  bool fenced_commits = false;          ///< `Claim`, `Release` and commits under a claim.
  bool conditional_commits = false;     ///< `from` is checked in the same atomic step as the write.
  bool atomic_batch = false;            ///< `Atomicity::kAll` up to `Limits::atomic_batch`.
  bool in_callers_transaction = false;  ///< `TransactionalPositions` can be opened on its database
                                        ///< (transaction.h; tested with each such backend).
  bool keeps_metadata = false;          ///< `Entry::metadata` up to `Limits::metadata_bytes`.
  bool keeps_commit_time = false;       ///< `Entry::commit_time`.
  bool lists_groups = false;            ///< `ListGroups`.

  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

/// Which names a store can keep. What lies outside is `InvalidArgument` before anything is written.
enum class NameDomain : std::uint8_t {
  kAny,         ///< Any bytes, also the empty name.
  kText,        ///< Any valid UTF-8 without the byte 0, also the empty name.
  kKafkaTopic,  ///< Topics as Kafka allows: `[A-Za-z0-9._-]{1,249}`, not `.` or `..`; groups any
                ///< valid UTF-8 without the byte 0.
};

struct Limits {
  NameDomain names = NameDomain::kAny;
  std::size_t topic_bytes = 0;     ///< Longest topic.
  std::size_t group_bytes = 0;     ///< Longest group.
  std::size_t metadata_bytes = 0;  ///< Longest metadata.
  std::size_t atomic_batch = 0;    ///< Most partitions of one `Atomicity::kAll` commit.

  friend bool operator==(const Limits&, const Limits&) = default;
};

/// What is known about an open store. Constant while it is open.
struct StoreInfo {
  std::string scheme;    ///< `memory`, `file`, `sqlite`, `kafka`, ...
  std::string endpoint;  ///< Where it is, redacted; a path or `host:port,...`.
  std::string store_id;  ///< Tells two stores apart: made when the store was created, kept in
                         ///< it (Kafka: the cluster id).
  std::string space;     ///< `?space=`: which world the keys belong to; default empty.
  Capabilities capabilities;
  Limits limits;
  Durability durability = Durability::kProcess;
  std::string durability_note;     ///< One sentence for people, e.g. what `sync=interval` may lose.
  bool ends_with_process = false;  ///< All that it, or a leg of a dual, keeps is in it (`memory:`).
};

/// Which partitions a fetch reads. Both empty = all of the group.
struct Selection {
  std::vector<TopicPartition> partitions;  ///< Each is answered, in this order, also when absent.
  std::vector<std::string> topics;         ///< Every stored partition of these topics, sorted.
};

struct Read {
  TopicPartition at;
  Slot slot;                       ///< Absent, an entry, or why it could not be read.
  std::optional<ClaimView> claim;  ///< The newest claim, also a released one; none = never claimed
                                   ///< or removed.
};

struct ClaimRequest {
  TopicPartition at;
  Expect expect;  ///< Whom the claim may follow.
  Nonce nonce;    ///< Fresh for each request; comes back in `Claimed::token`.
};

struct Claimed {
  TopicPartition at;
  ClaimToken token;
};

struct Conflict {
  std::variant<Absent, Entry> stored;  ///< What is stored.
  std::optional<From> expected;        ///< What the caller expected; none: the monotone rule.
  std::string advice;                  ///< What to do.
};

enum class OutcomeCode : std::uint8_t {
  kApplied,                 ///< Applied, durable at the declared level.
  kAppliedBelowDurability,  ///< Applied, but e.g. a replica did not answer in time.
  kAlreadyApplied,          ///< Same claim, same target: nothing changed, a retry was harmless.
  kFenced,                  ///< The claim condition does not hold: `holder` says who has it.
  kConflict,                ///< The position condition does not hold: `conflict` says what is.
  kNotApplied,              ///< Fine by itself, refused with its `Atomicity::kAll` batch.
  kFailed,                  ///< `error` says why, and whether it is surely not applied.
};
[[nodiscard]] std::string_view ToString(OutcomeCode code) noexcept;

/// The answer of a write for one partition.
struct Outcome {
  TopicPartition at;
  OutcomeCode code = OutcomeCode::kFailed;
  std::optional<ClaimView> holder;   ///< `kFenced`: the newest claim; none: there is none.
  std::optional<Conflict> conflict;  ///< `kConflict`.
  std::optional<Error> error;        ///< `kFailed`, and why for `kAppliedBelowDurability`.

  /// Applied, also below the declared durability, or already applied.
  [[nodiscard]] bool Ok() const noexcept {
    return code == OutcomeCode::kApplied || code == OutcomeCode::kAppliedBelowDurability ||
           code == OutcomeCode::kAlreadyApplied;
  }
};

/// The answer of a claim for one partition: `outcome.Ok()` and then `claimed` and `slot`, or
/// `kFenced` (the condition on the claim failed) or `kFailed`.
struct ClaimAnswer {
  Outcome outcome;
  ClaimToken token;                   ///< Valid when `outcome.Ok()`.
  Slot slot;                          ///< What was stored when the claim was taken.
  std::optional<ClaimView> previous;  ///< The claim it followed.
};

enum class Kind : std::uint8_t {
  kAdvance,  ///< A commit. `to` below the stored position is `kConflict`.
  kRewind,   ///< Moves either way; only under a claim.
  kSet,      ///< The operator's one step, without a claim: raises the counter (fencing the holder),
             ///< moves either way, leaves the claim released with the operator as its owner.
};

/// One position to move.
struct Move {
  TopicPartition at;
  Position to;
  Kind kind = Kind::kAdvance;
  std::optional<ClaimToken> claim;  ///< The claim it is made under; never with `kSet`.
  Expect expect;                    ///< `kSet` only: the claim that the plan saw.
  std::optional<From> from;         ///< The position that must be stored now; none: no condition.
  std::optional<std::int32_t> leader_epoch;
  std::string topic_id;
  std::string cluster_id;
  std::string metadata;
};

struct Removal {
  TopicPartition at;
  Expect expect;             ///< The claim that the plan saw.
  std::optional<From> from;  ///< The position that the plan saw.
};

enum class Atomicity : std::uint8_t {
  kEach,  ///< One fenced partition does not stop the others.
  kAll,   ///< Nothing unless everything; the partitions that were fine are `kNotApplied`.
};

struct PageRequest {
  std::string after;         ///< `GroupPage::next` of the page before; empty = from the start.
  std::size_t limit = 1000;  ///< Most groups of this page, at least 1.
};

struct GroupPage {
  std::vector<std::string> groups;  ///< Sorted by bytes. Groups with a stored position.
  std::string next;                 ///< Pass as `after`; empty when `last`.
  bool last = true;
};

/// Where positions are kept. See `docs/contract.md` for the numbered rules behind each sentence.
///
/// Threads: every call may overlap every other, except `Close`. Blocking: every call ends by its
/// deadline (but see `Deadline` for disks). Errors are values; no exception leaves a store but
/// `std::bad_alloc`. An `Error` of a whole call means nothing was sent.
///
/// Once the first byte of a write is sent, a deadline or a cut is `kFailed` with `kInDoubt`:
/// never retry that blindly and never trust a plain read; take a conditional claim with `expect` =
/// your own token, which tells what is stored and makes a late original fail.
class OffsetStore {
 public:
  OffsetStore() = default;
  OffsetStore(const OffsetStore&) = delete;
  OffsetStore& operator=(const OffsetStore&) = delete;
  virtual ~OffsetStore() = default;

  /// Scheme, redacted endpoint, store id, capabilities, limits, durability. Never blocks.
  [[nodiscard]] virtual const StoreInfo& Info() const noexcept = 0;

  /// Returns one page of the groups that have a stored position, sorted by bytes.
  /// Requires `lists_groups`, else `Unsupported`.
  [[nodiscard]] virtual Result<GroupPage> ListGroups(const PageRequest& page,
                                                     Deadline deadline) = 0;

  /// Reads positions and claims. A partition that cannot be read answers with an `Error` in its
  /// slot and hides no other. Named partitions come in the order of the request, all others sorted
  /// by topic and partition; those with a claim but no position are shown as absent with a claim.
  /// Creates nothing.
  [[nodiscard]] virtual Answers<Read> Fetch(std::string_view group,
                                            const Selection& selection,
                                            Deadline deadline) = 0;

  /// Takes the claim of each partition: one atomic step per partition raises the counter, stores
  /// nonce and owner, and returns the entry. Fences every claim before it. Not idempotent, but a
  /// `kFenced` that names your own nonce is your own earlier claim: adopt it.
  /// Errors per partition: `InDoubt`, `DeadlineExceeded`, `Corrupt`, ... Requires `fenced_commits`.
  [[nodiscard]] virtual Answers<ClaimAnswer> Claim(std::string_view group,
                                                   std::span<const ClaimRequest> requests,
                                                   const Owner& by,
                                                   Deadline deadline) = 0;

  /// Moves positions. Under a claim: applied only while that claim is the newest and not released.
  /// Without one: applied only where nobody holds a claim (`kAdvance`), or as the operator's
  /// `kSet`. Durable at `Info().durability` when it answers `kApplied`. Repeating it is harmless.
  /// A partition may stand only once in `moves`. An empty list is a no-op.
  [[nodiscard]] virtual Answers<Outcome> Commit(std::string_view group,
                                                std::span<const Move> moves,
                                                const Owner& by,
                                                Atomicity atomicity,
                                                Deadline deadline) = 0;

  /// Gives claims back; positions stay. Acts only on the claim it names: where a newer one exists
  /// it answers `kFenced` and changes nothing. Releasing twice is `kAlreadyApplied`.
  [[nodiscard]] virtual Answers<Outcome> Release(std::string_view group,
                                                 std::span<const Claimed> claims,
                                                 Deadline deadline) = 0;

  /// Removes positions. Raises the counter, fencing a holder, and leaves a tombstone that no fetch
  /// or list shows, so that the counter never starts again. Where nothing is stored:
  /// `kAlreadyApplied`.
  [[nodiscard]] virtual Answers<Outcome> Remove(std::string_view group,
                                                std::span<const Removal> removals,
                                                const Owner& by,
                                                Deadline deadline) = 0;

  /// Makes durable what is not yet and closes. Later calls answer `Unavailable`. Must not overlap
  /// another call. The destructor closes quietly; who cares calls this.
  [[nodiscard]] virtual Status Close(Deadline deadline) = 0;
};

}  // namespace offsetstore
