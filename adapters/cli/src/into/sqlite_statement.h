// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "offsetstore/backends/sqlite.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::cli {

/// A name as SQL takes it, whatever is in it.
[[nodiscard]] std::string SqlName(const std::string& name);

/// A statement that is run again and again.
class SqliteStatement {
 public:
  explicit SqliteStatement(sqlite3_stmt* statement) noexcept : statement_(statement) {}

  /// The value at `?`, from 1: null, a number, text, bytes; true and false are 1 and 0, and objects
  /// and arrays their text.
  void Bind(int index, const nlohmann::json& value) const;
  void Bind(int index, const std::string& text) const;
  /// Whether there is one more row; after the last one it can be run again.
  [[nodiscard]] Result<bool> Step() const;
  /// Runs it to its end.
  [[nodiscard]] Status Done() const;

  [[nodiscard]] std::string Text(int column) const;
  [[nodiscard]] std::int64_t Integer(int column) const noexcept;

 private:
  struct Deleter {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Deleter> statement_;
};

/// A connection to a database that is there already. Waits for nobody but within a `BusyBound`.
class SqliteConnection {
 public:
  /// `ConfigInvalid` where there is no database.
  [[nodiscard]] static Result<SqliteConnection> Open(const SqliteOptions& options);

  [[nodiscard]] sqlite3* get() const noexcept { return db_.get(); }
  [[nodiscard]] Result<SqliteStatement> Prepare(const std::string& sql) const;
  [[nodiscard]] Status Run(const std::string& sql) const;

 private:
  [[nodiscard]] Status MakeDurable(const SqliteOptions& options) const;

  struct Deleter {
    void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
  };
  std::unique_ptr<sqlite3, Deleter> db_;
};

/// While it lives the connection waits for others, until the deadline.
class BusyBound {
 public:
  BusyBound(const SqliteConnection& connection, Deadline deadline);
  BusyBound(const BusyBound&) = delete;
  BusyBound& operator=(const BusyBound&) = delete;
  ~BusyBound() { sqlite3_busy_timeout(db_, 0); }

 private:
  sqlite3* db_;
};

}  // namespace offsetstore::cli
