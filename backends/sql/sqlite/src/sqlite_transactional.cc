// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "commit_guard.h"
#include "connection.h"
#include "database_file.h"
#include "internal/flock.h"
#include "internal/macros.h"
#include "internal/rules.h"
#include "offsetstore/backends/sqlite.h"
#include "position_table.h"
#include "schema.h"
#include "shared/batch.h"
#include "sqlite_error.h"
#include "statement.h"
#include "write_transaction.h"

namespace offsetstore {
namespace {

using sql::CommitGuard;
using Phase = sql::CommitGuard::Phase;

constexpr const char* kReadStoreId =
    "SELECT value FROM main.offsetstore_meta WHERE key = 'store-id'";

Error Invalid(const char* message) {
  return MakeError(ErrorCode::kInvalidArgument, message);
}

class SqliteTransactional final : public TransactionalPositions {
 public:
  SqliteTransactional(sqlite3* db,
                      sql::Batch batch,
                      sql::PositionTable table,
                      sql::Statement read_store_id,
                      sql::WriteTransaction transaction,
                      CommitGuard guard)
      : db_(db),
        batch_(std::move(batch)),
        table_(std::move(table)),
        read_store_id_(std::move(read_store_id)),
        transaction_(std::move(transaction)),
        guard_(std::move(guard)) {}

  [[nodiscard]] Answers<LockAnswer> Lock(std::span<const Claimed> claims,
                                         Deadline deadline) override {
    return batch_.Name(LockInTransaction(claims, deadline));
  }
  [[nodiscard]] Answers<Outcome> Move(std::span<const offsetstore::Move> moves,
                                      const Owner& by,
                                      Deadline deadline) override {
    return batch_.Name(MoveInTransaction(moves, by, deadline));
  }
  [[nodiscard]] Status Begin(Deadline deadline) override {
    return batch_.Name(BeginTransaction(deadline), "begin");
  }
  [[nodiscard]] Status Commit(Deadline deadline) override {
    return batch_.Name(CommitTransaction(deadline), "commit");
  }
  void Rollback() noexcept override { transaction_.Rollback(); }

 private:
  [[nodiscard]] Answers<LockAnswer> LockInTransaction(std::span<const Claimed> claims,
                                                      Deadline deadline);
  [[nodiscard]] Answers<Outcome> MoveInTransaction(std::span<const offsetstore::Move> moves,
                                                   const Owner& by,
                                                   Deadline deadline);
  [[nodiscard]] Status BeginTransaction(Deadline deadline);
  [[nodiscard]] Status CommitTransaction(Deadline deadline);
  [[nodiscard]] Status CheckCanLock() const;
  [[nodiscard]] Status CheckCanMove() const;
  [[nodiscard]] Status CheckDatabase();
  [[nodiscard]] Result<Outcome> MoveOne(const offsetstore::Move& move, const Owner& by);

  sqlite3* db_;
  sql::Batch batch_;
  sql::PositionTable table_;
  sql::Statement read_store_id_;
  sql::WriteTransaction transaction_;
  CommitGuard guard_;
};

Status SqliteTransactional::CheckCanLock() const {
  if (sqlite3_get_autocommit(db_) != 0) {
    return Invalid("no transaction is open on this connection; begin one (BEGIN IMMEDIATE)");
  }
  switch (guard_.phase()) {
    case Phase::kOutside:
    case Phase::kJoined:
      return {};
    case Phase::kMoved:
      return Invalid("the positions of this transaction are moved already; commit it");
    case Phase::kLocked:
    case Phase::kRefused:
      break;
  }
  return Invalid("partitions are locked in this transaction already; name all of a batch at once");
}

Status SqliteTransactional::CheckCanMove() const {
  switch (guard_.phase()) {
    case Phase::kLocked:
      return {};
    case Phase::kOutside:
      if (sqlite3_get_autocommit(db_) != 0) {
        return Invalid(
            "no transaction is open on this connection: the one of the lock was ended by somebody; "
            "what it held is rolled back, or was never locked");
      }
      return Invalid(
          "this is not the transaction of the lock: that one was ended by somebody; roll back");
    case Phase::kJoined:
      return Invalid("nothing is locked in this transaction; lock first");
    case Phase::kMoved:
      return Invalid("the positions of this transaction are moved already; commit it");
    case Phase::kRefused:
      break;
  }
  return Invalid("a move of this transaction was refused; roll back");
}

Status SqliteTransactional::CheckDatabase() {
  OS_RETURN_IF_ERROR(sql::CheckStillThere(db_));
  const sql::ResetAtEnd reset(read_store_id_);
  const int code = read_store_id_.Step();
  if (code == SQLITE_DONE) return batch_.CheckStoreId("");
  if (code != SQLITE_ROW) return sql::SqliteError(db_, "read the store id");
  return batch_.CheckStoreId(read_store_id_.Bytes(0));
}

Answers<LockAnswer> SqliteTransactional::LockInTransaction(std::span<const Claimed> claims,
                                                           Deadline deadline) {
  OS_RETURN_IF_ERROR(batch_.CheckLock(claims, deadline));
  OS_RETURN_IF_ERROR(CheckCanLock());
  std::vector<LockAnswer> answers;
  if (claims.empty()) return answers;
  batch_.Forget();
  OS_RETURN_IF_ERROR(guard_.Join(deadline));
  OS_RETURN_IF_ERROR(CheckDatabase());
  table_.Use(batch_.group());
  answers.reserve(claims.size());
  for (const Claimed& claim : claims) {
    OS_ASSIGN_OR_RETURN(const sql::Found found, table_.ReadOne(claim.at));
    answers.push_back(batch_.Lock(found, claim));
  }
  if (batch_.HasLocked()) guard_.Set(Phase::kLocked);
  return answers;
}

Result<Outcome> SqliteTransactional::MoveOne(const offsetstore::Move& move, const Owner& by) {
  OS_ASSIGN_OR_RETURN(const bool moved, table_.Advance(move));
  if (moved) return internal::Applied(move.at);
  OS_ASSIGN_OR_RETURN(const sql::Found found, table_.ReadOne(move.at));
  return sql::Batch::Refuse(found, move, by);
}

Answers<Outcome> SqliteTransactional::MoveInTransaction(std::span<const offsetstore::Move> moves,
                                                        const Owner& by,
                                                        Deadline deadline) {
  std::vector<Outcome> outcomes;
  if (moves.empty()) return outcomes;
  OS_RETURN_IF_ERROR(CheckCanMove());
  OS_RETURN_IF_ERROR(batch_.CheckMove(moves, deadline));
  const std::string writer = internal::Signature(by);
  table_.Use(batch_.group(), writer);
  // Whatever ends this early leaves moves behind that must not be committed.
  guard_.Set(Phase::kRefused);
  outcomes.reserve(moves.size());
  for (const offsetstore::Move& move : moves) {
    OS_ASSIGN_OR_RETURN(Outcome outcome, MoveOne(move, by));
    outcomes.push_back(std::move(outcome));
  }
  if (internal::RefuseUnlessAll(outcomes)) guard_.Set(Phase::kMoved);
  return outcomes;
}

Status SqliteTransactional::BeginTransaction(Deadline deadline) {
  if (sqlite3_get_autocommit(db_) == 0) {
    return Invalid("a transaction is open on this connection already; end it first");
  }
  return transaction_.Begin(deadline);
}

Status SqliteTransactional::CommitTransaction(Deadline deadline) {
  if (sqlite3_get_autocommit(db_) != 0) {
    return Invalid("no transaction is open on this connection: somebody ended it");
  }
  if (guard_.phase() == Phase::kLocked || guard_.phase() == Phase::kRefused) {
    transaction_.Rollback();
    return Invalid("the positions of the batch were locked and not moved; it is rolled back");
  }
  Status done = transaction_.Commit(deadline);
  if (done || (done.error().native & 0xff) != SQLITE_CONSTRAINT) return done;
  Error error = std::move(done).error();
  error.code = ErrorCode::kInvalidArgument;
  return error;
}

}  // namespace

Result<std::unique_ptr<TransactionalPositions>> OpenSqliteTransactional(sqlite3* db,
                                                                        const StoreInfo& store,
                                                                        std::string group,
                                                                        Deadline deadline) {
  OS_ASSIGN_OR_RETURN(sql::Batch batch, sql::Batch::Make(store, std::move(group), "sqlite"));
  if (sqlite3_db_readonly(db, "main") == 1) {
    return MakeError(ErrorCode::kPermissionDenied,
                     "the connection is read-only; open it for reading and writing");
  }
  OS_ASSIGN_OR_RETURN(const sql::Schema schema, sql::LookAtSchema(db, deadline));
  OS_RETURN_IF_ERROR(batch.CheckStoreId(schema.store_id));
  OS_ASSIGN_OR_RETURN(sql::PositionTable table, sql::PositionTable::Prepare(db, store.space));
  OS_ASSIGN_OR_RETURN(sql::Statement read_store_id, sql::Statement::Prepare(db, kReadStoreId));
  OS_ASSIGN_OR_RETURN(internal::LockFile turnstile, sql::OpenLock(store.endpoint));
  OS_ASSIGN_OR_RETURN(sql::WriteTransaction transaction,
                      sql::WriteTransaction::Prepare(db, std::move(turnstile)));
  OS_ASSIGN_OR_RETURN(CommitGuard guard, CommitGuard::Make(db));
  return std::unique_ptr<TransactionalPositions>(
      std::make_unique<SqliteTransactional>(db,
                                            std::move(batch),
                                            std::move(table),
                                            std::move(read_store_id),
                                            std::move(transaction),
                                            std::move(guard)));
}

}  // namespace offsetstore
