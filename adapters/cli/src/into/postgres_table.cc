// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "into/postgres_table.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include "internal/characters.h"
#include "internal/macros.h"
#include "into/postgres_query.h"
#include "offsetstore/backends/postgres.h"

namespace offsetstore::cli {
namespace {

/// The rows of a batch are one statement, which may wait for locks of others.
constexpr std::chrono::seconds kWriteBound{60};

constexpr const char* kRelationKind =
    "SELECT c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
    "c.relnamespace WHERE n.nspname = $1 AND c.relname = $2";
constexpr const char* kRelationColumns =
    "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), t.typname, a.attnotnull "
    "AND NOT a.atthasdef AND a.attidentity = '', a.attgenerated = '' AND a.attidentity <> 'a' FROM "
    "pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN "
    "pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_type t ON t.oid = "
    "a.atttypid WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped";

/// How the JSON of a row is turned into a column's type.
enum class Form { kAsIs, kHex, kJson };

struct Type {
  std::string_view name;
  bool text;
  bool bytes;
  int integer_bits;
  Form form = Form::kAsIs;
};
constexpr std::array kColumnTypes = {Type{"text", true, false, 0},
                                     Type{"varchar", true, false, 0},
                                     Type{"bpchar", true, false, 0},
                                     Type{"bytea", false, true, 0, Form::kHex},
                                     Type{"json", true, false, 0, Form::kJson},
                                     Type{"jsonb", true, false, 0, Form::kJson},
                                     Type{"int2", false, false, 16},
                                     Type{"int4", false, false, 32},
                                     Type{"int8", false, false, 64},
                                     Type{"numeric", false, false, 64}};

std::string HexOf(const Row& cell) {
  if (cell.is_string()) return "\\x" + internal::Hex(cell.get_ref<const std::string&>());
  const std::vector<std::uint8_t>& bytes = cell.get_binary();
  return "\\x" + internal::Hex(std::string(bytes.begin(), bytes.end()));
}

class PostgresTable final : public ResultTable {
 public:
  PostgresTable(PostgresOptions options,
                PostgresOptions positions,
                std::string table,
                Values values)
      : options_(std::move(options)),
        positions_(std::move(positions)),
        table_(std::move(table)),
        values_(values) {}

  [[nodiscard]] Result<std::unique_ptr<TransactionalPositions>> Connect(
      const StoreInfo& store, const std::string& group, Deadline deadline) override {
    db_.reset();
    OS_ASSIGN_OR_RETURN(PGconn* const connection, ConnectPostgres(options_, deadline));
    db_.reset(connection);
    return OpenPostgresTransactional(db_.get(), positions_, store, group, deadline);
  }
  [[nodiscard]] Status Prepare(Deadline deadline) override;
  [[nodiscard]] Status Write(std::span<Record* const> records) override;
  [[nodiscard]] bool IsFull(const Error& error) const noexcept override {
    return std::ranges::any_of(error.context, [](const auto& pair) {
      return pair.first == "sqlstate" && pair.second == "53100";
    });
  }

 private:
  using Columns = std::vector<std::string>;

  [[nodiscard]] std::string FullName() const {
    return PostgresName(options_.schema) + '.' + PostgresName(table_);
  }
  [[nodiscard]] std::string CreateStatement() const;
  [[nodiscard]] Status MakeOrFind(Deadline deadline);
  [[nodiscard]] Result<std::vector<Column>> ReadColumns(Deadline deadline);
  /// The row as the server takes it in JSON.
  [[nodiscard]] Result<Row> ForServer(const Record& record) const;
  [[nodiscard]] Status Insert(const Columns& columns, const Row& rows, Deadline deadline);

  const PostgresOptions options_;
  const PostgresOptions positions_;
  const std::string table_;
  const Values values_;
  PostgresConnection db_;
  RowShape shape_;
  std::map<std::string, Form, std::less<>> forms_;  // Of the columns of the record itself.
};

std::string PostgresTable::CreateStatement() const {
  return "CREATE TABLE " + FullName() +
         " (\"topic\" text NOT NULL, \"partition\" integer NOT NULL, \"offset\" bigint NOT NULL, "
         "\"timestamp\" bigint, \"key\" bytea, \"value\" bytea, \"headers\" jsonb)";
}

Status PostgresTable::MakeOrFind(Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const PostgresResult found,
                      Query(db_.get(), kRelationKind, {options_.schema, table_}, deadline));
  if (PQntuples(found.get()) > 0) {
    const std::string kind = TextAt(found, 0, 0);
    if (kind == "r" || kind == "p") return {};
    return MakeError(ErrorCode::kConfigInvalid,
                     FullName() + " is the name of something else than a table; choose another");
  }
  if (!options_.create) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "there is no table " + FullName() + ", and create=false; make it with " +
                         CreateStatement());
  }
  OS_RETURN_IF_ERROR(Query(db_.get(), CreateStatement(), {}, deadline));
  return {};
}

Result<std::vector<Column>> PostgresTable::ReadColumns(Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const PostgresResult rows,
                      Query(db_.get(), kRelationColumns, {options_.schema, table_}, deadline));
  std::vector<Column> columns;
  for (int row = 0; row < PQntuples(rows.get()); ++row) {
    Column column;
    column.name = TextAt(rows, row, 0);
    column.type = TextAt(rows, row, 1);
    column.required = TextAt(rows, row, 3) == "t";
    column.writable = TextAt(rows, row, 4) == "t";
    const auto* type = std::ranges::find(kColumnTypes, TextAt(rows, row, 2), &Type::name);
    if (type != kColumnTypes.end()) {
      column.text = type->text;
      column.bytes = type->bytes;
      column.integer_bits = type->integer_bits;
      if (IsRecordColumn(column.name)) forms_[column.name] = type->form;
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

Status PostgresTable::Prepare(Deadline deadline) {
  OS_RETURN_IF_ERROR(MakeOrFind(deadline));
  OS_ASSIGN_OR_RETURN(const std::vector<Column> columns, ReadColumns(deadline));
  OS_ASSIGN_OR_RETURN(shape_, CheckShape(table_, columns, values_, CreateStatement()));
  return {};
}

Result<Row> PostgresTable::ForServer(const Record& record) const {
  OS_ASSIGN_OR_RETURN(Row row, RowOf(record, shape_));
  for (const char* name : {"key", "value"}) {
    Row& cell = row[name];
    const Form form = forms_.find(name)->second;
    if (cell.is_null()) continue;
    if (form == Form::kHex) {
      cell = HexOf(cell);
    } else if (cell.is_binary()) {
      return MakeError(ErrorCode::kCorrupt,
                       PlaceOf(record) + ": the " + name +
                           " is no text, and its column takes nothing else; make that bytea");
    } else if (form == Form::kJson) {
      Parsed parsed = ParseBounded(cell.get_ref<const std::string&>());
      if (parsed.too_deep || parsed.json.is_discarded()) {
        return MakeError(ErrorCode::kCorrupt,
                         PlaceOf(record) + ": the " + name + " is " +
                             (parsed.too_deep ? "JSON of too many levels" : "no JSON") +
                             ", and its column takes nothing else; make that bytea");
      }
      cell = std::move(parsed.json);
    }
  }
  return row;
}

Status PostgresTable::Insert(const Columns& columns, const Row& rows, Deadline deadline) {
  std::string names;
  for (const std::string& column : columns) {
    names += (names.empty() ? "" : ", ") + PostgresName(column);
  }
  // The server turns JSON into whatever types the columns have.
  const std::string sql = "INSERT INTO " + FullName() + " (" + names + ") SELECT " + names +
                          " FROM pg_catalog.json_populate_recordset(NULL::" + FullName() +
                          ", $1::json)";
  OS_RETURN_IF_ERROR(Query(db_.get(), sql, {rows.dump()}, deadline));
  return {};
}

Status PostgresTable::Write(std::span<Record* const> records) {
  const Deadline deadline = Deadline::After(kWriteBound);
  std::map<Columns, Row> batches;  // Columns without a value keep their default.
  for (const Record* record : records) {
    OS_ASSIGN_OR_RETURN(Row row, ForServer(*record));
    Columns columns;
    for (const auto& [name, cell] : row.items()) columns.push_back(name);
    batches.try_emplace(std::move(columns), Row::array()).first->second.push_back(std::move(row));
  }
  for (const auto& [columns, rows] : batches) {
    Status inserted = Insert(columns, rows, deadline);
    if (inserted) continue;
    Error error = std::move(inserted).error();
    error.message = "one of " + std::to_string(records.size()) + " records, the first " +
                    PlaceOf(*records.front()) + ": " + error.message;
    return error;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<ResultTable>> NewPostgresTable(const IntoUri& into, Values values) {
  OS_ASSIGN_OR_RETURN(PostgresOptions options, PostgresOptions::FromUri(into.uri));
  OS_ASSIGN_OR_RETURN(const Uri positions_uri, ParseUri(into.positions));
  OS_ASSIGN_OR_RETURN(PostgresOptions positions, PostgresOptions::FromUri(positions_uri));
  return std::unique_ptr<ResultTable>(std::make_unique<PostgresTable>(
      std::move(options), std::move(positions), into.table, values));
}

}  // namespace offsetstore::cli
