// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "connection.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "internal/macros.h"
#include "postgres_error.h"
#include "rows.h"
#include "socket.h"

namespace offsetstore::postgres {
namespace {

void IgnoreNotice(void* /*self*/, const PGresult* /*notice*/) {}

Error NotInTime(const Server& server) {
  return MakeError(ErrorCode::kDeadlineExceeded,
                   "connect to " + Printable(server.name) + ": no answer by the deadline");
}

/// The bound for one of `left` servers that are still to be tried: an unreachable one shall not use
/// up the time of the others.
Deadline BoundFor(const Server& server, std::size_t left, Deadline deadline) {
  Deadline bound = deadline.Sooner(deadline.Remaining() / static_cast<int>(left));
  return server.limit == Duration::zero() ? bound : bound.Sooner(server.limit);
}

Result<PgConnection> Dial(const Server& server, Deadline deadline) {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : server.keywords) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PgConnection connection(PQconnectStartParams(keys.data(), values.data(), 0));
  if (connection == nullptr) return MakeError(ErrorCode::kUnavailable, "out of memory");
  PQsetNoticeReceiver(connection.get(), &IgnoreNotice, nullptr);
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (PQstatus(connection.get()) != CONNECTION_BAD && state != PGRES_POLLING_OK &&
         state != PGRES_POLLING_FAILED) {
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (AwaitSocket(connection.get(), events, deadline) == 0) return NotInTime(server);
    state = PQconnectPoll(connection.get());
  }
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return ConnectError(connection.get(), server.name);
  }
  PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
  return connection;
}

/// Whether an error says more than that a server is away.
bool IsTelling(const Error& error) {
  return error.code != ErrorCode::kUnavailable && error.code != ErrorCode::kDeadlineExceeded;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::Open(std::span<const Server> servers,
                                                     Deadline deadline) {
  std::optional<Error> failure;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    Result<PgConnection> dialled =
        Dial(servers[i], BoundFor(servers[i], servers.size() - i, deadline));
    if (dialled) {
      std::unique_ptr<Connection> connection(new Connection(*std::move(dialled), servers[i]));
      OS_RETURN_IF_ERROR(connection->FindPooler(deadline));
      return connection;
    }
    if (!failure || !IsTelling(*failure)) failure = std::move(dialled).error();
  }
  return *std::move(failure);
}

Connection::Connection(PgConnection connection, Server server)
    : connection_(std::move(connection)), server_(std::move(server)) {
  PQsetNoticeReceiver(connection_.get(), &Connection::OnNotice, this);
}

// A pooler makes up the process id that a client may cancel by.
Status Connection::FindPooler(Deadline deadline) {
  static const Statement kAsk{"", "SELECT pg_backend_pid()", {}};
  const std::vector<Command> commands = {Command::Run(kAsk), Command::Sync()};
  const Replies replies = Run(commands, false, deadline);
  if (replies.results.empty()) return *replies.cut;
  const PGresult* result = replies.results.front().get();
  if (PQresultStatus(result) != PGRES_TUPLES_OK)
    return PostgresError(result, "ask for the session");
  pooled_ = IntegerAt(result, 0, 0) != PQbackendPID(connection_.get());
  return {};
}

Replies Connection::Run(std::span<const Command> commands,
                        bool prepare,
                        Deadline deadline,
                        const Late* late) {
  warnings_.assign(commands.size(), {});
  Prepared::Plan plan;
  if (prepare && !pooled_) {
    plan = prepared_.MakePlan(commands);
  } else {
    plan.commands.assign(commands.begin(), commands.end());
    for (std::size_t i = 0; i < commands.size(); ++i) plan.origin.push_back(i);
  }
  origin_ = plan.origin;
  return prepared_.Take(RunPipeline(connection_.get(), plan.commands, deadline, &at_, late), plan);
}

PgConnection Connection::Release() {
  PQsetNoticeReceiver(connection_.get(), &IgnoreNotice, nullptr);
  return std::move(connection_);
}

bool Connection::IsReusable() const {
  return !spoilt_ && PQstatus(connection_.get()) == CONNECTION_OK &&
         PQtransactionStatus(connection_.get()) == PQTRANS_IDLE && !HasInput(connection_.get());
}

const std::string& Connection::WarningAt(std::size_t index) const {
  static const std::string kNone;
  return index < warnings_.size() ? warnings_[index] : kNone;
}

void Connection::OnNotice(void* self, const PGresult* notice) {
  // Not the translated severity: this one is always English.
  const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  const char* text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
  if (severity == nullptr || std::string_view(severity) != "WARNING") return;
  static_cast<Connection*>(self)->Note(text == nullptr ? "a warning" : text);
}

void Connection::Note(std::string text) {
  const std::size_t index = at_ < origin_.size() ? origin_[at_] : warnings_.size();
  if (index < warnings_.size()) warnings_[index] = std::move(text);
}

}  // namespace offsetstore::postgres
