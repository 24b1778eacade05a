// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What `offsetctl doctor` and `offsetctl schema` rest on, asked of a real server.
#include <doctest/doctest.h>

#include <string>

#include "examined.h"
#include "offsetstore/backends/postgres.h"
#include "postgres_support.h"

namespace offsetstore::testing {
namespace {

const Examiner& Examine() {
  static const Examiner examiner(&RegisterPostgresBackend);
  return examiner;
}

/// A schema of its own on the shared server, with tables that its administrator made by hand.
struct Administered {
  std::string schema = UniqueStem();
  std::string server = PostgresServer();
  PostgresClient admin{server};
  std::string uri = server + "?schema=" + schema;
  std::string app = WithUser(uri, "app:app-secret");

  Administered() {
    admin.Run("CREATE SCHEMA " + schema);
    admin.Run(Examine().Schema(app));
    admin.Run("GRANT USAGE ON SCHEMA " + schema + " TO app");
  }
  Administered(const Administered&) = delete;
  Administered& operator=(const Administered&) = delete;
  ~Administered() { admin.Run("DROP SCHEMA " + schema + " CASCADE"); }

  [[nodiscard]] std::string Positions() const { return schema + ".offsetstore_positions"; }
  void Grant(const std::string& rights) {
    admin.Run("GRANT SELECT ON " + schema + ".offsetstore_meta TO app");
    admin.Run("GRANT " + rights + " ON " + Positions() + " TO app");
  }
};

TEST_CASE("a role without DDL works on tables that were made from the printed schema") {
  Administered made;
  made.Grant("SELECT, INSERT, UPDATE");
  CHECK_THROWS(PostgresClient(WithUser(made.server, "app:app-secret"))
                   .Run("CREATE TABLE " + made.schema + ".x ()"));
  const auto store = MustOpen(made.app + "&create=false");
  const TestGroup group(*store, "payments");
  const ClaimToken claim = group.MustClaim(Orders(0));
  CHECK(group.Commit(Advance(Orders(0), 5, claim)).Ok());
  CHECK(group.PositionOf(Orders(0)) == 5);
  CHECK(group.Release(Orders(0), claim).Ok());
  CHECK(group.Remove(Orders(0)).Ok());
  CHECK(made.admin.Ask("SELECT count(*) FROM " + made.schema + ".offsetstore_readable") == "0");
}

TEST_CASE("a role with the documented rights on a server in order is healthy") {
  Administered made;
  made.Grant("SELECT, INSERT, UPDATE");
  const Examined found = Examine()(made.app);
  CHECK(found.Healthy());
  CHECK(found["rights"] == Grade::kOk);
  CHECK(found.Says("rights", "role app"));
  CHECK(found.Says("version", "PostgreSQL 1"));
  CHECK(found.Says("pooler", "none"));
  CHECK(found["primary"] == Grade::kOk);
  CHECK(made.admin.Ask("SELECT count(*) FROM " + made.Positions()) == "0");
}

TEST_CASE("rights that are missing are named, with the statement that gives them") {
  Administered made;
  CHECK(Examine().Try(made.app).error().code == ErrorCode::kPermissionDenied);
  made.Grant("SELECT");
  const Examined reader = Examine()(made.app);
  CHECK(reader["rights"] == Grade::kFailed);
  CHECK(reader.Says("rights", "no INSERT, UPDATE on"));
  CHECK(reader.Says("rights", "GRANT INSERT, UPDATE ON"));
  made.Grant("INSERT");
  CHECK(Examine()(made.app).Says("rights", "no UPDATE on"));
  made.Grant("UPDATE");
  CHECK(Examine()(made.app)["rights"] == Grade::kOk);
}

TEST_CASE("tables that are not there are not made, whatever the URI says") {
  const Tables tables;
  const auto none = Examine().Try(tables.uri() + "&create=true");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::kConfigInvalid);
  CHECK(PostgresClient(tables.server)
            .Ask("SELECT count(*) FROM pg_class WHERE relname LIKE '" + tables.stem + "%'") == "0");
}

TEST_CASE("what somebody did to the table is told") {
  Administered made;
  made.Grant("SELECT, INSERT, UPDATE");
  const std::string table = made.Positions();
  made.admin.Run("ALTER TABLE " + table + " SET (autovacuum_enabled = false)");
  CHECK(Examine()(made.app)["autovacuum"] == Grade::kWarning);
  made.admin.Run("ALTER TABLE " + table + " RESET (autovacuum_enabled)");
  made.admin.Run("ALTER TABLE " + table + " ENABLE ROW LEVEL SECURITY");
  CHECK(Examine()(made.app)["policies"] == Grade::kWarning);
  CHECK_FALSE(Examine()(made.uri).Has("policies"));
  made.admin.Run("ALTER TABLE " + table + " DISABLE ROW LEVEL SECURITY");
  made.admin.Run("CREATE FUNCTION " + made.schema +
                 ".nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
  made.admin.Run("CREATE TRIGGER swallow BEFORE UPDATE ON " + table +
                 " FOR EACH ROW EXECUTE FUNCTION " + made.schema + ".nothing()");
  CHECK(Examine()(made.app).Says("triggers", "swallow"));
}

TEST_CASE("settings of the role that stop or weaken its commits are told") {
  Administered made;
  made.Grant("SELECT, INSERT, UPDATE");
  const std::string options = made.app + "&options=";
  const Examined read_only = Examine()(options + "-cdefault_transaction_read_only%3Don");
  CHECK(read_only["primary"] == Grade::kFailed);
  CHECK(Examine()(options + "-csynchronous_commit%3Doff").info().durability ==
        Durability::kProcessCrash);
}

}  // namespace
}  // namespace offsetstore::testing
