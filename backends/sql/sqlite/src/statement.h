// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "offsetstore/result.h"

namespace offsetstore::sql {

/// One prepared statement on somebody's `sqlite3*`, ours or a caller's. Bound texts are not copied:
/// they must live until the next `Step` has returned its last row. A failed bind is kept and comes
/// back from `Step`. Must be destroyed before its connection is closed.
class Statement {
 public:
  [[nodiscard]] static Result<Statement> Prepare(sqlite3* db, std::string_view sql);

  void BindInteger(int index, std::int64_t value) noexcept;
  void BindInteger(int index, std::optional<std::int64_t> value) noexcept;
  void BindText(int index, std::string_view text) noexcept;
  /// NULL where it is empty.
  void BindTextOrNull(int index, std::string_view text) noexcept;
  void BindBlobOrNull(int index, std::string_view bytes) noexcept;
  void BindNull(int index) noexcept;

  /// Runs to the next row or the end: SQLITE_ROW, SQLITE_DONE or an extended error code.
  [[nodiscard]] int Step() noexcept;
  /// Ends the run, so that it holds no lock; bindings stay. The error of the run came from `Step`.
  void Reset() noexcept;
  /// Step to the end, then reset. Returns SQLITE_DONE or an error code.
  [[nodiscard]] int Run() noexcept;

  [[nodiscard]] bool IsNull(int column) const noexcept;
  [[nodiscard]] bool IsInteger(int column) const noexcept;
  [[nodiscard]] std::int64_t Integer(int column) const noexcept;
  /// The column's bytes, whatever its type; valid until the next `Step` or `Reset`.
  [[nodiscard]] std::string_view Bytes(int column) const noexcept;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* statement) noexcept : statement_(statement) {}
  void Note(int code) noexcept {
    if (code != SQLITE_OK && failed_bind_ == SQLITE_OK) failed_bind_ = code;
  }

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int failed_bind_ = SQLITE_OK;
};

/// Resets a statement at the end of a scope.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(Statement& statement) noexcept : statement_(statement) {}
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;
  ~ResetAtEnd() { statement_.Reset(); }

 private:
  Statement& statement_;
};

}  // namespace offsetstore::sql
