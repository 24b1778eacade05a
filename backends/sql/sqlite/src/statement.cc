// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "statement.h"

#include <utility>

#include "sqlite_error.h"

namespace offsetstore::sql {

Result<Statement> Statement::Prepare(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(
      db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return SqliteError(db, "prepare");
  return Statement(raw);
}

void Statement::BindInteger(int index, std::int64_t value) noexcept {
  Note(sqlite3_bind_int64(statement_.get(), index, value));
}

void Statement::BindInteger(int index, std::optional<std::int64_t> value) noexcept {
  if (value) {
    BindInteger(index, *value);
  } else {
    BindNull(index);
  }
}

void Statement::BindText(int index, std::string_view text) noexcept {
  // A null pointer would bind NULL, and the empty name is a name.
  const char* data = text.data() == nullptr ? "" : text.data();
  Note(sqlite3_bind_text64(statement_.get(), index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::BindTextOrNull(int index, std::string_view text) noexcept {
  if (text.empty()) {
    BindNull(index);
  } else {
    BindText(index, text);
  }
}

void Statement::BindBlobOrNull(int index, std::string_view bytes) noexcept {
  if (bytes.empty()) {
    BindNull(index);
  } else {
    Note(sqlite3_bind_blob64(statement_.get(), index, bytes.data(), bytes.size(), SQLITE_STATIC));
  }
}

void Statement::BindNull(int index) noexcept {
  Note(sqlite3_bind_null(statement_.get(), index));
}

int Statement::Step() noexcept {
  if (failed_bind_ != SQLITE_OK) return std::exchange(failed_bind_, SQLITE_OK);
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW || code == SQLITE_DONE) return code;
  return sqlite3_extended_errcode(sqlite3_db_handle(statement_.get()));
}

void Statement::Reset() noexcept {
  sqlite3_reset(statement_.get());
}

int Statement::Run() noexcept {
  int code = Step();
  while (code == SQLITE_ROW) code = Step();
  Reset();
  return code;
}

bool Statement::IsNull(int column) const noexcept {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

bool Statement::IsInteger(int column) const noexcept {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_INTEGER;
}

std::int64_t Statement::Integer(int column) const noexcept {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::Bytes(int column) const noexcept {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

}  // namespace offsetstore::sql
