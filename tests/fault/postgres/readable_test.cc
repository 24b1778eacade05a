// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What people and other programs see in the database.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "offsetstore/backends/postgres.h"
#include "postgres_support.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("the view shows positions, holders and times, and no tombstone") {
  const Tables tables;
  const auto store = MustOpen(tables.uri() + "&space=eu");
  const TestGroup group(*store, "it's {\"g\"}\n");
  const ClaimToken claim = group.MustClaim(Orders(0));
  REQUIRE(group.Commit(WithMetadata(Advance(Orders(0), 42, claim), std::string("a\\b\xff"))).Ok());
  REQUIRE(group.Commit(Advance(Orders(1), 7, {}, Absent{})).Ok());
  REQUIRE(group.Commit(Advance(Orders(2), 7, {}, Absent{})).Ok());
  REQUIRE(group.Remove(Orders(2)).Ok());
  PostgresClient client(tables.server);
  const std::string view = tables.stem + "_readable";
  CHECK(client.Ask("SELECT count(*) FROM " + view) == "2");
  const std::string first = " FROM " + view + " WHERE partition = 0";
  CHECK(client.Ask("SELECT \"group\"" + first) == group.name());
  CHECK(client.Ask("SELECT space || ' ' || topic || ' ' || position" + first) == "eu orders 42");
  CHECK(client.Ask("SELECT holder LIKE 'member member-1 on %'" + first) == "t");
  CHECK(client.Ask("SELECT now() - committed < interval '1 hour'" + first) == "t");
  CHECK(client.Ask("SELECT holder IS NULL FROM " + view + " WHERE partition = 1") == "t");
}

TEST_CASE("what an administrator makes by the printed statements is a store") {
  const Tables tables;
  PostgresOptions options;
  options.table = tables.stem;
  PostgresClient(tables.server).Run(PostgresSchema(options));
  const auto store = MustOpen(tables.uri() + "&create=false");
  const TestGroup group(*store, "g");
  CHECK(group.Commit(Advance(Orders(0), 5)).Ok());
  CHECK(store->Info().store_id ==
        PostgresClient(tables.server)
            .Ask("SELECT value FROM " + tables.meta() + " WHERE key = 'store-id'"));
}

TEST_CASE("a store says what its commits survive") {
  const Tables tables;
  const auto store = MustOpen(tables.uri());
  CHECK(store->Info().durability == Durability::kPowerLoss);
  const auto relaxed = MustOpen(tables.uri() + "&options=-c%20synchronous_commit%3Doff");
  CHECK(relaxed->Info().durability == Durability::kProcessCrash);
  CHECK(relaxed->Info().durability_note.find("synchronous_commit=off") != std::string::npos);
}

TEST_CASE("a claim waits for the disk though the session is set to wait for nothing") {
  const Tables tables;
  const auto store = MustOpen(tables.uri() + "&options=-c%20synchronous_commit%3Doff");
  const TestGroup group(*store, "g");
  PostgresClient client(tables.server);
  // What each transaction is set to, as its own rows see it.
  client.Run("CREATE TABLE " + tables.stem + "_log (level text)");
  client.Run("CREATE FUNCTION " + tables.stem +
             "_f() RETURNS trigger LANGUAGE plpgsql AS"
             " $$ BEGIN INSERT INTO " +
             tables.stem +
             "_log VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$");
  client.Run("CREATE TRIGGER log AFTER INSERT OR UPDATE ON " + tables.positions() +
             " FOR EACH ROW EXECUTE FUNCTION " + tables.stem + "_f()");
  const ClaimToken claim = group.MustClaim(Orders(0));
  CHECK(client.Ask("SELECT string_agg(level, ' ') FROM " + tables.stem + "_log") == "on");
  REQUIRE(group.Commit(Advance(Orders(0), 5, claim)).Ok());
  CHECK(client.Ask("SELECT string_agg(level, ' ') FROM " + tables.stem + "_log") == "on off");
  client.Run("DROP TABLE " + tables.positions() + " CASCADE; DROP TABLE " + tables.stem +
             "_log; DROP FUNCTION " + tables.stem + "_f");
}

}  // namespace
}  // namespace offsetstore::testing
