// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What a server or a database may be that a store cannot be opened on: one clear error each, and
// nothing is changed.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>

#include "postgres_support.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

constexpr const char* kPassword = "app-secret";

/// How many tables and views of that name there are.
std::string CountOf(const Tables& tables) {
  return PostgresClient(tables.server)
      .Ask("SELECT count(*) FROM pg_class WHERE relname LIKE '" + tables.stem + "%'");
}

TEST_CASE("a wrong password is a matter of rights, and is not shown") {
  const Tables tables;
  const Error wrong = OpenError(WithUser(tables.uri(), "app:no-such-secret"));
  CHECK(wrong.code == ErrorCode::kPermissionDenied);
  CHECK(Says(wrong, "password authentication failed"));
  CHECK_FALSE(Says(wrong, "no-such-secret"));
  const Error missing = OpenError(WithUser(tables.uri(), "app"));
  CHECK(missing.code == ErrorCode::kPermissionDenied);
  CHECK(Says(missing, "password-file="));
  CHECK(CountOf(tables) == "0");
}

TEST_CASE("a password comes from a file, the environment, or libpq's own password file") {
  const Tables tables;
  { [[maybe_unused]] const auto made = MustOpen(tables.uri()); }
  PostgresClient(tables.server)
      .Run("GRANT SELECT ON " + tables.meta() + ", " + tables.positions() + " TO app");
  const std::string uri = WithUser(tables.uri(), "app");
  const TempDir folder;
  std::ofstream(folder / "password") << kPassword << '\n';
  CHECK(TryOpen(uri + "&password-file=" + (folder / "password").string()));
  ::setenv("OFFSETSTORE_TEST_APP", kPassword, 1);
  CHECK(TryOpen(uri + "&password-env=OFFSETSTORE_TEST_APP"));
  std::ofstream(folder / "pgpass") << "*:*:*:app:" << kPassword << '\n';
  std::filesystem::permissions(folder / "pgpass", std::filesystem::perms::owner_read);
  CHECK(TryOpen(uri + "&passfile=" + (folder / "pgpass").string()));
  ::setenv("PGPASSWORD", kPassword, 1);
  CHECK(TryOpen(uri));
  ::unsetenv("PGPASSWORD");
}

TEST_CASE("a database or a schema that is not there is named") {
  const Tables tables;
  const Error database = OpenError(WithDatabase(tables.uri(), "no_such_db"));
  CHECK(database.code == ErrorCode::kConfigInvalid);
  CHECK(Says(database, "no_such_db"));
  const Error schema = OpenError(tables.uri() + "&schema=no_such_schema");
  CHECK(schema.code == ErrorCode::kConfigInvalid);
  CHECK(Says(schema, "no_such_schema"));
}

TEST_CASE("nobody at the port is unavailable, at once") {
  const Tables tables;
  const auto start = Deadline::Clock::now();
  const Error error = OpenError(WithPort(tables.uri(), 1));
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK(error.retry == Retry::kSafe);
  CHECK(Says(error, "127.0.0.1:1"));
  CHECK(Deadline::Clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("a server that is not this machine must prove who it is, unless told otherwise") {
  const Tables tables;
  std::string uri = tables.uri();
  uri.replace(uri.find("127.0.0.1"), 9, "0.0.0.0");
  const Error error = OpenError(uri);
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Says(error, "sslmode="));
  CHECK(TryOpen(uri + "&sslmode=prefer"));
  ::setenv("PGSSLMODE", "disable", 1);
  CHECK(TryOpen(uri));
  ::unsetenv("PGSSLMODE");
}

TEST_CASE("a role that may make no tables says so, and works where they are there") {
  const Tables tables;
  const std::string uri = WithUser(tables.uri(), std::string("app:") + kPassword);
  const Error error = OpenError(uri);
  CHECK(error.code == ErrorCode::kPermissionDenied);
  CHECK(Says(error, "schema public"));
  CHECK(CountOf(tables) == "0");
  { [[maybe_unused]] const auto made = MustOpen(tables.uri()); }
  CHECK(OpenError(uri).code == ErrorCode::kPermissionDenied);
  PostgresClient admin(tables.server);
  admin.Run("GRANT SELECT ON " + tables.meta() + ", " + tables.positions() + " TO app");
  const auto reader = MustOpen(uri);
  const TestGroup group(*reader, "g");
  CHECK_FALSE(group.PositionOf(Orders(0)));
  CHECK(group.Commit(Advance(Orders(0), 5)) == ErrorCode::kPermissionDenied);
  admin.Run("GRANT INSERT, UPDATE ON " + tables.positions() + " TO app");
  const ClaimToken claim = group.MustClaim(Orders(0));
  CHECK(group.Commit(Advance(Orders(0), 5, claim)).Ok());
  CHECK(group.Remove(Orders(0)).Ok());
}

TEST_CASE("a table of somebody else under our name is left alone") {
  const Tables tables;
  PostgresClient admin(tables.server);
  admin.Run("CREATE TABLE " + tables.positions() + " (id int PRIMARY KEY, position bigint)");
  admin.Run("INSERT INTO " + tables.positions() + " VALUES (1, 7)");
  const Error error = OpenError(tables.uri());
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Says(error, "is not a table of offsetstore"));
  CHECK(Says(error, "id integer not null"));
  CHECK(CountOf(tables) == "2");
  CHECK(admin.Ask("SELECT position FROM " + tables.positions()) == "7");
}

TEST_CASE("a view of somebody else under our name stops the making of tables") {
  const Tables tables;
  PostgresClient admin(tables.server);
  admin.Run("CREATE VIEW " + tables.stem + "_readable AS SELECT 1 AS one");
  const Error error = OpenError(tables.uri());
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Says(error, "_readable"));
  CHECK(CountOf(tables) == "1");
}

TEST_CASE("create=false makes nothing") {
  const Tables tables;
  const Error error = OpenError(tables.uri() + "&create=false");
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Says(error, "not to be made"));
  const Error schema = OpenError(tables.uri() + "&create=false&schema=nope");
  CHECK(schema.code == ErrorCode::kConfigInvalid);
  CHECK(Says(schema, "there is no schema 'nope'"));
  CHECK(CountOf(tables) == "0");
}

TEST_CASE("one table without the other, and a broken or newer format, are refused") {
  const Tables tables;
  { [[maybe_unused]] const auto made = MustOpen(tables.uri()); }
  PostgresClient admin(tables.server);
  admin.Run("UPDATE " + tables.meta() + " SET value = '99' WHERE key = 'format'");
  const Error newer = OpenError(tables.uri());
  CHECK(newer.code == ErrorCode::kUnsupported);
  CHECK(Says(newer, "99"));
  admin.Run("UPDATE " + tables.meta() + " SET value = 'x' WHERE key = 'format'");
  CHECK(OpenError(tables.uri()).code == ErrorCode::kCorrupt);
  admin.Run("DROP TABLE " + tables.meta());
  const Error half = OpenError(tables.uri());
  CHECK(half.code == ErrorCode::kCorrupt);
  CHECK(Says(half, "only one is there"));
}

TEST_CASE("a database that cannot hold every name is refused") {
  const Tables tables;
  PostgresClient admin(tables.server);
  admin.Run("DROP DATABASE IF EXISTS latin");
  admin.Run("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
  const Error error = OpenError(WithDatabase(tables.uri(), "latin"));
  admin.Run("DROP DATABASE latin");
  CHECK(error.code == ErrorCode::kUnsupported);
  CHECK(Says(error, "LATIN1"));
}

TEST_CASE("tables that are dropped under an open store are an error, never an absence") {
  const Tables tables;
  const auto store = MustOpen(tables.uri());
  const TestGroup group(*store, "g");
  const ClaimToken claim = group.MustClaim(Orders(0));
  DropTables(tables.server, tables.stem);
  const auto read = store->Fetch("g", Selection{{Orders(0)}, {}}, Soon());
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::kCorrupt);
  CHECK(group.Commit(Advance(Orders(0), 5, claim)) == ErrorCode::kCorrupt);
}

TEST_CASE("a trigger that keeps rows from being written is no acknowledgement") {
  const Tables tables;
  const auto store = MustOpen(tables.uri());
  PostgresClient admin(tables.server);
  admin.Run("CREATE OR REPLACE FUNCTION " + tables.stem +
            "_f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
  admin.Run("CREATE TRIGGER no BEFORE INSERT ON " + tables.positions() +
            " FOR EACH ROW EXECUTE FUNCTION " + tables.stem + "_f()");
  const TestGroup group(*store, "g");
  CHECK(group.Claim(Orders(0)) == ErrorCode::kCorrupt);
  CHECK(group.Commit(Advance(Orders(0), 5, {}, Absent{})) == ErrorCode::kCorrupt);
  admin.Run("DROP TABLE " + tables.positions() + " CASCADE; DROP FUNCTION " + tables.stem + "_f");
}

}  // namespace
}  // namespace offsetstore::testing
