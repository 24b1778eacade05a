// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "into/postgres_query.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "offsetstore/backends/postgres.h"

namespace offsetstore::cli {
namespace {

/// libpq's own words have lines.
std::string OneLine(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return Printable(text.substr(0, text.find_last_not_of(' ') + 1));
}

/// No answer of the server's: there is no code to go by.
Error Broken(PGconn* connection) {
  Error error =
      MakeError(ErrorCode::kUnavailable,
                "postgresql: the connection failed: " + OneLine(PQerrorMessage(connection)));
  error.retry = Retry::kSafe;
  return error;
}

/// What a row is refused with (a value out of range or of no such form, a constraint, a trigger of
/// the user's) is the server's own words; the rest is as the store understands it.
Error Refusal(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string code = state == nullptr ? "" : state;
  const std::string text = primary == nullptr ? PQresultErrorMessage(result) : primary;
  const std::string kind = code.substr(0, 2);
  if (kind != "22" && kind != "23" && kind != "P0") return PostgresRefusal(code, text);
  Error error = MakeError(ErrorCode::kInvalidArgument, "postgresql: " + Printable(text));
  error.context.emplace_back("sqlstate", code);
  return error;
}

/// Waits until the whole answer is there.
Status AwaitAnswer(PGconn* connection, Deadline deadline) {
  while (PQisBusy(connection) != 0) {
    pollfd socket{PQsocket(connection), POLLIN, 0};
    const auto left = std::clamp<std::int64_t>(deadline.Remaining().count(), 0, INT_MAX);
    const int ready = ::poll(&socket, 1, static_cast<int>(left));
    if (ready == 0) {
      return MakeError(ErrorCode::kDeadlineExceeded, "the database did not answer in time");
    }
    if (ready < 0 && errno != EINTR) return Broken(connection);
    if (PQconsumeInput(connection) != 1) return Broken(connection);
  }
  return {};
}

}  // namespace

Result<PostgresResult> Query(PGconn* connection,
                             const std::string& sql,
                             const std::vector<std::string>& parameters,
                             Deadline deadline) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  const int sent = PQsendQueryParams(connection,
                                     sql.c_str(),
                                     static_cast<int>(values.size()),
                                     nullptr,
                                     values.data(),
                                     nullptr,
                                     nullptr,
                                     0);
  if (sent != 1) return Broken(connection);
  PostgresResult first;
  while (true) {
    if (Status there = AwaitAnswer(connection, deadline); !there) return std::move(there).error();
    PostgresResult result(PQgetResult(connection));
    if (!result) break;
    if (!first) first = std::move(result);
  }
  if (!first) return Broken(connection);
  const ExecStatusType status = PQresultStatus(first.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return first;
  if (PQstatus(connection) != CONNECTION_OK) return Broken(connection);
  return Refusal(first.get());
}

std::string TextAt(const PostgresResult& result, int row, int column) {
  const auto size = static_cast<std::size_t>(PQgetlength(result.get(), row, column));
  return {PQgetvalue(result.get(), row, column), size};
}

std::string PostgresName(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

}  // namespace offsetstore::cli
