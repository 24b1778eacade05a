// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// consume --into a table: what is refused, before anything is read or changed.
#include <doctest/doctest.h>

#include <filesystem>

#include "into.h"

namespace offsetstore::testing {
namespace {

constexpr const char* kGood =
    "topic TEXT, partition INT, \"offset\" INT, timestamp INT, key BLOB, value TEXT, headers TEXT";

/// What a table of these columns is refused with; it stays as it was.
std::string RefusedTable(const MockCluster& cluster,
                         const std::string& columns,
                         const Words& more = {}) {
  const Into into(cluster, "orders:0");
  into.Run("CREATE TABLE t (" + columns + ")");
  const std::string before = into.Ask("SELECT sql FROM sqlite_master WHERE name = 't'");
  Ran ran = into.Refused(more);
  CHECK(ran.ErrHas("CREATE TABLE \"t\""));
  CHECK(into.Ask("SELECT sql FROM sqlite_master WHERE name = 't'") == before);
  CHECK(into.Ask("SELECT count(*) FROM t") == "0");
  return ran.err;
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a table of another shape is refused by every column that does not fit") {
  const MockCluster cluster(1, 3);
  CHECK(Has(RefusedTable(cluster, "topic TEXT, partition INT, timestamp INT, key, value"),
            "column \"offset\" is missing, column \"headers\" is missing"));
  CHECK(
      Has(RefusedTable(cluster,
                       "topic INT, partition TEXT, \"offset\" REAL, timestamp TEXT, key INT, value "
                       "INT, headers INT"),
          "column \"topic\" is INT and must be text, column \"partition\" is TEXT and must be a "
          "whole number"));
  CHECK(Has(RefusedTable(cluster, std::string(kGood) + ", more TEXT NOT NULL"),
            "column \"more\" must not be null"));
  CHECK(Has(RefusedTable(cluster,
                         "topic TEXT, partition INT, \"offset\" INT, timestamp INT, key, value, "
                         "headers TEXT AS ('x')"),
            "column \"headers\" is computed"));
}

TEST_CASE("a table that fits is taken, whatever the case of its names and what else it has") {
  const MockCluster cluster(1, 3);
  const Into into(cluster, "orders:0");
  into.Run(
      "CREATE TABLE T (ID INTEGER PRIMARY KEY NOT NULL, Topic VARCHAR(250), PARTITION BIGINT, "
      "\"Offset\" BIGINT NOT NULL, \"timestamp\" INT, key, value, headers, at TEXT NOT NULL "
      "DEFAULT "
      "CURRENT_TIMESTAMP)");
  const Ran ran = Offsetctl(into.With({"--exit-at-end"}));
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(into.HasEachOnce(3));
}

TEST_CASE("a name that SQL would read otherwise is a name") {
  const MockCluster cluster(1, 3);
  const Into into(cluster, "orders:0");
  const Ran ran =
      Offsetctl(into.With({"--exit-at-end", "--into", into.store + "?table=a%22;%20drop"}));
  INFO(ran.err);
  CHECK(ran.code == 2);  // --into is taken once.
  Words words = {"consume", "--config", into.config, "--exit-at-end"};
  words.insert(words.end(), {"--into", into.store + "?table=a%22%20drop"});
  CHECK(Offsetctl(words).code == 0);
  CHECK(into.Ask("SELECT count(*) FROM \"a\"\" drop\"") == "3");
}

TEST_CASE("a view, or a table that may not be made, is refused") {
  const MockCluster cluster(1, 3);
  Into into(cluster, "orders:0");
  into.Run("CREATE VIEW t AS SELECT 1");
  CHECK(into.Refused({}).ErrHas("view"));
  into.uri = into.store + "?create=false&table=other";
  CHECK(into.Refused({}).ErrHas("create=false"));
}

TEST_CASE("an --into that names no table, or no database of rows, is refused with what to write") {
  const MockCluster cluster(1, 3);
  Into into(cluster, "orders:0");
  const auto refused = [&](const std::string& uri, const std::string& words) {
    into.uri = uri;
    const Ran ran = into.Refused({"--exit-at-end"});
    CHECK_MESSAGE(ran.ErrHas(words), ran.err);
  };
  refused(into.store, "?table=NAME");
  refused(into.store + "?table=", "?table=NAME");
  refused(into.store + "?table=t&sync=1", "sync");
  refused("file:///tmp/x?table=t", "sqlite:///PATH?table=T");
  refused("mysql://h/db?table=t", "postgresql://HOST/DB?table=T");
  refused("sqlite:///nonexistent/results.db?table=t", "/nonexistent");
  CHECK_FALSE(std::filesystem::exists(into.database));
}

TEST_CASE("what does not go with a table, or only with one, is refused") {
  const MockCluster cluster(1, 3);
  const Into into(cluster, "orders:0");
  CHECK(into.Refused({"--format", "%s"}).ErrHas("--format is for text"));
  CHECK(into.Refused({"--values", "xml"}).ErrHas("--values"));
  const Ran text = Offsetctl({"consume", "--config", into.config, "--values", "json"});
  CHECK(text.code == 2);
  CHECK(text.ErrHas("--values is for a table"));
  CHECK(into.Refused({"--set", "offsetstore.delivery=at-least-once"})
            .ErrHas("offsetstore.delivery=at-least-once: --into a database is exactly-once"));
  const Ran once = Offsetctl({"consume",
                              "--config",
                              into.config,
                              "--set",
                              "offsetstore.delivery=exactly-once",
                              "--set",
                              "offsetstore.uri=" + into.store});
  CHECK(once.code == 2);
  CHECK(once.ErrHas("--into 'sqlite:///PATH?table=T'"));
  CHECK_FALSE(std::filesystem::exists(into.database));
}

TEST_CASE("a database that is not the one of the positions is refused, and stays as it is") {
  const MockCluster cluster(1, 3);
  const Into into(cluster, "orders:0");
  const std::string other = "sqlite://" + (into.folder / "other.db").string();
  const auto refused = [&](const std::string& store) {
    const Ran ran = into.Refused({"--set", "offsetstore.uri=" + store});
    CHECK(ran.ErrHas("not the database of --into"));
    CHECK(ran.ErrHas("offsetstore.uri=" + into.store));
  };
  refused("file://" + (into.folder / "store").string());
  refused(other);
  CHECK_FALSE(std::filesystem::exists(into.database));
  into.Run("CREATE TABLE mine (x)");
  refused(other);
  CHECK(into.Ask("SELECT count(*) FROM sqlite_master") == "1");
  const Ran same =
      Offsetctl(into.With({"--exit-at-end", "--set", "offsetstore.uri=" + into.store}));
  INFO(same.err);
  CHECK(same.code == 0);
  CHECK(into.HasEachOnce(3));
}

}  // namespace
}  // namespace offsetstore::testing
