// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string_view>
#include <utility>

#include "examine.h"
#include "internal/macros.h"
#include "offsetstore/backends/sqlite.h"
#include "schema.h"

namespace offsetstore {
namespace {

constexpr std::string_view kExample = "sqlite:///var/lib/app/offsets.db";

}  // namespace

Result<SqliteOptions> SqliteOptions::FromUri(const Uri& uri) {
  if (!uri.hosts.empty() || !uri.user.empty() || !uri.password.empty()) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "sqlite takes a whole path and no host; write three slashes, as in " +
                         std::string(kExample) + ", instead of " + uri.text);
  }
  SqliteOptions options;
  options.path = uri.path;
  QueryReader query(uri);
  options.space = query.String("space", "");
  constexpr std::array<std::string_view, 2> kLevels = {"full", "normal"};
  options.synchronous = query.Choice("synchronous", kLevels, "full") == "full"
                            ? Synchronous::kFull
                            : Synchronous::kNormal;
  options.create = query.Bool("create", true);
  OS_RETURN_IF_ERROR(query.Finish());
  return options;
}

Status RegisterSqliteBackend(BackendRegistry& registry) {
  BackendInfo backend;
  backend.name = "sqlite";
  backend.schemes = {"sqlite"};
  backend.summary = "one row per partition in an SQLite database, also the application's own";
  backend.example = kExample;
  backend.made_by_opening = true;
  backend.open = [](const Uri& uri, Deadline deadline) -> Result<std::unique_ptr<OffsetStore>> {
    OS_ASSIGN_OR_RETURN(const SqliteOptions options, SqliteOptions::FromUri(uri));
    return OpenSqliteStore(options, deadline);
  };
  backend.examine = [](const Uri& uri, Deadline deadline) -> Result<Examination> {
    OS_ASSIGN_OR_RETURN(const SqliteOptions options, SqliteOptions::FromUri(uri));
    return sql::ExamineSqliteStore(options, deadline);
  };
  backend.schema = [](const Uri& uri) -> Result<std::string> {
    OS_ASSIGN_OR_RETURN([[maybe_unused]] const SqliteOptions options, SqliteOptions::FromUri(uri));
    return sql::SchemaText();
  };
  return registry.Add(std::move(backend));
}

}  // namespace offsetstore
