// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "schema.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "internal/macros.h"
#include "postgres_error.h"
#include "rows.h"
#include "schema_text.h"
#include "shared/format.h"
#include "transaction.h"

namespace offsetstore::postgres {
namespace {

constexpr int kOldestServer = 120'000;

// The columns as the server describes them; empty where there is no such table.
constexpr const char* kDescribe =
    "SELECT c.relname, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod)"
    " || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END"
    " || CASE WHEN a.attcollation <> 0 THEN ' ' || l.collname ELSE '' END,"
    " ', ' ORDER BY a.attnum), min(c.relkind::text),"
    " bool_or(EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid"
    " AND i.indisprimary))"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation"
    " WHERE n.nspname = $1 AND c.relname IN ($2, $3) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
    " GROUP BY c.relname";

struct Contents {
  bool meta = false;
  bool positions = false;
};

Error Foreign(const TableNames& names, std::string_view bare, std::string_view columns) {
  return MakeError(ErrorCode::kConfigInvalid,
                   names.Quoted(bare) + " is there and is not a table of offsetstore (it has: " +
                       Printable(columns) +
                       "); nothing was changed; choose another table= or schema=");
}

/// Whether what is there is ours.
Result<Contents> ToContents(const TableNames& names, const PGresult* result) {
  Contents contents;
  for (int row = 0; row < PQntuples(result); ++row) {
    const std::string_view bare = BytesAt(result, row, 0);
    const std::string_view columns = BytesAt(result, row, 1);
    const bool is_meta = bare == names.meta;
    const bool is_table = BytesAt(result, row, 2) == "r" || BytesAt(result, row, 2) == "p";
    if (columns != (is_meta ? kMetaColumns : kPositionsColumns) || !is_table ||
        IntegerAt(result, row, 3) == 0) {
      return Foreign(names, bare, columns);
    }
    (is_meta ? contents.meta : contents.positions) = true;
  }
  return contents;
}

Error Half(const TableNames& names) {
  return MakeError(ErrorCode::kCorrupt,
                   "of the tables " + names.Quoted(names.meta) + " and " +
                       names.Quoted(names.positions) +
                       " only one is there; restore the other from a backup, or drop it to start "
                       "empty");
}

Error NoTables(const TableNames& names, bool has_schema) {
  if (!has_schema) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "there is no schema '" + names.schema +
                         "' in this database; create it, or name another by schema=");
  }
  return MakeError(
      ErrorCode::kConfigInvalid,
      "there is no table " + names.Quoted(names.positions) + ", and it is not to be made");
}

/// One opening of a schema.
class Opening {
 public:
  Opening(Connection& connection, const TableNames& names, Deadline deadline)
      : connection_(connection), names_(names), statements_(names), deadline_(deadline) {
    describe_ = {"", kDescribe, {kText, kText, kText}};
    read_meta_ = {"", "SELECT key, value FROM " + names.Quoted(names.meta), {}};
  }

  Result<Contents> Look() {
    Transaction transaction = Begun(Transaction::Kind::kRead);
    OS_ASSIGN_OR_RETURN(Transaction::Finished finished, transaction.Whole({Describe()}));
    return ToContents(names_, finished.results.front().get());
  }

  Result<bool> HasSchema() {
    const Statement find{"", "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", {kText}};
    Parameters name;
    name.Text(names_.schema);
    Transaction transaction = Begun(Transaction::Kind::kRead);
    OS_ASSIGN_OR_RETURN(const Transaction::Finished finished,
                        transaction.Whole({Command::Run(find, std::move(name))}));
    return PQntuples(finished.results.front().get()) > 0;
  }

  /// Another process may be about to do the same: the lock goes with the transaction.
  Status Create() {
    const Statement lock{"",
                         "SELECT 1 FROM (SELECT pg_advisory_xact_lock("
                         "hashtextextended('offsetstore ' || $1, 0))) AS locked",
                         {kText}};
    Parameters name;
    name.Text(names_.Quoted(names_.positions));
    Transaction transaction = Begun(Transaction::Kind::kWriteDurable);
    OS_ASSIGN_OR_RETURN(const std::vector<PgResult> results,
                        transaction.Begin({Command::Run(lock, std::move(name)), Describe()}));
    Result<Contents> now = ToContents(names_, results.back().get());
    if (!now || now->positions) {
      transaction.Rollback();
      return now ? Status() : Status(std::move(now).error());
    }
    const std::vector<Statement> statements = SchemaStatements(names_, sql::NewStoreId());
    std::vector<Command> commands;
    commands.reserve(statements.size());
    for (const Statement& statement : statements) commands.push_back(Command::Run(statement));
    OS_ASSIGN_OR_RETURN([[maybe_unused]] const Transaction::Finished done,
                        transaction.End(std::move(commands)));
    return {};
  }

  Result<std::string> ReadStoreId() {
    Transaction transaction = Begun(Transaction::Kind::kRead);
    OS_ASSIGN_OR_RETURN(const Transaction::Finished finished,
                        transaction.Whole({Command::Run(read_meta_)}));
    const PGresult* meta = finished.results.front().get();
    OS_ASSIGN_OR_RETURN(const std::string format, Find(meta, "format"));
    OS_RETURN_IF_ERROR(sql::CheckFormat(format));
    return Find(meta, "store-id");
  }

 private:
  Transaction Begun(Transaction::Kind kind) {
    return {connection_, statements_, kind, false, deadline_};
  }

  Command Describe() const {
    Parameters parameters;
    parameters.Text(names_.schema).Text(names_.meta).Text(names_.positions);
    return Command::Run(describe_, std::move(parameters));
  }

  Result<std::string> Find(const PGresult* meta, std::string_view key) const {
    for (int row = 0; row < PQntuples(meta); ++row) {
      if (BytesAt(meta, row, 0) == key) return std::string(BytesAt(meta, row, 1));
    }
    return MakeError(ErrorCode::kCorrupt,
                     names_.Quoted(names_.meta) + " has no '" + std::string(key) +
                         "'; restore the table from a backup");
  }

  Connection& connection_;
  const TableNames& names_;
  Statements statements_;
  Deadline deadline_;
  Statement describe_;
  Statement read_meta_;
};

Status CheckServer(PGconn* connection) {
  if (PQserverVersion(connection) < kOldestServer) {
    return MakeError(ErrorCode::kUnsupported,
                     "the server is PostgreSQL " +
                         std::to_string(PQserverVersion(connection) / 10'000) +
                         "; offsetstore needs 12 or newer");
  }
  const char* encoding = PQparameterStatus(connection, "server_encoding");
  if (encoding != nullptr && std::string_view(encoding) == "UTF8") return {};
  return MakeError(ErrorCode::kUnsupported,
                   "the database keeps its texts as " +
                       std::string(encoding == nullptr ? "(unknown)" : encoding) +
                       ", which cannot hold every name; use a UTF8 database");
}

}  // namespace

Result<std::string> PrepareSchema(Connection& connection,
                                  const TableNames& names,
                                  bool create,
                                  Deadline deadline) {
  OS_RETURN_IF_ERROR(CheckServer(connection.get()));
  Opening opening(connection, names, deadline);
  OS_ASSIGN_OR_RETURN(Contents contents, opening.Look());
  if (!contents.meta && !contents.positions) {
    if (!create) {
      OS_ASSIGN_OR_RETURN(const bool has_schema, opening.HasSchema());
      return NoTables(names, has_schema);
    }
    OS_RETURN_IF_ERROR(opening.Create());
    OS_ASSIGN_OR_RETURN(contents, opening.Look());
  }
  if (contents.meta != contents.positions) return Half(names);
  return opening.ReadStoreId();
}

}  // namespace offsetstore::postgres
