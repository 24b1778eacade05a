// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "into/sqlite_statement.h"

#include <algorithm>
#include <array>
#include <climits>
#include <filesystem>
#include <string_view>
#include <utility>

#include "internal/macros.h"

namespace offsetstore::cli {
namespace {

struct Meaning {
  int native;
  ErrorCode code;
};

constexpr std::array kMeanings = {Meaning{SQLITE_BUSY, ErrorCode::kDeadlineExceeded},
                                  Meaning{SQLITE_LOCKED, ErrorCode::kDeadlineExceeded},
                                  Meaning{SQLITE_FULL, ErrorCode::kUnavailable},
                                  Meaning{SQLITE_IOERR, ErrorCode::kUnavailable},
                                  Meaning{SQLITE_NOMEM, ErrorCode::kUnavailable},
                                  Meaning{SQLITE_SCHEMA, ErrorCode::kUnavailable},
                                  Meaning{SQLITE_READONLY, ErrorCode::kPermissionDenied},
                                  Meaning{SQLITE_CANTOPEN, ErrorCode::kPermissionDenied},
                                  Meaning{SQLITE_PERM, ErrorCode::kPermissionDenied},
                                  Meaning{SQLITE_AUTH, ErrorCode::kPermissionDenied},
                                  Meaning{SQLITE_NOTADB, ErrorCode::kConfigInvalid},
                                  Meaning{SQLITE_ERROR, ErrorCode::kInvalidArgument},
                                  Meaning{SQLITE_CONSTRAINT, ErrorCode::kInvalidArgument},
                                  Meaning{SQLITE_MISMATCH, ErrorCode::kInvalidArgument},
                                  Meaning{SQLITE_TOOBIG, ErrorCode::kInvalidArgument},
                                  Meaning{SQLITE_CORRUPT, ErrorCode::kCorrupt}};

Error LastError(sqlite3* db) {
  const int native = sqlite3_extended_errcode(db);
  const auto* found = std::ranges::find(kMeanings, native & 0xff, &Meaning::native);
  Error error = MakeError(found == kMeanings.end() ? ErrorCode::kInternal : found->code,
                          std::string("sqlite: ") + Printable(sqlite3_errmsg(db)));
  error.native = native;
  return error;
}

/// Commits are to survive what the options say: with a rollback journal only EXTRA does.
const char* SynchronousFor(const SqliteOptions& options, std::string_view journal) {
  const bool relaxed =
      options.synchronous == SqliteOptions::Synchronous::kNormal && journal == "wal";
  return relaxed ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = EXTRA";
}

}  // namespace

std::string SqlName(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

void SqliteStatement::Bind(int index, const std::string& text) const {
  sqlite3_bind_text64(
      statement_.get(), index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void SqliteStatement::Bind(int index, const nlohmann::json& value) const {
  sqlite3_stmt* const statement = statement_.get();
  switch (value.type()) {
    case nlohmann::json::value_t::boolean:
      sqlite3_bind_int(statement, index, value.get<bool>() ? 1 : 0);
      break;
    case nlohmann::json::value_t::number_integer:
      sqlite3_bind_int64(statement, index, value.get<std::int64_t>());
      break;
    case nlohmann::json::value_t::number_float:
      sqlite3_bind_double(statement, index, value.get<double>());
      break;
    case nlohmann::json::value_t::string:
      Bind(index, value.get_ref<const std::string&>());
      break;
    case nlohmann::json::value_t::binary:
      sqlite3_bind_blob64(
          statement, index, value.get_binary().data(), value.get_binary().size(), SQLITE_TRANSIENT);
      break;
    case nlohmann::json::value_t::number_unsigned:
      if (value.get<std::uint64_t>() <= INT64_MAX) {
        sqlite3_bind_int64(statement, index, value.get<std::int64_t>());
        break;
      }
      [[fallthrough]];  // Too large for a number of SQLite's: its digits.
    case nlohmann::json::value_t::object:
    case nlohmann::json::value_t::array:
      Bind(index, value.dump());
      break;
    default:
      sqlite3_bind_null(statement, index);
  }
}

Result<bool> SqliteStatement::Step() const {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  sqlite3* const db = sqlite3_db_handle(statement_.get());
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_.get());
    return false;
  }
  Error error = LastError(db);
  sqlite3_reset(statement_.get());
  return error;
}

Status SqliteStatement::Done() const {
  while (true) {
    OS_ASSIGN_OR_RETURN(const bool more, Step());
    if (!more) return {};
  }
}

std::string SqliteStatement::Text(int column) const {
  const auto* bytes = sqlite3_column_blob(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

std::int64_t SqliteStatement::Integer(int column) const noexcept {
  return sqlite3_column_int64(statement_.get(), column);
}

Result<SqliteConnection> SqliteConnection::Open(const SqliteOptions& options) {
  std::error_code unknown;  // Opening it says why.
  if (!std::filesystem::exists(options.path, unknown) && !unknown) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "there is no database " + Printable(options.path.string()));
  }
  sqlite3* db = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(options.path.c_str(), &db, kFlags, nullptr);
  SqliteConnection connection;
  connection.db_.reset(db);
  Status ready = code == SQLITE_OK ? connection.MakeDurable(options) : LastError(db);
  if (ready) return connection;
  Error error = std::move(ready).error();
  error.message = Printable(options.path.string()) + ": " + error.message;
  return error;
}

Status SqliteConnection::MakeDurable(const SqliteOptions& options) const {
  std::string mode;
  {
    OS_ASSIGN_OR_RETURN(const SqliteStatement journal, Prepare("PRAGMA journal_mode"));
    OS_RETURN_IF_ERROR(journal.Step());
    mode = journal.Text(0);
  }
  return Run(SynchronousFor(options, mode));
}

Result<SqliteStatement> SqliteConnection::Prepare(const std::string& sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(db_.get(), sql.c_str(), -1, &statement, nullptr);
  if (code != SQLITE_OK) return LastError(db_.get());
  return SqliteStatement(statement);
}

Status SqliteConnection::Run(const std::string& sql) const {
  OS_ASSIGN_OR_RETURN(const SqliteStatement statement, Prepare(sql));
  return statement.Done();
}

BusyBound::BusyBound(const SqliteConnection& connection, Deadline deadline)
    : db_(connection.get()) {
  const auto left = std::clamp<std::int64_t>(deadline.Remaining().count(), 0, INT_MAX);
  sqlite3_busy_timeout(db_, static_cast<int>(left));
}

}  // namespace offsetstore::cli
