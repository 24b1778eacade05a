// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlite_error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace offsetstore::sql {
namespace {

struct Rule {
  int code;  // an extended code, or a primary one that stands for all of its extended ones
  ErrorCode meaning;
  Retry retry;
  std::string_view advice;
};

constexpr std::string_view kMoved =
    "the database was removed, renamed or replaced while it was open; put it back or open the "
    "store again";

// Extended codes first: the first match counts.
constexpr std::array kRules = {
    Rule{SQLITE_READONLY_DBMOVED, ErrorCode::kUnavailable, Retry::kNever, kMoved},
    Rule{SQLITE_CANTOPEN_SYMLINK,
         ErrorCode::kConfigInvalid,
         Retry::kNever,
         "the path is a symbolic link; name the file itself"},
    Rule{SQLITE_CANTOPEN_ISDIR,
         ErrorCode::kConfigInvalid,
         Retry::kNever,
         "the path is a folder; name a file in it"},
    Rule{SQLITE_IOERR_CORRUPTFS,
         ErrorCode::kCorrupt,
         Retry::kNever,
         "the file system is damaged; check it before anything else"},
    Rule{SQLITE_IOERR_NOMEM, ErrorCode::kUnavailable, Retry::kSafe, "out of memory"},
    Rule{SQLITE_BUSY,
         ErrorCode::kUnavailable,
         Retry::kSafe,
         "another connection holds the database"},
    Rule{SQLITE_LOCKED,
         ErrorCode::kUnavailable,
         Retry::kSafe,
         "another connection holds the database"},
    Rule{SQLITE_PROTOCOL,
         ErrorCode::kUnavailable,
         Retry::kSafe,
         "too many connections compete for the write-ahead log"},
    Rule{SQLITE_FULL,
         ErrorCode::kUnavailable,
         Retry::kNever,
         "the disk (or the database's max_page_count) is full; make room"},
    Rule{SQLITE_NOMEM, ErrorCode::kUnavailable, Retry::kSafe, "out of memory"},
    Rule{SQLITE_IOERR,
         ErrorCode::kUnavailable,
         Retry::kNever,
         "reading or writing failed; check the disk and the kernel's log"},
    Rule{SQLITE_CORRUPT,
         ErrorCode::kCorrupt,
         Retry::kNever,
         "the database is damaged; see `PRAGMA integrity_check`, restore a backup"},
    Rule{SQLITE_NOTADB,
         ErrorCode::kConfigInvalid,
         Retry::kNever,
         "the file is no SQLite database (or its header is damaged); choose another path"},
    Rule{SQLITE_READONLY,
         ErrorCode::kPermissionDenied,
         Retry::kNever,
         "the database and its folder must be writable for this user"},
    Rule{SQLITE_CANTOPEN,
         ErrorCode::kPermissionDenied,
         Retry::kNever,
         "the database, its -wal and -shm must be readable and writable for this user"},
    Rule{SQLITE_PERM,
         ErrorCode::kPermissionDenied,
         Retry::kNever,
         "the database must be readable and writable for this user"},
    Rule{SQLITE_AUTH, ErrorCode::kPermissionDenied, Retry::kNever, "an authorizer refused it"},
    Rule{SQLITE_TOOBIG, ErrorCode::kInvalidArgument, Retry::kNever, "too large for a row"},
    Rule{SQLITE_INTERRUPT, ErrorCode::kUnavailable, Retry::kSafe, "it was interrupted"},
    // Every statement is ours and was prepared once: SQLite refuses one only where somebody
    // changed or dropped our tables under it.
    Rule{SQLITE_ERROR,
         ErrorCode::kCorrupt,
         Retry::kNever,
         "were the tables offsetstore_positions or offsetstore_meta changed? Restore them"},
    Rule{SQLITE_SCHEMA,
         ErrorCode::kUnavailable,
         Retry::kSafe,
         "the schema changed in the same moment"},
    Rule{SQLITE_CONSTRAINT,
         ErrorCode::kCorrupt,
         Retry::kNever,
         "a constraint or trigger that is not ours refused it"},
};

constexpr Rule kUnknown = {
    0, ErrorCode::kInternal, Retry::kNever, "report this as a defect of offsetstore"};

const Rule& RuleOf(int code) {
  const auto* found = std::find_if(kRules.begin(), kRules.end(), [code](const Rule& rule) {
    return rule.code == code || rule.code == (code & 0xff);
  });
  return found == kRules.end() ? kUnknown : *found;
}

Error ErrorBy(const Rule& rule, int code, std::string_view text, std::string_view doing) {
  const std::string_view kind = sqlite3_errstr(code);
  std::string message = std::string(doing) + ": " + Printable(text);
  if (text != kind) message += " (" + std::string(kind) + ')';
  Error error = MakeError(rule.meaning, message + ": " + std::string(rule.advice));
  error.retry = rule.retry;
  error.native = code;
  return error;
}

/// SQLITE_FULL is what SQLite says of its database and journals. Where there is no room for the
/// index of the write-ahead log (-shm), or for a file to begin with, only the system says so.
int NoRoom(sqlite3* db, int code) {
  const int primary = code & 0xff;
  if (primary != SQLITE_IOERR && primary != SQLITE_CANTOPEN) return 0;
  const int system = sqlite3_system_errno(db);
  return system == ENOSPC || system == EDQUOT ? system : 0;
}

}  // namespace

Error SqliteError(int code, std::string_view text, std::string_view doing, std::string_view path) {
  return ErrorBy(RuleOf(code), code, text, doing).With("path", std::string(path));
}

Error SqliteError(sqlite3* db, std::string_view doing) {
  const int code = sqlite3_extended_errcode(db);
  const int system = NoRoom(db, code);
  if (system == 0) return SqliteError(code, sqlite3_errmsg(db), doing, PathOf(db));
  return ErrorBy(RuleOf(SQLITE_FULL), code, std::generic_category().message(system), doing)
      .With("path", PathOf(db));
}

Error CommitError(sqlite3* db) {
  Error error = SqliteError(db, "commit");
  if ((error.native & 0xff) == SQLITE_IOERR) {
    error.code = ErrorCode::kInDoubt;
    error.retry = Retry::kAfterNewClaim;
  }
  return error;
}

bool IsBusy(int code) noexcept {
  return (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED;
}

std::string PathOf(sqlite3* db) {
  const char* path = sqlite3_db_filename(db, "main");
  return path == nullptr ? std::string() : std::string(path);
}

}  // namespace offsetstore::sql
