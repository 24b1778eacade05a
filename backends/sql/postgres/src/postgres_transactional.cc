// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "batch_statements.h"
#include "check_options.h"
#include "commands.h"
#include "internal/macros.h"
#include "internal/rules.h"
#include "locked_write.h"
#include "offsetstore/backends/postgres.h"
#include "postgres_error.h"
#include "rows.h"
#include "shared/batch.h"
#include "shared/format.h"
#include "transaction.h"
#include "transport.h"

namespace offsetstore {
namespace {

using postgres::BatchStatements;
using postgres::Command;
using postgres::Keys;
using postgres::PgResult;
using postgres::Transport;

Error Misused(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

/// What a port may get wrong.
Status CheckOneRow(const PGresult* result) {
  if (PQntuples(result) == 1) return {};
  return MakeError(ErrorCode::kInternal, "a statement that has one row was answered without it");
}

std::uint64_t NextNumber() {
  static std::atomic<std::uint64_t> count{0};
  return ++count;
}

std::string Milliseconds(Duration duration) {
  return std::to_string(duration.count()) + " ms";
}

template <class Request>
Keys KeysOf(std::span<const Request> requests) {
  Keys keys;
  keys.reserve(requests.size());
  for (const Request& request : requests) keys.push_back(&request.at);
  return keys;
}

/// `items` in the order of their keys.
template <class Item>
std::vector<const Item*> InOrder(std::span<const Item> items,
                                 const std::vector<std::size_t>& order) {
  std::vector<const Item*> sorted;
  sorted.reserve(order.size());
  for (const std::size_t i : order) sorted.push_back(&items[i]);
  return sorted;
}

Keys InOrder(const Keys& keys, const std::vector<std::size_t>& order) {
  Keys sorted;
  for (const std::size_t i : order) sorted.push_back(keys[i]);
  return sorted;
}

class PostgresTransactional final : public TransactionalPositions {
 public:
  PostgresTransactional(std::unique_ptr<Transport> transport,
                        sql::Batch batch,
                        BatchStatements statements,
                        Duration most_idle)
      : transport_(std::move(transport)),
        batch_(std::move(batch)),
        statements_(std::move(statements)),
        most_idle_(Milliseconds(most_idle)) {}

  [[nodiscard]] Status CheckStore(const postgres::TableNames& names,
                                  bool prepare,
                                  Deadline deadline);

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
    return batch_.Name(transport_->Begin(deadline), "begin");
  }
  [[nodiscard]] Status Commit(Deadline deadline) override {
    return batch_.Name(CommitTransaction(deadline), "commit");
  }
  void Rollback() noexcept override {
    transport_->Rollback();
    phase_ = Phase::kOutside;
  }

 private:
  enum class Phase { kOutside, kLocked, kRefused, kMoved };
  using Results = std::vector<PgResult>;

  [[nodiscard]] Answers<LockAnswer> LockInTransaction(std::span<const Claimed> claims,
                                                      Deadline deadline);
  [[nodiscard]] Answers<Outcome> MoveInTransaction(std::span<const offsetstore::Move> moves,
                                                   const Owner& by,
                                                   Deadline deadline);
  [[nodiscard]] Status CommitTransaction(Deadline deadline);
  [[nodiscard]] Status CheckCanMove() const;
  [[nodiscard]] Result<Results> Enter(const Keys& sorted, Deadline deadline);
  [[nodiscard]] Status CheckEntered(const PGresult* entered);
  [[nodiscard]] Result<Results> Advance(std::span<const offsetstore::Move* const> sorted,
                                        const std::string& writer,
                                        Deadline deadline);
  [[nodiscard]] Answers<Outcome> Explain(std::span<const offsetstore::Move> moves,
                                         const std::vector<bool>& moved,
                                         const Owner& by,
                                         Deadline deadline);
  [[nodiscard]] postgres::Scope scope() const { return {batch_.store().space, batch_.group()}; }

  std::unique_ptr<Transport> transport_;
  sql::Batch batch_;
  BatchStatements statements_;
  std::string most_idle_;
  // Of the transaction that was locked last. That it has ended is only known where it is asked.
  Phase phase_ = Phase::kOutside;
  std::int64_t transaction_ = 0;
};

Status PostgresTransactional::CheckStore(const postgres::TableNames& names,
                                         bool prepare,
                                         Deadline deadline) {
  constexpr std::string_view kDoing = "look at the database";
  postgres::Parameters name;
  name.Text(names.Quoted(names.meta));
  const std::vector<Command> find = {Command::Run(statements_.find, std::move(name))};
  OS_ASSIGN_OR_RETURN(const Results found, transport_->Run(find, kDoing, deadline));
  const PGresult* first = found.front().get();
  OS_RETURN_IF_ERROR(CheckOneRow(first));
  if (postgres::IntegerAt(first, 0, 0) == 0) return batch_.CheckStoreId("");
  if (postgres::BytesAt(first, 0, 1) != "UTF8") {
    return MakeError(ErrorCode::kConfigInvalid,
                     "the connection's client_encoding is " +
                         Printable(postgres::BytesAt(first, 0, 1)) +
                         ", in which not every name can be said; set it to UTF8");
  }
  if (prepare) transport_->MayPrepare(postgres::IntegerAt(first, 0, 2));
  const std::vector<Command> read = {Command::Run(statements_.meta)};
  OS_ASSIGN_OR_RETURN(const Results meta, transport_->Run(read, kDoing, deadline));
  std::string format;
  std::string store_id;
  for (int row = 0; row < PQntuples(meta.front().get()); ++row) {
    const std::string_view key = postgres::BytesAt(meta.front().get(), row, 0);
    const std::string value(postgres::BytesAt(meta.front().get(), row, 1));
    if (key == "format") format = value;
    if (key == "store-id") store_id = value;
  }
  OS_RETURN_IF_ERROR(batch_.CheckStoreId(store_id));
  return sql::CheckFormat(format);
}

Result<PostgresTransactional::Results> PostgresTransactional::Enter(const Keys& sorted,
                                                                    Deadline deadline) {
  // The server gives up first, so that the connection stays of use.
  postgres::Parameters bounds;
  bounds.Text(Milliseconds(postgres::Transaction::ServerBound(deadline))).Text(most_idle_);
  const std::vector<Command> commands = {
      Command::Run(statements_.enter, std::move(bounds)),
      postgres::KeyedCommand(statements_.lock_rows, scope(), sorted),
      Command::Run(statements_.veto),
      Command::Run(statements_.leave)};
  Result<Results> results = transport_->Run(commands, "lock", deadline);
  if (results) return results;
  Error error = std::move(results).error();
  // The veto itself: outside of a transaction each statement is one of its own, and commits.
  if (postgres::HasState(error, "22P02")) {
    return Misused("no transaction is open on this connection; begin one");
  }
  if (postgres::HasState(error, "42P03")) {
    return Misused(
        "partitions are locked in this transaction already; name all of a batch at once");
  }
  if (postgres::HasState(error, "25P02")) {
    return Misused("the transaction of this connection has failed already; roll back");
  }
  return error;
}

Status PostgresTransactional::CheckEntered(const PGresult* entered) {
  OS_RETURN_IF_ERROR(CheckOneRow(entered));
  const std::int64_t transaction = postgres::IntegerAt(entered, 0, 0);
  const bool is_same = phase_ != Phase::kOutside && transaction == transaction_;
  transaction_ = transaction;
  if (is_same) {
    phase_ = Phase::kRefused;
    return Misused("the positions of this transaction are moved already; nothing may follow");
  }
  phase_ = Phase::kRefused;
  return batch_.CheckStoreId(postgres::BytesAt(entered, 0, 1));
}

Answers<LockAnswer> PostgresTransactional::LockInTransaction(std::span<const Claimed> claims,
                                                             Deadline deadline) {
  OS_RETURN_IF_ERROR(batch_.CheckLock(claims, deadline));
  OS_RETURN_IF_ERROR(transport_->CheckInTransaction());
  std::vector<LockAnswer> answers;
  if (claims.empty()) return answers;
  batch_.Forget();
  const Keys keys = KeysOf(claims);
  const std::vector<std::size_t> order = postgres::SortedByKey(keys);
  OS_ASSIGN_OR_RETURN(const Results results, Enter(InOrder(keys, order), deadline));
  OS_RETURN_IF_ERROR(CheckEntered(results[0].get()));
  const postgres::KeyedRows locked = postgres::ToKeyedRows(results[1].get(), order);
  answers.reserve(claims.size());
  for (std::size_t i = 0; i < claims.size(); ++i) {
    answers.push_back(batch_.Lock(locked.rows[i], claims[i]));
  }
  phase_ = Phase::kLocked;
  if (batch_.HasLocked()) return answers;
  // Then nothing need stand in the way of a COMMIT.
  phase_ = Phase::kOutside;
  const std::vector<Command> lift = {Command::Run(statements_.lift)};
  OS_ASSIGN_OR_RETURN([[maybe_unused]] const Results done, transport_->Run(lift, "lock", deadline));
  return answers;
}

Status PostgresTransactional::CheckCanMove() const {
  switch (phase_) {
    case Phase::kLocked:
      return transport_->CheckInTransaction();
    case Phase::kOutside:
      return Misused("nothing is locked in this transaction; lock first");
    case Phase::kMoved:
      return Misused(
          "the positions of this transaction are moved already; commit it, or lock first in a new "
          "one");
    case Phase::kRefused:
      break;
  }
  return Misused("a step of this transaction was refused; roll back");
}

Result<PostgresTransactional::Results> PostgresTransactional::Advance(
    std::span<const offsetstore::Move* const> sorted,
    const std::string& writer,
    Deadline deadline) {
  Command advance = postgres::AdvanceCommand(statements_.advance, scope(), sorted, writer);
  advance.parameters.Int8(transaction_);
  const std::vector<Command> commands = {std::move(advance), Command::Run(statements_.lift)};
  Result<Results> results = transport_->Run(commands, "move", deadline);
  if (results) return results;
  Error error = std::move(results).error();
  if (postgres::HasState(error, "34000")) {
    return Misused(
        "this is not the transaction of the lock, or not any more: it was ended, or went back to a "
        "savepoint from before the lock, or all its cursors were closed; roll back");
  }
  if (postgres::HasState(error, "25P02")) {
    return Misused("the transaction of this connection has failed already; roll back");
  }
  return error;
}

Answers<Outcome> PostgresTransactional::MoveInTransaction(std::span<const offsetstore::Move> moves,
                                                          const Owner& by,
                                                          Deadline deadline) {
  if (moves.empty()) return std::vector<Outcome>();
  OS_RETURN_IF_ERROR(CheckCanMove());
  OS_RETURN_IF_ERROR(batch_.CheckMove(moves, deadline));
  phase_ = Phase::kRefused;
  const std::vector<std::size_t> order = postgres::SortedByKey(KeysOf(moves));
  OS_ASSIGN_OR_RETURN(const Results results,
                      Advance(InOrder(moves, order), internal::Signature(by), deadline));
  const PGresult* advanced = results.front().get();
  std::vector<bool> moved(moves.size(), false);
  for (int row = 0; row < PQntuples(advanced); ++row) {
    moved[order[static_cast<std::size_t>(postgres::IntegerAt(advanced, row, 0) - 1)]] = true;
  }
  if (std::find(moved.begin(), moved.end(), false) != moved.end()) {
    return Explain(moves, moved, by, deadline);
  }
  phase_ = Phase::kMoved;
  std::vector<Outcome> outcomes;
  outcomes.reserve(moves.size());
  for (const offsetstore::Move& move : moves) outcomes.push_back(internal::Applied(move.at));
  return outcomes;
}

// The veto is lifted already, and some rows are moved: nothing of it may be committed.
Answers<Outcome> PostgresTransactional::Explain(std::span<const offsetstore::Move> moves,
                                                const std::vector<bool>& moved,
                                                const Owner& by,
                                                Deadline deadline) {
  const Keys keys = KeysOf(moves);
  const std::vector<std::size_t> order = postgres::SortedByKey(keys);
  const std::vector<Command> read = {
      postgres::KeyedCommand(statements_.read_rows, scope(), InOrder(keys, order))};
  const std::vector<Command> spoil = {Command::Run(statements_.spoil)};
  const Result<Results> rows = transport_->Run(read, "look at the positions", deadline);
  const Result<Results> spoilt = transport_->Run(spoil, "roll back", deadline);
  if (!rows) return rows.error();
  if (!spoilt && !postgres::HasState(spoilt.error(), "22P02")) return spoilt.error();
  const postgres::KeyedRows found = postgres::ToKeyedRows(rows->front().get(), order);
  std::vector<Outcome> outcomes;
  outcomes.reserve(moves.size());
  for (std::size_t i = 0; i < moves.size(); ++i) {
    outcomes.push_back(moved[i] ? internal::Applied(moves[i].at)
                                : sql::Batch::Refuse(found.rows[i], moves[i], by));
  }
  internal::RefuseUnlessAll(outcomes);
  return outcomes;
}

Status PostgresTransactional::CommitTransaction(Deadline deadline) {
  if (phase_ == Phase::kLocked || phase_ == Phase::kRefused) {
    Rollback();
    return Misused("the positions of the batch were locked and not moved; it is rolled back");
  }
  Status done = transport_->Commit(deadline);
  if (!done && done.error().code != ErrorCode::kInDoubt) transport_->Rollback();
  phase_ = Phase::kOutside;
  if (done || !postgres::HasState(done.error(), "23")) return done;
  // A deferred constraint: ours have none.
  Error error = std::move(done).error();
  error.code = ErrorCode::kInvalidArgument;
  return error;
}

Result<std::unique_ptr<TransactionalPositions>> Open(std::unique_ptr<Transport> transport,
                                                     const PostgresOptions& options,
                                                     const StoreInfo& store,
                                                     std::string group,
                                                     Duration most_idle,
                                                     Deadline deadline) {
  OS_RETURN_IF_ERROR(postgres::CheckOptions(options));
  OS_ASSIGN_OR_RETURN(sql::Batch batch, sql::Batch::Make(store, std::move(group), "postgresql"));
  const postgres::TableNames names(options.schema, options.table);
  const bool prepare = options.prepare == PostgresOptions::Prepare::kAuto;
  auto positions = std::make_unique<PostgresTransactional>(
      std::move(transport), std::move(batch), BatchStatements(names, NextNumber()), most_idle);
  OS_RETURN_IF_ERROR(positions->CheckStore(names, prepare, deadline));
  return std::unique_ptr<TransactionalPositions>(std::move(positions));
}

}  // namespace

Result<std::unique_ptr<TransactionalPositions>> OpenPostgresTransactional(
    pg_conn* connection,
    const PostgresOptions& options,
    const StoreInfo& store,
    std::string group,
    Deadline deadline,
    Duration most_idle) {
  // After a deadline that passed, say: whose answer would be read next, nobody knows.
  if (PQtransactionStatus(connection) == PQTRANS_ACTIVE ||
      PQpipelineStatus(connection) != PQ_PIPELINE_OFF) {
    return MakeError(
        ErrorCode::kUnavailable,
        "the connection has a statement without an answer; close it, and connect anew");
  }
  return Open(postgres::MakeLibpqTransport(connection),
              options,
              store,
              std::move(group),
              most_idle,
              deadline);
}

Result<std::unique_ptr<TransactionalPositions>> OpenPostgresTransactional(
    PostgresPort& port,
    const PostgresOptions& options,
    const StoreInfo& store,
    std::string group,
    Deadline deadline,
    Duration most_idle) {
  return Open(
      postgres::MakePortTransport(port), options, store, std::move(group), most_idle, deadline);
}

Error PostgresRefusal(std::string_view sqlstate, std::string_view message) {
  return postgres::PostgresError(sqlstate, message, "run a statement");
}

}  // namespace offsetstore
