// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// consume --into a table: what is in it, and that each record is there once whatever happens.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <regex>

#include "eventually.h"
#include "into.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("each record is a row once, run after run, and the positions are beside them") {
  const MockCluster cluster(2, 500);
  const Into into(cluster, "orders:0-1");
  for (const std::uint64_t more : {500, 0, 4}) {
    if (more == 4) cluster.Produce(4);
    const Ran ran = Offsetctl(into.With({"--exit-at-end"}));
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(ran.out.empty());
    CHECK(into.Ask("SELECT count(*) FROM t") == (more == 4 ? "504" : "500"));
  }
  CHECK(into.Ask("SELECT count(DISTINCT partition || ':' || \"offset\") FROM t") == "504");
  const Ran got = Offsetctl({"get", into.store, "g", "--output", "csv"});
  CHECK(got.OutHas("\ng,orders,0,252,"));
}

TEST_CASE("exactly as many rows as asked for, and the next run goes on behind them") {
  const MockCluster cluster(1, 100);
  const Into into(cluster, "orders:0", "offsetstore.batch.records=5\n");
  for (const std::string rows : {"7", "14"}) {
    CHECK(Offsetctl(into.With({"--max-records", "7"})).code == 0);
    CHECK(into.Ask("SELECT count(*) FROM t") == rows);
    CHECK(into.Ask("SELECT max(\"offset\") + 1 FROM t") == rows);
  }
  CHECK(Offsetctl(into.With({"--exit-at-end"})).code == 0);
  CHECK(into.HasEachOnce(100));
}

/// Writes one record by kcat.
void Produce(const MockCluster& cluster,
             const Into& into,
             const Words& how,
             const std::string& value) {
  WriteFile(into.folder / "value", value);
  Words words = {
      "/usr/bin/kcat", "-P", "-b", cluster.brokers(), "-t", MockCluster::kTopic, "-p", "0"};
  words.insert(words.end(), how.begin(), how.end());
  words.push_back((into.folder / "value").string());
  REQUIRE(Offsetctl(words).code == 0);
}

TEST_CASE("a row holds all of its record, bytes and nulls too") {
  const MockCluster cluster(1, 0);
  const Into into(cluster, "orders:0");
  Produce(cluster, into, {"-k", "key", "-H", "a=1", "-H", "a=\xff", "-H", "b"}, "text");
  Produce(cluster, into, {}, "\xff\xfe");
  Produce(cluster, into, {"-Z", "-K", ":", "-l"}, "gone:\n");
  REQUIRE(Offsetctl(into.With({"--exit-at-end"})).code == 0);
  const auto cell = [&](int offset, const std::string& what) {
    return into.Ask("SELECT " + what + " FROM t WHERE \"offset\" = " + std::to_string(offset));
  };
  CHECK(cell(0, "topic || partition || key || value || typeof(value)") == "orders0keytexttext");
  CHECK(cell(0, "headers") == R"([{"name":"a","value":"1"},{"name":"a","value_hex":"ff"},)"
                              R"({"name":"b","value":null}])");
  CHECK(cell(0, "timestamp > 1600000000000 AND timestamp < 5000000000000") == "1");
  CHECK(cell(1, "hex(value) || typeof(value)") == "FFFEblob");
  CHECK(cell(1, "(key IS NULL) || (headers IS NULL)") == "11");
  CHECK(cell(2, "key || (value IS NULL)") == "gone1");
}

TEST_CASE("members of JSON values fill the columns of their names, and no others") {
  const MockCluster cluster(1, 0);
  const Into into(cluster, "orders:0");
  into.Run(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, topic TEXT, partition INT, \"offset\" INT, "
      "timestamp INT, key, value, headers TEXT, name TEXT, paid INT, price REAL, items TEXT, "
      "state TEXT NOT NULL DEFAULT 'new')");
  Produce(cluster,
          into,
          {},
          R"({"id":7,"name":"n\u00e9","paid":true,"price":1.5,"items":[1,{"a":2}],)"
          R"("offset":99,"unknown":1})");
  Produce(cluster, into, {}, R"({"id":9223372036854775807,"name":null,"state":"old"})");
  Produce(cluster, into, {"-Z", "-K", ":", "-l"}, "gone:\n");
  const Ran ran = Offsetctl(into.With({"--exit-at-end", "--values", "json"}));
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(into.Ask(
            "SELECT \"offset\" || name || paid || price || items || state FROM t WHERE id = 7") ==
        "0n\u00e911.5[1,{\"a\":2}]new");
  CHECK(into.Ask("SELECT state || (name IS NULL) FROM t WHERE id = 9223372036854775807") == "old1");
  CHECK(into.Ask("SELECT count(*) FROM t WHERE key = 'gone'") == "1");
}

TEST_CASE("a value that is no JSON object ends the run, and what was before it is there once") {
  const MockCluster cluster(1, 0);
  const Into into(cluster, "orders:0", "offsetstore.batch.records=1\n");
  const std::string deep = "{\"a\":" + std::string(200000, '[') + std::string(200000, ']') + "}";
  for (const std::string& bad : {std::string("[1]"), std::string("{\"a\":"), deep}) {
    const std::string before =
        into.Ask("SELECT coalesce(sum(position), 0) FROM offsetstore_positions");
    Produce(cluster, into, {}, "{}");
    Produce(cluster, into, {}, bad);
    const Ran ran = Offsetctl(into.With({"--values", "json"}));
    INFO(ran.err);
    CHECK(ran.code == 1);
    CHECK(ran.ErrHas("--values json"));
    CHECK(ran.ErrHas("orders[0] offset " +
                     std::to_string(before.empty() ? 1 : std::stoi(before) + 1)));
    REQUIRE(Offsetctl(into.With({"--max-records", "1"})).code == 0);
  }
  CHECK(into.Ask("SELECT count(*) FROM t") == "6");
}

TEST_CASE("a kill at any time leaves each record in the table once") {
  const MockCluster cluster(2, 20000);
  const Into into(cluster, "orders:0-1", "offsetstore.batch.records=50\n");
  std::uint64_t target = 1;
  for (int kill = 0; kill < 5; ++kill) {
    Running running(into.With({}));
    const auto reached = [&] {
      const std::string rows =
          into.Ask("SELECT count(*) FROM sqlite_master WHERE name = 't'") == "1"
              ? into.Ask("SELECT count(*) FROM t")
              : "0";
      return std::stoull(rows) >= target;
    };
    REQUIRE_MESSAGE(Eventually(reached), running.Err());
    running.Signal(SIGKILL);
    CHECK(running.Wait().code == 128 + SIGKILL);
    CHECK(into.Ask("SELECT (SELECT count(*) FROM t) - (SELECT sum(position) FROM "
                   "offsetstore_positions)") == "0");
    target = std::stoull(into.Ask("SELECT count(*) FROM t")) + 1000;
  }
  const Ran ran = Offsetctl(into.With({"--exit-at-end"}));
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(into.HasEachOnce(20000));
}

TEST_CASE("Ctrl-C ends with 130, and the next run goes on where it ended") {
  const MockCluster cluster(2, 20000);
  const Into into(cluster, "orders:0-1", "offsetstore.batch.records=50\n");
  Running running(into.With({}));
  REQUIRE(Eventually([&] {
    return into.Ask("SELECT count(*) FROM sqlite_master WHERE name = 't'") == "1" &&
           into.Ask("SELECT count(*) FROM t") != "0";
  }));
  running.Signal(SIGINT);
  const Ran ran = running.Wait();
  INFO(ran.err);
  CHECK(ran.code == 130);
  CHECK(ran.err.empty());
  CHECK(Offsetctl(into.With({"--exit-at-end"})).code == 0);
  CHECK(into.HasEachOnce(20000));
}

TEST_CASE("a database that is taken away is told, and the run ends in an error when asked to") {
  const MockCluster cluster(1, 10);
  const Into into(cluster, "orders:0", "offsetstore.drain.timeout=500ms\n");
  Running running(into.With({}));
  REQUIRE(Eventually([&] {
    return into.Ask("SELECT count(*) FROM sqlite_master WHERE name = 't'") == "1" &&
           into.Ask("SELECT count(*) FROM t") == "10";
  }));
  for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(into.database + ending);
  cluster.Produce(10);
  REQUIRE(Eventually([&] { return running.Err().find("store down") != std::string::npos; }));
  running.Signal(SIGINT);
  const Ran ran = running.Wait();
  INFO(ran.err);
  CHECK(ran.code == 5);
  CHECK(ran.ErrHas("removed, renamed or replaced"));
}

TEST_CASE("a row that the table refuses ends the run; nothing of its batch is there") {
  const MockCluster cluster(1, 10);
  const Into into(cluster, "orders:0");
  into.Run(
      "CREATE TABLE t (topic TEXT, partition INT, \"offset\" INT CHECK (\"offset\" <> 5), "
      "timestamp INT, key, value, headers TEXT)");
  const Ran ran = Offsetctl(into.With({"--exit-at-end"}));
  INFO(ran.err);
  CHECK(ran.code == 9);
  CHECK(ran.ErrHas("orders[0] offset 5"));
  CHECK(ran.ErrHas("CHECK constraint failed"));
  CHECK(into.Ask("SELECT count(*) FROM t") == "0");
  CHECK(into.Ask("SELECT sum(position) FROM offsetstore_positions") == "0");
}

TEST_CASE("on a terminal a line tells count, rate and lag, and is gone at the end") {
  const MockCluster cluster(1, 10);
  const Into into(cluster, "orders:0");
  std::string command = OFFSETCTL;
  for (const std::string& word : into.With({})) command += " '" + word + "'";
  Running running({"/usr/bin/script", "-qec", "exec " + command, "/dev/null"});
  const std::regex line("\r\x1b\\[K10 records, [0-9]+/s, lag 0");
  REQUIRE_MESSAGE(Eventually([&] { return std::regex_search(running.Out(), line); }),
                  running.Out());
  running.Signal(SIGTERM);
  static_cast<void>(running.Wait());
}

}  // namespace
}  // namespace offsetstore::testing
