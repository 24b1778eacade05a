// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "into/sqlite_table.h"

#include <sqlite3.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "internal/characters.h"
#include "internal/macros.h"
#include "into/sqlite_statement.h"
#include "offsetstore/backends/sqlite.h"

namespace offsetstore::cli {
namespace {

/// Rows of JSON values may have any columns: so many statements are kept.
constexpr std::size_t kMostStatements = 100;

constexpr const char* kColumns =
    "SELECT name, type, \"notnull\" AND dflt_value IS NULL AND NOT (pk AND upper(type) = "
    "'INTEGER'), hidden FROM pragma_table_xinfo(?, 'main') WHERE hidden <> 1";
constexpr const char* kKind = "SELECT type FROM main.sqlite_master WHERE name = ? COLLATE NOCASE";

std::string Lower(std::string name) {
  std::ranges::transform(name, name.begin(), internal::ToLower);
  return name;
}

/// What a column takes, by SQLite's rules of affinity.
void TakeFrom(const std::string& declared, Column& column) {
  const std::string type = Lower(declared);
  const auto is_any = [&type](std::initializer_list<std::string_view> parts) {
    return std::ranges::any_of(
        parts, [&type](std::string_view part) { return type.find(part) != std::string::npos; });
  };
  const bool integer = is_any({"int"});
  const bool text = !integer && is_any({"char", "clob", "text"});
  const bool blob = !integer && !text && (type.empty() || is_any({"blob"}));
  const bool real = !integer && !text && !blob && is_any({"real", "floa", "doub"});
  column.text = column.bytes = text || blob;
  column.integer_bits = text || real ? 0 : 64;
}

class SqliteTable final : public ResultTable {
 public:
  SqliteTable(SqliteOptions options, std::string table, Values values)
      : options_(std::move(options)), table_(std::move(table)), values_(values) {}

  [[nodiscard]] Result<std::unique_ptr<TransactionalPositions>> Connect(
      const StoreInfo& store, const std::string& group, Deadline deadline) override {
    statements_.clear();
    OS_ASSIGN_OR_RETURN(db_, SqliteConnection::Open(options_));
    return OpenSqliteTransactional(db_.get(), store, group, deadline);
  }
  [[nodiscard]] Status Prepare(Deadline deadline) override;
  [[nodiscard]] Status Write(std::span<Record* const> records) override;
  [[nodiscard]] bool IsFull(const Error& error) const noexcept override {
    return (error.native & 0xff) == SQLITE_FULL;
  }

 private:
  [[nodiscard]] std::string CreateStatement() const;
  /// `table`, `view`, or empty where there is none.
  [[nodiscard]] Result<std::string> Kind();
  [[nodiscard]] Result<std::vector<Column>> Columns();
  [[nodiscard]] Status WriteOne(const Row& row);
  [[nodiscard]] Result<SqliteStatement*> StatementFor(const Row& row);

  const SqliteOptions options_;
  const std::string table_;
  const Values values_;
  SqliteConnection db_;
  RowShape shape_;
  std::map<std::vector<std::string>, SqliteStatement> statements_;  // By the columns of a row.
};

std::string SqliteTable::CreateStatement() const {
  return "CREATE TABLE " + SqlName(table_) +
         " (\"topic\" TEXT NOT NULL, \"partition\" INTEGER NOT NULL, \"offset\" INTEGER NOT NULL, "
         "\"timestamp\" INTEGER, \"key\" BLOB, \"value\" BLOB, \"headers\" TEXT)";
}

Result<std::string> SqliteTable::Kind() {
  OS_ASSIGN_OR_RETURN(SqliteStatement kind, db_.Prepare(kKind));
  kind.Bind(1, table_);
  OS_ASSIGN_OR_RETURN(const bool found, kind.Step());
  return found ? kind.Text(0) : std::string();
}

Result<std::vector<Column>> SqliteTable::Columns() {
  OS_ASSIGN_OR_RETURN(SqliteStatement read, db_.Prepare(kColumns));
  read.Bind(1, table_);
  std::vector<Column> columns;
  while (true) {
    OS_ASSIGN_OR_RETURN(const bool found, read.Step());
    if (!found) return columns;
    Column column;
    column.name = read.Text(0);
    // Names are taken in any case.
    if (const std::string lower = Lower(column.name); IsRecordColumn(lower)) column.name = lower;
    column.type = read.Text(1).empty() ? "without a type" : read.Text(1);
    column.required = read.Integer(2) != 0;
    column.writable = read.Integer(3) == 0;
    TakeFrom(read.Text(1), column);
    columns.push_back(std::move(column));
  }
}

Status SqliteTable::Prepare(Deadline deadline) {
  const BusyBound bound(db_, deadline);
  OS_ASSIGN_OR_RETURN(const std::string kind, Kind());
  if (kind.empty()) {
    if (!options_.create) {
      return MakeError(ErrorCode::kConfigInvalid,
                       "there is no table " + Printable(table_) +
                           ", and create=false; make it with " + CreateStatement());
    }
    OS_RETURN_IF_ERROR(db_.Run(CreateStatement()));
  } else if (kind != "table") {
    return MakeError(
        ErrorCode::kConfigInvalid,
        Printable(table_) + " is the name of something else (" + kind + "); choose another table");
  }
  OS_ASSIGN_OR_RETURN(const std::vector<Column> columns, Columns());
  OS_ASSIGN_OR_RETURN(shape_, CheckShape(table_, columns, values_, CreateStatement()));
  return {};
}

Status SqliteTable::Write(std::span<Record* const> records) {
  for (const Record* record : records) {
    OS_ASSIGN_OR_RETURN(const Row row, RowOf(*record, shape_));
    Status written = WriteOne(row);
    if (written) continue;
    Error error = std::move(written).error();
    error.message = PlaceOf(*record) + ": " + error.message;
    return error;
  }
  return {};
}

Status SqliteTable::WriteOne(const Row& row) {
  OS_ASSIGN_OR_RETURN(SqliteStatement* const insert, StatementFor(row));
  int index = 0;
  for (const Row& cell : row) insert->Bind(++index, cell);
  return insert->Done();
}

Result<SqliteStatement*> SqliteTable::StatementFor(const Row& row) {
  std::vector<std::string> columns;
  columns.reserve(row.size());
  for (const auto& [name, cell] : row.items()) columns.push_back(name);
  if (const auto found = statements_.find(columns); found != statements_.end()) {
    return &found->second;
  }
  std::string names;
  std::string marks;
  for (const std::string& column : columns) {
    names += (names.empty() ? "" : ", ") + SqlName(column);
    marks += marks.empty() ? "?" : ", ?";
  }
  if (statements_.size() >= kMostStatements) statements_.clear();
  OS_ASSIGN_OR_RETURN(SqliteStatement insert,
                      db_.Prepare("INSERT INTO main." + SqlName(table_) + " (" + names +
                                  ") VALUES (" + marks + ")"));
  return &statements_.emplace(std::move(columns), std::move(insert)).first->second;
}

}  // namespace

Result<std::unique_ptr<ResultTable>> NewSqliteTable(const IntoUri& into, Values values) {
  OS_ASSIGN_OR_RETURN(SqliteOptions options, SqliteOptions::FromUri(into.uri));
  return std::unique_ptr<ResultTable>(
      std::make_unique<SqliteTable>(std::move(options), into.table, values));
}

Status DropSqliteTable(const IntoUri& into) {
  OS_ASSIGN_OR_RETURN(const SqliteOptions options, SqliteOptions::FromUri(into.uri));
  OS_ASSIGN_OR_RETURN(const SqliteConnection db, SqliteConnection::Open(options));
  const BusyBound bound(db, Deadline::After(std::chrono::seconds(5)));
  return db.Run("DROP TABLE IF EXISTS main." + SqlName(into.table));
}

}  // namespace offsetstore::cli
