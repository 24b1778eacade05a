// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "internal/macros.h"
#include "postgres_error.h"
#include "prepared.h"
#include "transport.h"

namespace offsetstore::postgres {
namespace {

/// How long a rollback is waited for. Without an answer the connection is of no use anyway.
constexpr Duration kRollbackWait = std::chrono::seconds(5);

Error Invalid(const char* message) {
  return MakeError(ErrorCode::kInvalidArgument, message);
}

class LibpqTransport final : public Transport {
 public:
  explicit LibpqTransport(PGconn* connection) : connection_(connection) {}
  LibpqTransport(const LibpqTransport&) = delete;
  LibpqTransport& operator=(const LibpqTransport&) = delete;
  ~LibpqTransport() override { Deallocate(); }

  void MayPrepare(std::int64_t backend) override {
    prepare_ = backend == PQbackendPID(connection_);
  }

  [[nodiscard]] Status CheckInTransaction() const override {
    switch (PQtransactionStatus(connection_)) {
      case PQTRANS_INTRANS:
        return {};
      case PQTRANS_IDLE:
        return Invalid("no transaction is open on this connection; begin one");
      case PQTRANS_INERROR:
        return Invalid("the transaction of this connection has failed already; roll back");
      case PQTRANS_ACTIVE:
        return Invalid("the connection is in the middle of a statement; read its results first");
      case PQTRANS_UNKNOWN:
        break;
    }
    return BrokenError(connection_, "look at the connection");
  }

  [[nodiscard]] Result<std::vector<PgResult>> Run(std::span<const Command> commands,
                                                  std::string_view doing,
                                                  Deadline deadline) override {
    std::vector<Command> all(commands.begin(), commands.end());
    all.push_back(Command::Sync());
    Replies replies = RunAll(all, deadline);
    for (const PgResult& result : replies.results) {
      if (!IsFailure(result.get())) continue;
      Error error = PostgresError(result.get(), doing);
      // Somebody deallocated them; in the next transaction they are prepared again.
      if (IsLostStatement(error)) prepared_.Forget();
      return error;
    }
    if (replies.cut) return *std::move(replies.cut);
    replies.results.pop_back();
    return std::move(replies.results);
  }

  [[nodiscard]] Status Begin(Deadline deadline) override {
    if (PQtransactionStatus(connection_) != PQTRANS_IDLE) {
      return Invalid("a transaction or a statement is open on this connection; end it first");
    }
    static const Statement kBegin{"", "BEGIN ISOLATION LEVEL READ COMMITTED", {}};
    const std::vector<Command> commands = {Command::Run(kBegin)};
    const auto begun = Run(commands, "begin", deadline);
    return begun ? Status() : Status(begun.error());
  }

  [[nodiscard]] Status Commit(Deadline deadline) override {
    OS_RETURN_IF_ERROR(CheckInTransaction());
    static const Statement kCommit{"", "COMMIT", {}};
    const std::vector<Command> commands = {Command::Run(kCommit), Command::Sync()};
    Replies replies = RunPipeline(connection_, commands, deadline);
    if (!replies.sent) return *std::move(replies.cut);
    if (replies.results.empty()) return ToInDoubt(*std::move(replies.cut));
    return Judge(replies.results.front().get());
  }

  void Rollback() noexcept override {
    const PGTransactionStatusType status = PQtransactionStatus(connection_);
    if (status != PQTRANS_INTRANS && status != PQTRANS_INERROR) return;
    static const Statement kRollback{"", "ROLLBACK", {}};
    const std::vector<Command> commands = {Command::Run(kRollback)};
    static_cast<void>(Run(commands, "roll back", Deadline::After(kRollbackWait)));
  }

 private:
  Replies RunAll(std::span<const Command> commands, Deadline deadline) {
    if (!prepare_) return RunPipeline(connection_, commands, deadline);
    const Prepared::Plan plan = prepared_.MakePlan(commands);
    return prepared_.Take(RunPipeline(connection_, plan.commands, deadline), plan);
  }

  /// Leaves the caller's session as it was, where that is possible without a transaction's harm.
  void Deallocate() noexcept {
    if (prepared_.names().empty() || PQtransactionStatus(connection_) != PQTRANS_IDLE) return;
    std::vector<Statement> statements;
    std::vector<Command> commands;
    statements.reserve(prepared_.names().size());
    for (const std::string& name : prepared_.names()) {
      commands.push_back(
          Command::Run(statements.emplace_back(Statement{"", "DEALLOCATE " + name, {}})));
    }
    commands.push_back(Command::Sync());
    static_cast<void>(RunPipeline(connection_, commands, Deadline::After(kRollbackWait)));
  }

  [[nodiscard]] static Status Judge(PGresult* committed) {
    if (IsFailure(committed)) {
      Error error = PostgresError(committed, "commit");
      // A session that is ended may have committed before.
      return IsFatal(committed) ? ToInDoubt(std::move(error)) : error;
    }
    if (std::string_view(PQcmdStatus(committed)) == "COMMIT") return {};
    return Invalid("the transaction had failed before, and COMMIT rolled it back");
  }

  PGconn* connection_;
  bool prepare_ = false;
  Prepared prepared_;
};

}  // namespace

std::unique_ptr<Transport> MakeLibpqTransport(PGconn* connection) {
  return std::make_unique<LibpqTransport>(connection);
}

}  // namespace offsetstore::postgres
