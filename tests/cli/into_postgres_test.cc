// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// consume --into a table of PostgreSQL.
#include <doctest/doctest.h>

#include <csignal>

#include "eventually.h"
#include "into.h"
#include "postgres_client.h"

namespace offsetstore::testing {
namespace {

/// A schema of its own, and a configuration whose records go there.
struct IntoSchema : Into {
  std::string schema = UniqueStem();
  PostgresClient client{PostgresServer()};

  explicit IntoSchema(const MockCluster& cluster, const std::string& more = {})
      : Into(cluster, "orders:0-1", more) {
    client.Run("CREATE SCHEMA " + schema);
    client.Run("SET search_path = " + schema);
    store = PostgresServer() + "?schema=" + schema;
    uri = store + "&table=t";
  }
  IntoSchema(const IntoSchema&) = delete;
  IntoSchema& operator=(const IntoSchema&) = delete;
  ~IntoSchema() { client.Run("DROP SCHEMA " + schema + " CASCADE"); }

  [[nodiscard]] bool HasTable() {
    return client.Ask("SELECT to_regclass('" + schema + ".t')") != "";
  }
  [[nodiscard]] std::uint64_t Rows() {
    return HasTable() ? std::stoull(client.Ask("SELECT count(*) FROM t")) : 0;
  }
  [[nodiscard]] bool HasOnce(std::uint64_t records) {
    const std::string all = std::to_string(records);
    return client.Ask("SELECT count(*) FROM t") == all &&
           client.Ask("SELECT count(DISTINCT (topic, partition, \"offset\")) FROM t") == all &&
           client.Ask("SELECT count(DISTINCT value) FROM t") == all &&
           client.Ask("SELECT sum(position) FROM offsetstore_positions") == all;
  }
};

TEST_CASE("postgresql: a kill at any time leaves each record in the table once") {
  const MockCluster cluster(2, 20000);
  IntoSchema into(cluster, "offsetstore.batch.records=100\n");
  std::uint64_t target = 1;
  for (int kill = 0; kill < 6; ++kill) {
    Running running(into.With({}));
    REQUIRE_MESSAGE(Eventually([&] { return into.Rows() >= target; }), running.Err());
    running.Signal(SIGKILL);
    CHECK(running.Wait().code == 128 + SIGKILL);
    target = into.Rows() + 1000;
  }
  const Ran ran = Offsetctl(into.With({"--exit-at-end"}));
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(into.HasOnce(20000));
}

TEST_CASE("postgresql: exactly as many rows as asked for, and the next run goes on behind them") {
  const MockCluster cluster(2, 100);
  IntoSchema into(cluster, "offsetstore.batch.records=5\n");
  for (const std::uint64_t rows : {7, 14}) {
    const Ran ran = Offsetctl(into.With({"--max-records", "7"}));
    CHECK_MESSAGE(ran.code == 0, ran.err);
    CHECK(into.Rows() == rows);
  }
  CHECK(Offsetctl(into.With({"--exit-at-end"})).code == 0);
  CHECK(into.HasOnce(100));
}

/// Writes these lines, `key:value`, by kcat.
void ProduceLines(const MockCluster& cluster, const Into& into, const std::string& lines) {
  WriteFile(into.folder / "lines", lines);
  REQUIRE(Offsetctl({"/usr/bin/kcat",
                     "-P",
                     "-b",
                     cluster.brokers(),
                     "-t",
                     MockCluster::kTopic,
                     "-p",
                     "0",
                     "-Z",
                     "-K",
                     ":",
                     "-H",
                     "h=1",
                     "-l",
                     (into.folder / "lines").string()})
              .code == 0);
}

TEST_CASE("postgresql: a row holds its record, and JSON members take the types of their columns") {
  const MockCluster cluster(2, 0);
  IntoSchema into(cluster);
  into.client.Run(
      "CREATE TABLE t (id bigserial PRIMARY KEY, topic text, partition int, \"offset\" bigint, "
      "timestamp bigint, key text, value jsonb, headers jsonb, price numeric, paid boolean, at "
      "timestamptz, items jsonb, state text NOT NULL DEFAULT 'new')");
  ProduceLines(cluster,
               into,
               "a:{\"price\":12345678901234567890.5,\"paid\":true,\"at\":\"2026-01-02T03:04:05Z\","
               "\"items\":[1],\"other\":1}\nb:{\"state\":\"old\"}\ngone:\n");
  const Ran ran = Offsetctl(into.With({"--exit-at-end", "--values", "json"}));
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto cell = [&](const std::string& key, const std::string& what) {
    return into.client.Ask("SELECT " + what + " FROM t WHERE key = '" + key + "'");
  };
  CHECK(cell("a", "paid::text || items::text || state || (value->>'other')") == "true[1]new1");
  CHECK(cell("a", "at = '2026-01-02 03:04:05+00'") == "t");
  CHECK(cell("a", "headers->0->>'value'") == "1");
  CHECK(cell("b", "state || (price IS NULL)::text") == "oldtrue");
  CHECK(cell("gone", "value IS NULL") == "t");
}

TEST_CASE("postgresql: bytes go into bytea as they are, and not into text") {
  const MockCluster cluster(2, 0);
  IntoSchema into(cluster);
  ProduceLines(cluster, into, "k:\xff\\x41\n");
  REQUIRE(Offsetctl(into.With({"--exit-at-end"})).code == 0);
  CHECK(into.client.Ask("SELECT encode(key, 'hex') || ' ' || encode(value, 'hex') FROM t") ==
        "6b ff5c783431");
  into.client.Run("ALTER TABLE t ALTER value TYPE text USING NULL");
  ProduceLines(cluster, into, "k:\xff\n");
  const Ran ran = Offsetctl(into.With({"--exit-at-end"}));
  CHECK(ran.code == 1);
  CHECK(ran.ErrHas("orders[0] offset 1: the value is no text"));
}

TEST_CASE("postgresql: another shape, and another database, are refused and nothing is changed") {
  const MockCluster cluster(2, 10);
  IntoSchema into(cluster);
  into.client.Run("CREATE TABLE t (topic int, partition smallint, \"offset\" int, key bytea)");
  const Ran shape = into.Refused({"--exit-at-end"});
  CHECK(shape.ErrHas("column \"topic\" is integer and must be text"));
  CHECK(shape.ErrHas("column \"offset\" is integer and must be a whole number of 64 bits"));
  CHECK(shape.ErrHas("column \"value\" is missing"));
  CHECK(into.client.Ask("SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND "
                        "attnum > 0") == "4");
  into.client.Run("DROP TABLE t; CREATE VIEW t AS SELECT 1");
  CHECK(into.Refused({}).ErrHas("something else than a table"));
  into.client.Run("DROP VIEW t");
  into.client.Run("CREATE DATABASE " + into.schema);
  const std::string server = PostgresServer();
  const std::string other = server.substr(0, server.rfind('/') + 1) + into.schema;
  CHECK(into.Refused({"--set", "offsetstore.uri=" + other}).ErrHas("not the database of --into"));
  into.client.Run("DROP DATABASE " + into.schema);
  CHECK_FALSE(into.HasTable());
}

TEST_CASE("postgresql: a row that the table refuses ends the run; nothing of its batch is there") {
  const MockCluster cluster(2, 10);
  IntoSchema into(cluster);
  REQUIRE(Offsetctl(into.With({"--max-records", "1"})).code == 0);
  into.client.Run("ALTER TABLE t ADD CHECK (\"offset\" <> 3)");
  const Ran ran = Offsetctl(into.With({"--exit-at-end"}));
  INFO(ran.err);
  CHECK(ran.code == 9);
  CHECK(ran.ErrHas("check constraint"));
  CHECK(into.Rows() == 1);
  CHECK(into.client.Ask("SELECT sum(position) FROM offsetstore_positions") == "1");
}

TEST_CASE("postgresql: a connection that ends while a row is written is made anew") {
  const MockCluster cluster(2, 10);
  IntoSchema into(cluster);
  REQUIRE(Offsetctl(into.With({"--max-records", "1"})).code == 0);
  into.client.Run("BEGIN");
  into.client.Run("LOCK TABLE t IN SHARE MODE");
  Running running(into.With({"--exit-at-end"}));
  PostgresClient other{PostgresServer()};
  const auto ended = [&] {
    return other.Ask(
               "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type "
               "= 'Lock' AND query LIKE 'INSERT INTO \"" +
               into.schema + "%'") == "t";
  };
  REQUIRE_MESSAGE(Eventually(ended), running.Err());
  CHECK(other.Ask("SELECT sum(position) FROM " + into.schema + ".offsetstore_positions") == "1");
  into.client.Run("ROLLBACK");
  const Ran ran = running.Wait();
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(into.HasOnce(10));
}

TEST_CASE("postgresql: a unique key of the user's refuses a record that comes again") {
  const MockCluster cluster(2, 10);
  IntoSchema into(cluster);
  REQUIRE(Offsetctl(into.With({"--exit-at-end"})).code == 0);
  into.client.Run("ALTER TABLE t ADD UNIQUE (topic, partition, \"offset\")");
  REQUIRE(Offsetctl({"set", into.store, "g", "orders:0=2", "--execute"}).code == 0);
  const Ran ran = Offsetctl(into.With({"--exit-at-end"}));
  CHECK_MESSAGE(ran.code == 9, ran.err);
  CHECK(ran.ErrHas("duplicate key"));
  CHECK(into.Rows() == 10);
}

}  // namespace
}  // namespace offsetstore::testing
