// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "check_options.h"
#include "conninfo.h"
#include "examine.h"
#include "internal/macros.h"
#include "internal/password_keys.h"
#include "offsetstore/backends/postgres.h"
#include "offsetstore/units.h"

namespace offsetstore {
namespace {

constexpr std::string_view kExample = "postgresql://app@db1:5432/app";
constexpr std::int64_t kLargestPool = 100;

Error Invalid(std::string message) {
  return MakeError(ErrorCode::kConfigInvalid, std::move(message));
}

/// A value that stands in one of two places of a URI.
Status TakeOnce(std::string_view key, std::string from_query, std::string& to) {
  if (from_query.empty()) return {};
  if (!to.empty()) {
    return Invalid("the key '" + std::string(key) + "' is given twice: in the query and before it");
  }
  to = std::move(from_query);
  return {};
}

/// libpq takes hosts in the query too, which is the usual way to name a socket's folder.
Status TakeHosts(std::string_view names, std::string_view ports, PostgresOptions& options) {
  if (names.empty() && ports.empty()) return {};
  if (!options.hosts.empty()) {
    return Invalid("host= or port= is given twice: in the query and before it");
  }
  for (;;) {
    Uri::Host host;
    host.name = names.substr(0, names.find(','));
    const std::string_view port = ports.substr(0, ports.find(','));
    if (!port.empty()) {
      const Result<std::int64_t> number = ParseInteger(port);
      if (!number || *number < 1 || *number > 65535) {
        return Invalid("port=" + Printable(port) + " is not 1 to 65535");
      }
      host.port = static_cast<std::uint16_t>(*number);
    }
    options.hosts.push_back(std::move(host));
    if (names.find(',') == std::string_view::npos) return {};
    names.remove_prefix(names.find(',') + 1);
    // One port serves all hosts.
    if (ports.find(',') != std::string_view::npos) ports.remove_prefix(ports.find(',') + 1);
  }
}

}  // namespace

Result<PostgresOptions> PostgresOptions::FromUri(const Uri& uri) {
  PostgresOptions options;
  options.hosts = uri.hosts;
  options.user = uri.user;
  options.password = uri.password;
  if (!uri.path.empty()) options.database = uri.path.substr(1);
  QueryReader query(uri);
  internal::KnowPasswordKeys(query);
  options.schema = query.String("schema", options.schema);
  options.table = query.String("table", options.table);
  options.space = query.String("space", "");
  options.create = query.Bool("create", true);
  options.pool = static_cast<std::size_t>(
      query.Integer("pool", static_cast<std::int64_t>(options.pool), 1, kLargestPool));
  options.prepare = query.Choice("prepare", {"auto", "never"}, "auto") == "auto" ? Prepare::kAuto
                                                                                 : Prepare::kNever;
  OS_RETURN_IF_ERROR(TakeHosts(query.String("host", ""), query.String("port", ""), options));
  OS_RETURN_IF_ERROR(TakeOnce("user", query.String("user", ""), options.user));
  OS_RETURN_IF_ERROR(TakeOnce("password", query.String("password", ""), options.password));
  OS_RETURN_IF_ERROR(TakeOnce("dbname", query.String("dbname", ""), options.database));
  for (const std::string& keyword : postgres::LibpqKeywords()) {
    std::string value = query.String(keyword, "");
    if (!value.empty()) options.libpq.emplace(keyword, std::move(value));
  }
  OS_RETURN_IF_ERROR(query.Finish());
  OS_RETURN_IF_ERROR(postgres::CheckOptions(options));
  return options;
}

Status RegisterPostgresBackend(BackendRegistry& registry) {
  BackendInfo backend;
  backend.name = "postgres";
  backend.schemes = {"postgresql", "postgres"};
  backend.summary = "one row per partition in a PostgreSQL database, also the application's own";
  backend.example = kExample;
  backend.made_by_opening = true;
  backend.open = [](const Uri& uri, Deadline deadline) -> Result<std::unique_ptr<OffsetStore>> {
    OS_ASSIGN_OR_RETURN(const PostgresOptions options, PostgresOptions::FromUri(uri));
    return OpenPostgresStore(options, deadline);
  };
  backend.examine = [](const Uri& uri, Deadline deadline) -> Result<Examination> {
    OS_ASSIGN_OR_RETURN(const PostgresOptions options, PostgresOptions::FromUri(uri));
    return postgres::ExaminePostgresStore(options, deadline);
  };
  backend.schema = [](const Uri& uri) -> Result<std::string> {
    OS_ASSIGN_OR_RETURN(const PostgresOptions options, PostgresOptions::FromUri(uri));
    return PostgresSchema(options);
  };
  return registry.Add(std::move(backend));
}

}  // namespace offsetstore
