// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <chrono>

#include "internal/flock.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "statement.h"

namespace offsetstore::sql {

/// Begins and ends transactions that write, on one connection, ours or a caller's own. Not for
/// several threads at once.
class WriteTransaction {
 public:
  [[nodiscard]] static Result<WriteTransaction> Prepare(sqlite3* db, internal::LockFile turnstile);

  /// Begins a transaction that may write. Processes pass a turnstile one by one, so that the wait
  /// for SQLite's lock, which has no order, is one process's at a time and a busy one cannot keep
  /// the others out. The turnstile is free again once the transaction has begun: a process that
  /// stops inside it holds SQLite's lock and no more, and one that stops in the turnstile delays
  /// the others and stops none. Errors: `DeadlineExceeded`, `Unavailable`.
  [[nodiscard]] Status Begin(Deadline deadline);

  /// `InDoubt` where the commit may have reached the disk; every other error means rolled back.
  [[nodiscard]] Status Commit(Deadline deadline);

  /// Ends the transaction without a trace, if one is open.
  void Rollback() noexcept;

 private:
  struct Statements {
    Statement begin;
    Statement commit;
    Statement rollback;
  };
  WriteTransaction(sqlite3* db, internal::LockFile turnstile, Statements statements) noexcept;

  /// How long a turn is awaited before going on without one.
  static constexpr Duration kPatience = std::chrono::seconds(1);
  [[nodiscard]] Status AwaitTurn(Deadline deadline);

  Duration patience_ = kPatience;
  sqlite3* db_;
  internal::LockFile turnstile_;
  Statements statements_;
};

}  // namespace offsetstore::sql
