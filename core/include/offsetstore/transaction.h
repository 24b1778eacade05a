// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Positions that move inside the caller's own transaction, together with his results: both or
// neither. docs/exactly-once.md tells the whole.
#pragma once

#include <span>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "offsetstore/types.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// The answer of `TransactionalPositions::Lock` for one partition.
struct LockAnswer {
  /// `kApplied`: held under the claim, and nobody else's until the transaction ends. `kFenced`:
  /// `holder` has it. `kFailed`: it cannot be read.
  Outcome outcome;
  /// What is stored; valid when `outcome.Ok()`. The batch begins there, and this is its `from`.
  Slot slot;
};

/// The positions of one group, on one connection of the caller's, moved inside his transactions.
/// Made by `OpenSqliteTransactional`, `OpenPostgresTransactional`.
///
///     BEGIN                          the caller, e.g. BEGIN IMMEDIATE
///     Lock(claims)                   first: before the first result of the batch
///     ...                            the caller writes the results of the batch
///     Move(moves)                    last
///     COMMIT                         the caller
///
/// It works on the same tables and under the same claims as the plain store, which is where claims
/// are taken: a group may go from one to the other and back, and tools see one position.
///
/// **After any refusal (an error, or an outcome that is not `kApplied`): ROLLBACK, and go on from
/// the stored position.** Only a `Lock` that refused some partitions may be followed by the batch
/// of the others.
///
/// Neither step begins or ends the transaction. Between `Lock` and a `Move` that was applied in
/// full, a COMMIT is refused by the database, whoever sends it, and rolls back: a handler that
/// commits by itself loses its results, and not its records.
///
/// What is committed is as durable as the caller's transaction. He may relax it
/// (`synchronous=normal`, `synchronous_commit=off`): results and position go back together.
///
/// Threads: as the connection, at most one at a time. Must be destroyed before its connection is
/// closed; one destroyed between `Lock` and `Move` leaves the COMMIT refused.
/// Blocking: until `deadline`, or as long as the connection itself waits (a busy handler).
class TransactionalPositions {
 public:
  TransactionalPositions() = default;
  TransactionalPositions(const TransactionalPositions&) = delete;
  TransactionalPositions& operator=(const TransactionalPositions&) = delete;
  virtual ~TransactionalPositions() = default;

  /// The first step in a transaction: the partitions of the batch, each with its claim. Checks that
  /// a transaction is open, that the connection leads to the store's own database, and that each
  /// claim is the newest and not released; locks those that are. Once per transaction. An empty
  /// list is a no-op.
  /// Errors: `InvalidArgument` (no transaction is open, a second lock, a malformed request),
  /// `ConfigInvalid` (another database), `DeadlineExceeded` and `Unavailable` (somebody else holds
  /// the rows, or the database cannot be written to from this transaction any more),
  /// `PermissionDenied` (a read-only database).
  [[nodiscard]] virtual Answers<LockAnswer> Lock(std::span<const Claimed> claims,
                                                 Deadline deadline) = 0;

  /// The last step: moves positions of locked partitions, all or none. Each move is a `kAdvance`
  /// with the claim that was locked and with `from`, which is mandatory and below `to`. `by` is who
  /// is shown as the writer.
  /// Outcomes: `kApplied`; `kConflict` where another position than `from` is stored, also where it
  /// is `to` already (doing a batch again would double its results); `kFenced`; `kFailed`; and
  /// `kNotApplied` for those that were fine beside a refused one. Nothing can be committed after a
  /// refusal.
  /// Errors: `InvalidArgument` (no transaction is open, it is not the one of the lock, nothing was
  /// locked, a partition was not, a malformed move), `Unavailable`, ...
  /// Idempotent: no. It is made once in a transaction.
  [[nodiscard]] virtual Answers<Outcome> Move(std::span<const offsetstore::Move> moves,
                                              const Owner& by,
                                              Deadline deadline) = 0;

  // The same connection's transactions, for who does not begin and end them himself.

  /// Begins a transaction in the way that suits the steps. `InvalidArgument` where one is open;
  /// `DeadlineExceeded`, `Unavailable`, ...: none was begun.
  [[nodiscard]] virtual Status Begin(Deadline deadline) = 0;

  /// Commits. `InDoubt`: it may or may not have been applied; only a conditional claim on the own
  /// claim, by the plain store, tells which. Every other error means rolled back:
  /// `InvalidArgument` (locked and not moved, a deferred constraint of the results is violated),
  /// `Unavailable`, `DeadlineExceeded`, ...
  [[nodiscard]] virtual Status Commit(Deadline deadline) = 0;

  /// Rolls back, where a transaction is open.
  virtual void Rollback() noexcept = 0;
};

/// Success where every answer is `kApplied`; else the error of the call, or the first refusal as an
/// error: `Fenced` names the holder, `Conflict` what is stored and what was expected.
[[nodiscard]] Status AllApplied(const Answers<LockAnswer>& answers);
[[nodiscard]] Status AllApplied(const Answers<Outcome>& answers);

}  // namespace offsetstore
