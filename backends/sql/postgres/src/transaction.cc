// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "transaction.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "postgres_error.h"

namespace offsetstore::postgres {
namespace {

constexpr std::string_view kRunning = "run a transaction";

/// The first of `count` results that is an error; null: none.
const PGresult* FirstFailure(const std::vector<PgResult>& results, std::size_t count) {
  const auto end = results.begin() + static_cast<std::ptrdiff_t>(std::min(count, results.size()));
  const auto failed = std::find_if(
      results.begin(), end, [](const PgResult& result) { return IsFailure(result.get()); });
  return failed == end ? nullptr : failed->get();
}

/// For the pause between two messages of ours, which is short unless the network is gone or this
/// process stands still: rows are not kept from others for longer. To read and decide about 100,000
/// rows takes an instrumented build on a busy machine longer than the pause alone.
Duration MostIdle(std::size_t rows) {
  constexpr std::size_t kRowsPerMillisecond = 10;
  return std::chrono::seconds(5) + Duration(rows / kRowsPerMillisecond);
}

std::string Milliseconds(Duration duration) {
  return std::to_string(duration.count());
}

}  // namespace

Duration Transaction::ServerBound(Deadline deadline) {
  constexpr Duration kMostAhead = std::chrono::milliseconds(250);
  const Duration left = deadline.Remaining();
  return std::max(left - std::min(left / 10, kMostAhead), Duration(1));
}

void Transaction::AppendBegin(std::vector<Command>& to, std::size_t rows) const {
  to.push_back(Command::Run(kind_ == Kind::kRead ? statements_.begin_read : statements_.begin));
  const Duration bound = ServerBound(deadline_);
  Parameters bounds;
  bounds.Text(Milliseconds(bound)).Text(Milliseconds(std::min(bound, MostIdle(rows))));
  to.push_back(Command::Run(
      kind_ == Kind::kWriteDurable ? statements_.set_bounds_durable : statements_.set_bounds,
      std::move(bounds)));
}

Result<Transaction::Finished> Transaction::Whole(std::vector<Command> body) {
  std::vector<Command> commands;
  AppendBegin(commands, 0);
  const std::size_t first = commands.size();
  std::move(body.begin(), body.end(), std::back_inserter(commands));
  return Finish(std::move(commands), first);
}

Result<Transaction::Finished> Transaction::End(std::vector<Command> body) {
  return Finish(std::move(body), 0);
}

// The sync before the COMMIT does two things: after an error in the body the COMMIT is still run
// and rolls back, which leaves the connection clean; and should the rest get lost on the way, the
// server is idle in the transaction, which it bounds, and not inside a message, which it does not.
Result<Transaction::Finished> Transaction::Finish(std::vector<Command> commands,
                                                  std::size_t first) {
  commands.push_back(Command::Sync());
  const std::size_t commit = commands.size();
  commands.push_back(Command::Run(statements_.commit));
  commands.push_back(Command::Sync());
  const Late late{server_deadline_, [this](const auto& so_far) { EndWait(so_far); }};
  Replies replies =
      connection_.Run(commands, prepare_, deadline_, kind_ == Kind::kRead ? nullptr : &late);
  if (!replies.sent) return *std::move(replies.cut);
  // In a transaction that failed, a COMMIT that was sent along applies nothing.
  if (const PGresult* failed = FirstFailure(replies.results, commit)) {
    Error error = Refused(failed);
    // That the connection failed, a pooler says in the server's place, which may have the COMMIT.
    const bool cut = IsFatal(failed) && HasState(error, "08") && kind_ != Kind::kRead;
    return cut ? ToInDoubt(std::move(error)) : error;
  }
  if (replies.results.size() <= commit) {
    return kind_ == Kind::kRead ? *std::move(replies.cut) : ToInDoubt(*std::move(replies.cut));
  }
  const PGresult* committed = replies.results[commit].get();
  if (IsFailure(committed)) {
    Error error = Refused(committed);
    // A session that is ended may have committed before.
    return IsFatal(committed) && kind_ != Kind::kRead ? ToInDoubt(std::move(error)) : error;
  }
  if (std::string_view(PQcmdStatus(replies.results[commit].get())) != "COMMIT") {
    return MakeError(ErrorCode::kInternal, "the server answered COMMIT with a rollback");
  }
  Finished finished;
  finished.warning = connection_.WarningAt(commit);
  for (std::size_t i = first; i + 1 < commit; ++i) {
    finished.results.push_back(std::move(replies.results[i]));
  }
  return finished;
}

Result<std::vector<PgResult>> Transaction::Begin(std::vector<Command> body, std::size_t rows) {
  std::vector<Command> commands;
  AppendBegin(commands, rows);
  const auto first = static_cast<std::ptrdiff_t>(commands.size());
  std::move(body.begin(), body.end(), std::back_inserter(commands));
  commands.push_back(Command::Sync());
  Replies replies = connection_.Run(commands, prepare_, deadline_);
  if (const PGresult* failed = FirstFailure(replies.results, commands.size())) {
    Error error = Refused(failed);
    Rollback();
    return error;
  }
  if (replies.results.size() < commands.size()) return *std::move(replies.cut);
  mark_ = FindMark(replies.results);
  replies.results.pop_back();
  replies.results.erase(replies.results.begin(), replies.results.begin() + first);
  return std::move(replies.results);
}

void Transaction::EndWait(const std::vector<PgResult>& so_far) const {
  const std::optional<Mark> mark = mark_ ? mark_ : FindMark(so_far);
  if (mark) EndStandbyWait(connection_.server(), *mark, deadline_);
}

void Transaction::Rollback() {
  const std::vector<Command> commands = {Command::Run(statements_.rollback), Command::Sync()};
  const Replies replies = connection_.Run(commands, false, deadline_);
  // Without an answer the connection is not used again, and the server rolls back by itself.
  if (replies.cut) connection_.Spoil();
}

Error Transaction::Refused(const PGresult* result) {
  Error error = PostgresError(result, kRunning);
  // A new connection may find the server that takes writes now; one without lost statements.
  if (IsReadOnly(error) || IsLostStatement(error)) connection_.Spoil();
  return error;
}

}  // namespace offsetstore::postgres
