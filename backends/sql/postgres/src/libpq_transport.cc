// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>
#include <utility>

#include "internal/macros.h"
#include "postgres_error.h"
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
    Replies replies = RunPipeline(connection_, all, deadline);
    for (const PgResult& result : replies.results) {
      if (IsFailure(result.get())) return PostgresError(result.get(), doing);
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
};

}  // namespace

std::unique_ptr<Transport> MakeLibpqTransport(PGconn* connection) {
  return std::make_unique<LibpqTransport>(connection);
}

}  // namespace offsetstore::postgres
