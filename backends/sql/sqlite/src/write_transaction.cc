// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "write_transaction.h"

#include <algorithm>
#include <utility>

#include "busy_wait.h"
#include "connection.h"
#include "internal/macros.h"
#include "sqlite_error.h"

namespace offsetstore::sql {

Result<WriteTransaction> WriteTransaction::Prepare(sqlite3* db, internal::LockFile turnstile) {
  OS_ASSIGN_OR_RETURN(Statement begin, Statement::Prepare(db, "BEGIN IMMEDIATE"));
  OS_ASSIGN_OR_RETURN(Statement commit, Statement::Prepare(db, "COMMIT"));
  OS_ASSIGN_OR_RETURN(Statement rollback, Statement::Prepare(db, "ROLLBACK"));
  return WriteTransaction(
      db, std::move(turnstile), {std::move(begin), std::move(commit), std::move(rollback)});
}

WriteTransaction::WriteTransaction(sqlite3* db,
                                   internal::LockFile turnstile,
                                   Statements statements) noexcept
    : db_(db), turnstile_(std::move(turnstile)), statements_(std::move(statements)) {}

Status WriteTransaction::AwaitTurn(Deadline deadline) {
  Status turn = turnstile_.Lock(deadline.Sooner(patience_));
  if (turn) {
    patience_ = kPatience;
    return {};
  }
  if (turn.error().code != ErrorCode::kDeadlineExceeded) return turn;
  // A process may have been stopped in the turnstile. Only the order depends on it, so go on
  // without, and sooner the next time.
  patience_ = std::max(patience_ / 2, Duration(1));
  return {};
}

Status WriteTransaction::Begin(Deadline deadline) {
  OS_RETURN_IF_ERROR(CheckStillThere(db_));
  OS_RETURN_IF_ERROR(AwaitTurn(deadline));
  const internal::LockGuard guard(turnstile_);
  const int code = WhileBusy(deadline, [this] { return statements_.begin.Run(); });
  if (code == SQLITE_DONE) return {};
  return IsBusy(code) ? BusyError(db_) : SqliteError(db_, "begin");
}

Status WriteTransaction::Commit(Deadline deadline) {
  // With a rollback journal a reader may be in the way here; the transaction then stays open.
  const int code = WhileBusy(deadline, [this] { return statements_.commit.Run(); });
  if (code == SQLITE_DONE) return {};
  Error error = IsBusy(code) ? BusyError(db_) : CommitError(db_);
  Rollback();
  return error;
}

void WriteTransaction::Rollback() noexcept {
  // SQLite has rolled back by itself after some errors (full disk, I/O).
  if (sqlite3_get_autocommit(db_) != 0) return;
  // It fails only where the file cannot be read any more, which the next statement reports; the
  // changes are forgotten either way.
  static_cast<void>(statements_.rollback.Run());
}

}  // namespace offsetstore::sql
