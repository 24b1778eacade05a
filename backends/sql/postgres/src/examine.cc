// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "examine.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connection.h"
#include "conninfo.h"
#include "internal/macros.h"
#include "postgres_error.h"
#include "rows.h"
#include "statements.h"

namespace offsetstore::postgres {
namespace {

// $1: the table of positions, quoted. A column each, as text: 't' and 'f' for what is so or not.
// Of other roles' sessions pg_stat_activity and pg_stat_replication show little, but that they are.
constexpr const char* kAsk =
    "SELECT current_user::text, current_setting('server_version'),"
    " has_table_privilege($1, 'SELECT')::text,"
    " has_table_privilege($1, 'INSERT')::text,"
    " has_table_privilege($1, 'UPDATE')::text,"
    " pg_is_in_recovery()::text,"
    " (current_setting('default_transaction_read_only') = 'on')::text,"
    " (current_setting('autovacuum') = 'off' OR current_setting('track_counts') = 'off' OR"
    "  coalesce(array_to_string(c.reloptions, ',') ~* 'autovacuum_enabled=(false|off|no|0)',"
    "   false))::text,"
    " row_security_active(c.oid)::text,"
    " (SELECT coalesce(string_agg(t.tgname, ', '), '') FROM pg_catalog.pg_trigger t"
    "  WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'),"
    " (current_setting('synchronous_standby_names') <> '' AND"
    "  current_setting('synchronous_commit') NOT IN ('off', 'local') AND"
    "  NOT EXISTS (SELECT FROM pg_catalog.pg_stat_replication))::text,"
    " coalesce((SELECT max(extract(epoch FROM now() - a.xact_start))::bigint"
    "  FROM pg_catalog.pg_stat_activity a WHERE a.backend_xmin IS NOT NULL), 0)::text"
    " FROM pg_catalog.pg_class c WHERE c.oid = $1::regclass";

struct Facts {
  std::string role;
  std::string version;
  bool may_select = false;
  bool may_insert = false;
  bool may_update = false;
  bool standby = false;
  bool read_only = false;
  bool without_vacuum = false;
  bool row_policies = false;
  std::string triggers;
  bool standby_missing = false;
  std::string oldest_seconds;
};

Result<Facts> Ask(Connection& connection, const std::string& positions, Deadline deadline) {
  const Statement ask{"", kAsk, {kText}};
  Parameters parameters;
  parameters.Text(positions);
  const std::vector<Command> commands = {Command::Run(ask, std::move(parameters)), Command::Sync()};
  const Replies replies = connection.Run(commands, false, deadline);
  if (replies.results.empty()) return *replies.cut;
  const PGresult* result = replies.results.front().get();
  if (PQresultStatus(result) != PGRES_TUPLES_OK) return PostgresError(result, "look at the server");
  if (PQntuples(result) != 1) {
    return MakeError(ErrorCode::kUnavailable, positions + " was dropped meanwhile");
  }
  const auto text = [result](int column) { return std::string(BytesAt(result, 0, column)); };
  const auto is = [result](int column) { return BytesAt(result, 0, column) == "true"; };
  return Facts{.role = text(0),
               .version = text(1),
               .may_select = is(2),
               .may_insert = is(3),
               .may_update = is(4),
               .standby = is(5),
               .read_only = is(6),
               .without_vacuum = is(7),
               .row_policies = is(8),
               .triggers = text(9),
               .standby_missing = is(10),
               .oldest_seconds = text(11)};
}

Finding RightsOf(const Facts& now, const std::string& positions) {
  std::string missing;
  const auto need = [&missing](bool may, std::string_view right) {
    if (!may) missing += (missing.empty() ? "" : ", ") + std::string(right);
  };
  need(now.may_select, "SELECT");
  need(now.may_insert, "INSERT");
  need(now.may_update, "UPDATE");
  const std::string role = "role " + Printable(now.role);
  if (missing.empty()) {
    return {std::string(kRightsCheck), Grade::kOk, role + " may read and commit", {}};
  }
  return {std::string(kRightsCheck),
          Grade::kFailed,
          role + " has no " + missing + " on " + positions +
              (now.may_select ? ": it can read and not commit" : ""),
          "GRANT " + missing + " ON " + positions + " TO " + Printable(now.role) +
              " (who only reads needs no more than SELECT)"};
}

void AddWrites(const Facts& now, std::vector<Finding>& findings) {
  if (now.standby) {
    findings.push_back({"primary",
                        Grade::kFailed,
                        "this server is a standby and takes no writes",
                        "name the primary, or all hosts: the one that takes writes is looked for"});
  } else if (now.read_only) {
    findings.push_back({"primary",
                        Grade::kFailed,
                        "default_transaction_read_only is on: writes are refused",
                        "turn it off for this role or database"});
  } else {
    findings.push_back({"primary", Grade::kOk, "the server takes writes", {}});
  }
  if (now.standby_missing) {
    findings.push_back({"standby",
                        Grade::kWarning,
                        "synchronous_standby_names is set and no standby is connected: each commit "
                        "waits until its deadline and is then below durability",
                        "bring the standby back, or take it out of synchronous_standby_names"});
  }
}

void AddTable(const Facts& now, const std::string& positions, std::vector<Finding>& findings) {
  if (now.row_policies) {
    findings.push_back({"policies",
                        Grade::kWarning,
                        "row-level security holds for this role on " + positions +
                            ": rows that it hides are Corrupt, never absent",
                        "ALTER TABLE " + positions + " DISABLE ROW LEVEL SECURITY"});
  }
  if (!now.triggers.empty()) {
    findings.push_back({"triggers",
                        Grade::kWarning,
                        positions + " has triggers: " + Printable(now.triggers),
                        "drop them, unless they leave every row as it is written"});
  }
  if (now.without_vacuum) {
    findings.push_back({"autovacuum",
                        Grade::kWarning,
                        "autovacuum is off: old versions of rows pile up and commits become slower",
                        "turn autovacuum (and track_counts) on, for the table too"});
  }
}

void AddOldest(const Facts& now, std::vector<Finding>& findings) {
  constexpr long long kLong = 3600;
  const long long oldest = std::stoll(now.oldest_seconds);
  if (oldest < kLong) return;
  findings.push_back({"old-transaction",
                      Grade::kWarning,
                      "a transaction has been open for " + std::to_string(oldest / 60) +
                          " minutes: it keeps old versions of rows, and commits become slower",
                      "find it in pg_stat_activity (xact_start) and end it"});
}

Finding Pooler(const Connection& connection) {
  return {"pooler",
          Grade::kOk,
          connection.is_pooled() ? "a pooler such as pgbouncer stands between: nothing is prepared"
                                 : "none: the session is ours",
          {}};
}

}  // namespace

Result<Examination> ExaminePostgresStore(const PostgresOptions& options, Deadline deadline) {
  PostgresOptions looking = options;
  looking.create = false;
  OS_ASSIGN_OR_RETURN(const std::unique_ptr<OffsetStore> store,
                      OpenPostgresStore(looking, deadline));
  Examination examination{store->Info(), {}};
  OS_RETURN_IF_ERROR(store->Close(deadline));
  OS_ASSIGN_OR_RETURN(const Servers servers, ToServers(looking));
  OS_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection,
                      Connection::Open(servers.each, deadline));
  const TableNames names(looking.schema, looking.table);
  const std::string positions = names.Quoted(names.positions);
  OS_ASSIGN_OR_RETURN(const Facts now, Ask(*connection, positions, deadline));
  auto& findings = examination.findings;
  findings.push_back({std::string(kVersionCheck),
                      Grade::kOk,
                      "PostgreSQL " + now.version + ", libpq " +
                          std::to_string(PQlibVersion() / 10'000) + "." +
                          std::to_string(PQlibVersion() % 10'000),
                      {}});
  findings.push_back(RightsOf(now, positions));
  findings.push_back(Pooler(*connection));
  AddWrites(now, findings);
  AddTable(now, positions, findings);
  AddOldest(now, findings);
  return examination;
}

}  // namespace offsetstore::postgres
