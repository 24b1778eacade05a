// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline.h"

#include <utility>

#include "postgres_error.h"
#include "socket.h"

namespace offsetstore::postgres {
namespace {

constexpr std::string_view kDoing = "talk to the server";

bool Send(PGconn* connection, const Command& command) {
  constexpr int kBinaryResults = 1;
  if (command.kind == Command::Kind::kSync) return PQpipelineSync(connection) != 0;
  const Statement& statement = *command.statement;
  const auto types = static_cast<int>(statement.types.size());
  if (command.kind == Command::Kind::kPrepare) {
    return PQsendPrepare(connection,
                         statement.name.c_str(),
                         statement.sql.c_str(),
                         types,
                         statement.types.data()) != 0;
  }
  const Parameters::View view = command.parameters.ToView();
  if (command.kind == Command::Kind::kRunPrepared) {
    return PQsendQueryPrepared(connection,
                               statement.name.c_str(),
                               command.parameters.count(),
                               view.values.data(),
                               view.lengths.data(),
                               view.formats.data(),
                               kBinaryResults) != 0;
  }
  return PQsendQueryParams(connection,
                           statement.sql.c_str(),
                           command.parameters.count(),
                           statement.types.data(),
                           view.values.data(),
                           view.lengths.data(),
                           view.formats.data(),
                           kBinaryResults) != 0;
}

/// One exchange on a connection.
class Exchange {
 public:
  Exchange(PGconn* connection,
           Deadline deadline,
           const Late* late,
           const std::vector<PgResult>& so_far)
      : connection_(connection), deadline_(deadline), late_(late), so_far_(so_far) {}

  /// Nothing must wait for the socket while the server waits for us to read what it says.
  bool SendAll(std::span<const Command> commands) {
    for (const Command& command : commands) {
      if (!Send(connection_, command)) return Fail();
    }
    return Flush();
  }

  /// Reads until libpq has a whole result at hand.
  bool Await() {
    while (PQisBusy(connection_) != 0) {
      if (!Progress(POLLIN)) return false;
    }
    return true;
  }

  /// The result of the next command; none: the connection broke or the deadline passed.
  PgResult Next(const Command& command) {
    PgResult result = Get();
    // The results of one statement end with none; a sync has just itself. A cut behind a whole
    // result takes nothing from it.
    if (result != nullptr && command.kind != Command::Kind::kSync) SkipToEnd();
    return result;
  }

  [[nodiscard]] std::optional<Error> TakeCut() { return std::move(cut_); }

 private:
  PgResult Get() {
    if (!Await()) return nullptr;
    PgResult result(PQgetResult(connection_));
    const bool is_broken = PQstatus(connection_) == CONNECTION_BAD;
    // A server that ends the session says why first: that is a result as any other.
    if (result == nullptr || (is_broken && SqlState(result.get()).empty())) {
      Fail();
      return nullptr;
    }
    return result;
  }

  void SkipToEnd() {
    while (PQstatus(connection_) != CONNECTION_BAD && Await()) {
      const PgResult more(PQgetResult(connection_));
      if (more == nullptr) return;
    }
  }

  bool Flush() {
    for (;;) {
      const int rest = PQflush(connection_);
      if (rest == 0) return true;
      if (rest < 0) return Fail();
      if (!Progress(POLLIN | POLLOUT)) return false;
    }
  }

  bool Progress(int events) {
    short ready = 0;
    if (late_ != nullptr) {
      ready = AwaitSocket(connection_, static_cast<short>(events), late_->when);
      if (ready == 0) std::exchange(late_, nullptr)->act(so_far_);
    }
    if (ready == 0) ready = AwaitSocket(connection_, static_cast<short>(events), deadline_);
    if (ready == 0) {
      cut_ = MakeError(ErrorCode::kDeadlineExceeded,
                       std::string(kDoing) + ": no answer by the deadline");
      return false;
    }
    if ((ready & ~POLLOUT) != 0 && PQconsumeInput(connection_) == 0) return Fail();
    return true;
  }

  bool Fail() {
    if (!cut_) cut_ = BrokenError(connection_, kDoing);
    return false;
  }

  PGconn* connection_;
  Deadline deadline_;
  const Late* late_;  // null: none, or done
  const std::vector<PgResult>& so_far_;
  std::optional<Error> cut_;
};

/// Puts a connection into non-blocking pipeline mode for a scope.
class PipelineMode {
 public:
  explicit PipelineMode(PGconn* connection)
      : connection_(connection), was_nonblocking_(PQisnonblocking(connection)) {
    entered_ = PQsetnonblocking(connection, 1) == 0 && PQenterPipelineMode(connection) == 1;
  }
  PipelineMode(const PipelineMode&) = delete;
  PipelineMode& operator=(const PipelineMode&) = delete;
  ~PipelineMode() {
    // Fails only on a connection that was cut, which is of no use any more.
    if (PQexitPipelineMode(connection_) == 1 && was_nonblocking_ == 0) {
      static_cast<void>(PQsetnonblocking(connection_, 0));
    }
  }
  [[nodiscard]] bool entered() const noexcept { return entered_; }

 private:
  PGconn* connection_;
  int was_nonblocking_;
  bool entered_ = false;
};

}  // namespace

Replies RunPipeline(PGconn* connection,
                    std::span<const Command> commands,
                    Deadline deadline,
                    std::size_t* at,
                    const Late* late) {
  Replies replies;
  const PipelineMode mode(connection);
  if (!mode.entered()) {
    replies.cut = BrokenError(connection, kDoing);
    return replies;
  }
  replies.sent = true;
  Exchange exchange(connection, deadline, late, replies.results);
  // Where a send fails, what the server said last is read all the same.
  static_cast<void>(exchange.SendAll(commands));
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (at != nullptr) *at = i;
    PgResult result = exchange.Next(commands[i]);
    if (result == nullptr) break;
    replies.results.push_back(std::move(result));
  }
  if (replies.results.size() < commands.size()) replies.cut = exchange.TakeCut();
  return replies;
}

}  // namespace offsetstore::postgres
