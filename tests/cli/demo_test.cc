// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "eventually.h"
#include "into.h"
#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

bool HasDemoFolder(const std::filesystem::path& tmp) {
  for (const auto& entry : std::filesystem::directory_iterator(tmp)) {
    if (entry.path().filename().string().rfind("offsetctl-demo.", 0) == 0) return true;
  }
  return false;
}

TEST_CASE("the demo kills, counts, and loses nothing") {
  const Ran ran = Offsetctl({"demo", "--records", "2000", "--kills", "3", "--seed", "7"});
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.err.empty());
  REQUIRE_FALSE(ran.out.empty());
  CHECK(std::regex_match(Lines(ran.out).back(),
                         std::regex("lost 0, repeated [0-9]+ \\(bound 768\\)")));
  CHECK(ran.OutHas("mock cluster"));
  CHECK(ran.OutHas("--seed 7"));
  CHECK(ran.OutHas("enable.auto.commit=true"));
  CHECK(ran.OutHas("offsetstore.uri=sqlite:"));
}

TEST_CASE("the demo's JSON holds both rows, and every kill hit a running consumer") {
  const TempDir folder;
  const std::string uri = "file://" + (folder / "store").string();
  const Ran ran = Offsetctl({"demo",
                             "--records",
                             "2000",
                             "--kills",
                             "3",
                             "--seed",
                             "8",
                             "--store",
                             uri,
                             "--output",
                             "json"});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto json = nlohmann::json::parse(ran.out);
  CHECK(json["holds"] == true);
  CHECK(json["seed"] == 8);
  CHECK(json["store"] == uri);
  REQUIRE(json["consumers"].size() == 2);
  const auto& store = json["consumers"][1];
  CHECK(store["lost"] == 0);
  CHECK(store["kills"] == 3);
  CHECK(store["processed"].get<int>() == 2000 + store["repeated"].get<int>());
  CHECK(store["repeated"] <= store["bound"]);
  CHECK(Offsetctl({"groups", uri, "--output", "csv"}).out == "group\n");
}

/// What the demo's JSON says of its consumer with a store.
nlohmann::json StoreRow(const std::string& delivery, const Words& more = {}) {
  Words words = {"demo",
                 "--records",
                 "1000",
                 "--kills",
                 "2",
                 "--seed",
                 "7",
                 "--delivery",
                 delivery,
                 "--output",
                 "json"};
  words.insert(words.end(), more.begin(), more.end());
  const Ran ran = Offsetctl(words);
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto json = nlohmann::json::parse(ran.out);
  CHECK(json["delivery"] == delivery);
  CHECK(json["holds"] == true);
  CHECK(json["consumers"][1]["kills"] == 2);
  return json["consumers"][1];
}

TEST_CASE("at most once the demo repeats nothing, and loses no more than its bound") {
  const auto row = StoreRow("at-most-once");
  CHECK(row["repeated"] == 0);
  CHECK(row["lost"] <= row["bound"]);
  CHECK(row["bound"] == 2 * 64);
  CHECK(row["processed"].get<int>() + row["lost"].get<int>() == 1000);
}

TEST_CASE("exactly once the demo loses and repeats nothing, and takes its table away") {
  const TempDir folder;
  const std::string uri = "sqlite://" + (folder / "offsets.db").string();
  const auto row = StoreRow("exactly-once", {"--store", uri});
  CHECK(row["repeated"] == 0);
  CHECK(row["lost"] == 0);
  CHECK(row["bound"] == 0);
  CHECK(row["processed"] == 1000);
  CHECK(AskSqlite((folder / "offsets.db").string(),
                  "SELECT count(*) FROM sqlite_master WHERE name LIKE '%demo%'") == "0");
  CHECK(Offsetctl({"groups", uri, "--output", "csv"}).out == "group\n");
}

TEST_CASE("a store that a kill would lose is refused, as is a number of records that cannot work") {
  CHECK(Offsetctl({"demo", "--store", "memory:"}).code == 2);
  CHECK(Offsetctl({"demo", "--records", "50", "--kills", "20"}).code == 2);
  CHECK(Offsetctl({"demo", "--records", "500000"}).code == 2);
  CHECK(Offsetctl({"demo", "--store", "gopher://x"}).code == 2);
  CHECK(Offsetctl({"demo", "--delivery", "twice"}).code == 2);
  const Ran elsewhere =
      Offsetctl({"demo", "--delivery", "exactly-once", "--store", "file:///tmp/x"});
  CHECK(elsewhere.code == 2);
  CHECK(elsewhere.ErrHas("--store sqlite:///PATH"));
  CHECK(Offsetctl({"demo", "--brokers", "127.0.0.1:1", "--records", "100", "--kills", "1"}).code ==
        5);
}

TEST_CASE("Ctrl-C ends the demo and takes everything away with it") {
  const TempDir folder;
  ::setenv("TMPDIR", folder.path().c_str(), 1);
  Running running({"demo", "--records", "100000", "--kills", "2"});
  REQUIRE(Eventually(
      [&] { return running.Out().find("offsetstore, at-least-once:") != std::string::npos; }));
  CHECK(HasDemoFolder(folder.path()));
  running.Signal(SIGINT);
  const Ran ran = running.Wait();
  CHECK(ran.code == 130);
  CHECK_FALSE(HasDemoFolder(folder.path()));
  ::unsetenv("TMPDIR");
}

}  // namespace
}  // namespace offsetstore::testing
