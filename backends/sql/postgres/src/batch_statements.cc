// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "batch_statements.h"

#include <utility>
#include <vector>

namespace offsetstore::postgres {
namespace {

/// The columns of `lock_rows` and `read_rows`, as text speaks of them.
std::vector<Oid> RowColumns() {
  return {kInt8,
          kText,
          kInt8,
          kInt8,
          kInt8,
          kText,
          kText,
          kBytea,
          kInt8,
          kText,
          kInt8,
          kText,
          kText,
          kInt8,
          kInt8,
          kInt8};
}

Statement WithColumns(Statement statement, std::vector<Oid> columns) {
  statement.columns = std::move(columns);
  return statement;
}

// An idle session that holds the rows is ended: by our bound, or by a shorter one of the caller's.
// The bound for locks holds for our own statement only, and what it was is kept beside it.
std::string Enter(const std::string& meta) {
  return "SELECT txid_current(), (SELECT value FROM " + meta +
         " WHERE key = 'store-id'),"
         " set_config('offsetstore.lock_timeout', current_setting('lock_timeout'), true),"
         " set_config('lock_timeout', $1, true),"
         " set_config('idle_in_transaction_session_timeout', CASE"
         " WHEN current_setting('idle_in_transaction_session_timeout')::interval"
         " BETWEEN interval '1 ms' AND $2::text::interval OR $2 = '0 ms'"
         " THEN current_setting('idle_in_transaction_session_timeout') ELSE $2 END, true)";
}

// A text that is no number. Put together at run time, since a constant would fail at once.
std::string FailsWith(const char* words) {
  return std::string("SELECT ('offsetstore: ") + words +
         "' || left(pg_backend_pid()::text, 0))::int";
}

// A cursor that outlives its transaction is run to its end by the COMMIT, and this one fails. It
// makes no table, asks for no right, is of this session only and ends with the transaction, so that
// a pooler may be in between. It ends also when the transaction goes back to a savepoint from
// before the lock.
std::string Veto(const std::string& name) {
  return "DECLARE " + name + " NO SCROLL CURSOR WITH HOLD FOR " +
         FailsWith(
             "COMMIT refused and rolled back: the positions of this batch are locked and not "
             "moved (a handler must not commit by itself)");
}

}  // namespace

BatchStatements::BatchStatements(const TableNames& names, std::uint64_t number) {
  const std::string veto_name = "offsetstore_veto_" + std::to_string(number);
  const Statements all(names);
  const std::string table = names.Quoted(names.meta);
  find = Named("find",
               "SELECT CASE WHEN to_regclass($1) IS NULL THEN 0 ELSE 1 END::int8,"
               " current_setting('client_encoding'), pg_backend_pid()::int8",
               {kText});
  find.columns = {kInt8, kText, kInt8};
  meta = WithColumns(Named("meta", "SELECT key, value FROM " + table), {kText, kText});
  enter = WithColumns(Named("enter", Enter(table), {kText, kText}),
                      {kInt8, kText, kText, kText, kText});
  lock_rows = WithColumns(all.lock_rows, RowColumns());
  leave = WithColumns(
      Named("leave",
            "SELECT set_config('lock_timeout', current_setting('offsetstore.lock_timeout'), true)"),
      {kText});
  veto = Named("veto", Veto(veto_name));
  lift = Named("lift", "CLOSE " + veto_name);
  advance = WithColumns(all.advance_in, {kInt8});
  read_rows = WithColumns(all.read_rows, RowColumns());
  spoil = Named("spoil", FailsWith("the move of this batch was refused; roll back"));
  for (Statement* statement : {&find, &enter, &lock_rows, &advance, &read_rows}) {
    statement->name += '_' + std::to_string(number);
  }
}

}  // namespace offsetstore::postgres
