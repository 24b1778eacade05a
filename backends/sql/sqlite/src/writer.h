// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "connection.h"
#include "internal/flock.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "position_table.h"
#include "statement.h"

namespace offsetstore::sql {

/// The one connection of a store that writes, and its transactions. Not for several threads at
/// once.
class Writer {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Writer>> Open(Connection connection,
                                                            internal::LockFile turnstile,
                                                            std::string space);

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

  /// Moves the write-ahead log to the disk, as far as no reader is in the way.
  [[nodiscard]] Status Checkpoint();

  [[nodiscard]] PositionTable& table() noexcept { return table_; }

 private:
  struct Statements {
    Statement begin;
    Statement commit;
    Statement rollback;
  };
  Writer(Connection connection,
         internal::LockFile turnstile,
         Statements statements,
         PositionTable table) noexcept;

  /// How long a turn is awaited before going on without one.
  static constexpr Duration kPatience = std::chrono::seconds(1);
  [[nodiscard]] Status AwaitTurn(Deadline deadline);

  Duration patience_ = kPatience;
  // The order matters: statements are finalized before the connection closes.
  Connection connection_;
  internal::LockFile turnstile_;
  Statements statements_;
  PositionTable table_;
};

}  // namespace offsetstore::sql
