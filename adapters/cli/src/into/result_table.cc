// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "into/result_table.h"

#include <utility>

#ifdef OFFSETCTL_POSTGRES
#include "into/postgres_table.h"
#endif
#ifdef OFFSETCTL_SQLITE
#include "into/sqlite_table.h"
#endif

namespace offsetstore::cli {

namespace {

Result<std::unique_ptr<ResultTable>> New(const IntoUri& into, [[maybe_unused]] Values values) {
#ifdef OFFSETCTL_SQLITE
  if (into.uri.scheme == "sqlite") return NewSqliteTable(into, values);
#endif
#ifdef OFFSETCTL_POSTGRES
  if (into.uri.scheme != "sqlite") return NewPostgresTable(into, values);
#endif
  return MakeError(ErrorCode::kUnsupported,
                   into.uri.scheme + ": this program was built without that backend");
}

}  // namespace

Result<std::unique_ptr<ResultTable>> NewResultTable(const IntoUri& into, Values values) {
  auto table = New(into, values);
  if (table) return table;
  Error error = std::move(table).error();
  error.message = "--into: " + error.message;
  return error;
}

Status DropResultTable([[maybe_unused]] const IntoUri& into) {
#ifdef OFFSETCTL_SQLITE
  if (into.uri.scheme == "sqlite") return DropSqliteTable(into);
#endif
  return MakeError(ErrorCode::kUnsupported, into.uri.scheme + ": the table stays");
}

}  // namespace offsetstore::cli
