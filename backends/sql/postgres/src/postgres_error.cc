// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "postgres_error.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "offsetstore/uri.h"

namespace offsetstore::postgres {
namespace {

constexpr std::string_view kSqlStateKey = "sqlstate";
constexpr std::size_t kSqlStateBytes = 5;

struct Rule {
  std::string_view state;  // five characters, or the two of a class
  ErrorCode meaning;
  Retry retry;
  std::string_view advice;
};

constexpr std::string_view kReadOnly =
    "this server takes no writes: it is a standby, or was made read-only; name the primary, or all "
    "hosts with target_session_attrs=read-write";
constexpr std::string_view kChanged =
    "were the tables of offsetstore changed or dropped? Restore them";

// Whole codes first: the first match counts.
constexpr std::array kRules = {
    Rule{"25006", ErrorCode::kUnavailable, Retry::kSafe, kReadOnly},
    Rule{
        "55P03",
        ErrorCode::kDeadlineExceeded,
        Retry::kSafe,
        "another transaction held the rows or the table until the deadline (see pg_stat_activity)"},
    Rule{"57014", ErrorCode::kDeadlineExceeded, Retry::kSafe, "not finished by the deadline"},
    Rule{"25P03", ErrorCode::kUnavailable, Retry::kSafe, "the session was idle for too long"},
    Rule{"25P02", ErrorCode::kInternal, Retry::kNever, "report this as a defect of offsetstore"},
    Rule{"57P01", ErrorCode::kUnavailable, Retry::kSafe, "the server ended the session"},
    Rule{"57P02", ErrorCode::kUnavailable, Retry::kSafe, "the server is crashing"},
    Rule{"57P03", ErrorCode::kUnavailable, Retry::kSafe, "the server is starting or stopping"},
    Rule{"57P04", ErrorCode::kUnavailable, Retry::kNever, "the database was dropped"},
    Rule{"40001", ErrorCode::kUnavailable, Retry::kSafe, "transactions were in each other's way"},
    Rule{"40P01", ErrorCode::kUnavailable, Retry::kSafe, "transactions were in each other's way"},
    Rule{"23505", ErrorCode::kUnavailable, Retry::kSafe, "another transaction inserted it first"},
    Rule{"26000", ErrorCode::kUnavailable, Retry::kSafe, "a pooler is in between? prepare=never"},
    Rule{"42P05", ErrorCode::kUnavailable, Retry::kSafe, "a pooler is in between? prepare=never"},
    Rule{"3D000", ErrorCode::kConfigInvalid, Retry::kNever, "create the database, or name another"},
    Rule{"3F000", ErrorCode::kConfigInvalid, Retry::kNever, "create the schema, or name another"},
    Rule{"42501",
         ErrorCode::kPermissionDenied,
         Retry::kNever,
         "grant the role what docs/backends/postgres.md lists"},
    Rule{"42P07",
         ErrorCode::kConfigInvalid,
         Retry::kNever,
         "somebody else's table, view or index has a name of ours; choose another table= or "
         "schema="},
    Rule{"42710", ErrorCode::kConfigInvalid, Retry::kNever, "choose another table= or schema="},
    Rule{"0A000", ErrorCode::kUnsupported, Retry::kNever, "this server cannot do that"},
    Rule{"53100", ErrorCode::kUnavailable, Retry::kNever, "the server's disk is full; make room"},
    Rule{"58", ErrorCode::kUnavailable, Retry::kNever, "check the server's disk and its log"},
    Rule{"53", ErrorCode::kUnavailable, Retry::kSafe, "the server is out of something"},
    Rule{"28", ErrorCode::kPermissionDenied, Retry::kNever, "check user, password and pg_hba.conf"},
    Rule{"08", ErrorCode::kUnavailable, Retry::kSafe, "the connection, or a pooler, failed"},
    Rule{"54", ErrorCode::kInvalidArgument, Retry::kNever, "too large for the server"},
    Rule{"XX001", ErrorCode::kCorrupt, Retry::kNever, "the server's data is damaged"},
    Rule{"XX002", ErrorCode::kCorrupt, Retry::kNever, "an index is damaged; see REINDEX"},
    Rule{"22021", ErrorCode::kInvalidArgument, Retry::kNever, "a name that is not UTF-8"},
    Rule{"22012",
         ErrorCode::kCorrupt,
         Retry::kNever,
         "a trigger, rule or row-level policy that is not ours kept rows from being written"},
    Rule{"42", ErrorCode::kCorrupt, Retry::kNever, kChanged},
    Rule{"23", ErrorCode::kCorrupt, Retry::kNever, "a constraint that is not ours refused it"},
    Rule{"P0", ErrorCode::kCorrupt, Retry::kNever, "a trigger that is not ours refused it"},
};

constexpr Rule kUnknown = {
    "", ErrorCode::kInternal, Retry::kNever, "report this as a defect of offsetstore"};

const Rule& RuleOf(std::string_view state) {
  const auto* found = std::find_if(kRules.begin(), kRules.end(), [state](const Rule& rule) {
    return !state.empty() && state.starts_with(rule.state);
  });
  return found == kRules.end() ? kUnknown : *found;
}

std::string_view StateOf(const Error& error) {
  const auto found = std::find_if(error.context.begin(), error.context.end(), [](const auto& pair) {
    return pair.first == kSqlStateKey;
  });
  return found == error.context.end() ? std::string_view() : std::string_view(found->second);
}

template <std::size_t kCount>
bool IsOneOf(const Error& error, const std::array<std::string_view, kCount>& states) {
  return std::find(states.begin(), states.end(), StateOf(error)) != states.end();
}

/// One line, without blanks at its end and without the server's source lines.
std::string OneLine(std::string_view text) {
  const std::size_t location = text.find("\nLOCATION:");
  text = text.substr(0, location);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  std::string line = Redacted(text);
  for (char& c : line) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return Printable(line);
}

bool IsStateChar(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

/// The SQLSTATE in `...FATAL:  28P01: password ...`; empty: the server said nothing.
std::string_view FindState(std::string_view text) {
  constexpr std::string_view kBefore = ":  ";
  for (std::size_t at = text.find(kBefore); at != std::string_view::npos;
       at = text.find(kBefore, at + 1)) {
    const std::string_view state = text.substr(at + kBefore.size(), kSqlStateBytes);
    const std::string_view after = text.substr(at + kBefore.size() + state.size());
    if (state.size() == kSqlStateBytes && after.starts_with(": ") &&
        std::all_of(state.begin(), state.end(), IsStateChar)) {
      return state;
    }
  }
  return {};
}

bool SpeaksOfTls(std::string_view text) {
  return text.find("SSL") != std::string_view::npos ||
         text.find("certificate") != std::string_view::npos;
}

}  // namespace

std::string_view SqlState(const PGresult* result) noexcept {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? std::string_view() : std::string_view(state);
}

Error PostgresError(std::string_view sqlstate, std::string_view text, std::string_view doing) {
  const Rule& rule = RuleOf(sqlstate);
  Error error = MakeError(
      rule.meaning, std::string(doing) + ": " + OneLine(text) + ": " + std::string(rule.advice));
  error.retry = rule.retry;
  return error.With(std::string(kSqlStateKey), std::string(sqlstate));
}

Error PostgresError(const PGresult* result, std::string_view doing) {
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return PostgresError(
      SqlState(result), primary == nullptr ? PQresultErrorMessage(result) : primary, doing);
}

Error ConnectError(PGconn* connection, std::string_view server) {
  const std::string_view text = PQerrorMessage(connection);
  const std::string doing = "connect to " + Printable(server);
  if (const std::string_view state = FindState(text); !state.empty()) {
    return PostgresError(state, text, doing);
  }
  if (PQconnectionNeedsPassword(connection) != 0) {
    return MakeError(ErrorCode::kPermissionDenied,
                     doing +
                         ": the server asks for a password and none was given; use "
                         "password-file=, password-env=, PGPASSWORD or the password file");
  }
  if (SpeaksOfTls(text)) {
    return MakeError(ErrorCode::kConfigInvalid,
                     doing + ": " + OneLine(text) +
                         ": see sslmode= and sslrootcert= in docs/backends/postgres.md");
  }
  // libpq looks at some keys only when it connects.
  if (text.starts_with("invalid ")) {
    return MakeError(ErrorCode::kConfigInvalid, doing + ": " + OneLine(text));
  }
  return MakeError(ErrorCode::kUnavailable, doing + ": " + OneLine(text));
}

Error BrokenError(PGconn* connection, std::string_view doing) {
  const std::string text = OneLine(PQerrorMessage(connection));
  return MakeError(ErrorCode::kUnavailable,
                   std::string(doing) + ": " + (text.empty() ? "the connection broke" : text));
}

Error ToInDoubt(Error error) {
  Error doubt = MakeError(ErrorCode::kInDoubt,
                          "a COMMIT was sent and not answered: " + std::move(error.message));
  doubt.context = std::move(error.context);
  return doubt;
}

bool IsFailure(const PGresult* result) noexcept {
  const ExecStatusType status = PQresultStatus(result);
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_PIPELINE_SYNC;
}

bool IsFatal(const PGresult* result) noexcept {
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity != nullptr && std::string_view(severity) != "ERROR";
}

bool HasState(const Error& error, std::string_view state) {
  return StateOf(error).starts_with(state);
}

bool ShouldRedo(const Error& error) {
  constexpr std::array<std::string_view, 5> kStates = {"40001", "40P01", "23505", "26000", "42P05"};
  return IsOneOf(error, kStates);
}

bool IsLostStatement(const Error& error) {
  constexpr std::array<std::string_view, 2> kStates = {"26000", "42P05"};
  return IsOneOf(error, kStates);
}

bool IsReadOnly(const Error& error) {
  constexpr std::array<std::string_view, 1> kStates = {"25006"};
  return IsOneOf(error, kStates);
}

bool IsNotAll(const Error& error) {
  constexpr std::array<std::string_view, 1> kStates = {"22012"};
  return IsOneOf(error, kStates);
}

}  // namespace offsetstore::postgres
