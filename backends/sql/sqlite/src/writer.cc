// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "writer.h"

#include <algorithm>
#include <utility>

#include "busy_wait.h"
#include "internal/macros.h"
#include "sqlite_error.h"

namespace offsetstore::sql {

Result<std::unique_ptr<Writer>> Writer::Open(Connection connection,
                                             internal::LockFile turnstile,
                                             std::string space) {
  sqlite3* db = connection->getHandle();
  OS_ASSIGN_OR_RETURN(Statement begin, Statement::Prepare(db, "BEGIN IMMEDIATE"));
  OS_ASSIGN_OR_RETURN(Statement commit, Statement::Prepare(db, "COMMIT"));
  OS_ASSIGN_OR_RETURN(Statement rollback, Statement::Prepare(db, "ROLLBACK"));
  OS_ASSIGN_OR_RETURN(PositionTable table, PositionTable::Prepare(db, std::move(space)));
  Statements statements{std::move(begin), std::move(commit), std::move(rollback)};
  return std::unique_ptr<Writer>(new Writer(
      std::move(connection), std::move(turnstile), std::move(statements), std::move(table)));
}

Writer::Writer(Connection connection,
               internal::LockFile turnstile,
               Statements statements,
               PositionTable table) noexcept
    : connection_(std::move(connection)),
      turnstile_(std::move(turnstile)),
      statements_(std::move(statements)),
      table_(std::move(table)) {}

Status Writer::AwaitTurn(Deadline deadline) {
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

Status Writer::Begin(Deadline deadline) {
  sqlite3* db = connection_->getHandle();
  OS_RETURN_IF_ERROR(CheckStillThere(db));
  OS_RETURN_IF_ERROR(AwaitTurn(deadline));
  const internal::LockGuard guard(turnstile_);
  const int code = WhileBusy(deadline, [this] { return statements_.begin.Run(); });
  if (code == SQLITE_DONE) return {};
  return IsBusy(code) ? BusyError(db) : SqliteError(db, "begin");
}

Status Writer::Commit(Deadline deadline) {
  sqlite3* db = connection_->getHandle();
  // With a rollback journal a reader may be in the way here; the transaction then stays open.
  const int code = WhileBusy(deadline, [this] { return statements_.commit.Run(); });
  if (code == SQLITE_DONE) return {};
  Error error = IsBusy(code) ? BusyError(db) : CommitError(db);
  Rollback();
  return error;
}

void Writer::Rollback() noexcept {
  // SQLite has rolled back by itself after some errors (full disk, I/O).
  if (sqlite3_get_autocommit(connection_->getHandle()) != 0) return;
  // It fails only where the file cannot be read any more, which the next statement reports; the
  // changes are forgotten either way.
  static_cast<void>(statements_.rollback.Run());
}

Status Writer::Checkpoint() {
  sqlite3* db = connection_->getHandle();
  const int code =
      sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code == SQLITE_OK || IsBusy(code)) return {};
  return SqliteError(db, "checkpoint");
}

}  // namespace offsetstore::sql
