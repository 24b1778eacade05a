// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

using Json = nlohmann::json;

struct ReadStore {
  TempDir folder;
  std::string uri;
  explicit ReadStore(const std::string& scheme)
      : uri(scheme + "://" + (folder / (scheme == "file" ? "store" : "store.db")).string()) {
    REQUIRE(Offsetctl({"set",
                       uri,
                       "payments",
                       "orders:0=5",
                       "orders:1=9223372036854775807",
                       "orders:10=0",
                       "users:0=9007199254740993",
                       "--execute"})
                .code == 0);
    REQUIRE(Offsetctl({"set", uri, "a,b \"c\"", "eu:x/y %=z:2=3", "--execute"}).code == 0);
  }
};

Json Got(const Words& words) {
  Words all = words;
  all.insert(all.end(), {"--output", "json"});
  const Ran ran = Offsetctl(all);
  REQUIRE(ran.code == 0);
  return Json::parse(ran.out);
}

TEST_CASE("groups are listed in every form") {
  for (const std::string scheme : {"file", "sqlite"}) {
    const ReadStore store(scheme);
    CHECK(Offsetctl({"groups", store.uri}).out == "GROUP\na,b \"c\"\npayments\n");
    CHECK(Offsetctl({"groups", store.uri, "--output", "csv"}).out ==
          "group\n\"a,b \"\"c\"\"\"\npayments\n");
    const Json json = Got({"groups", store.uri});
    CHECK(json["store"]["scheme"] == scheme);
    CHECK(json["groups"][1]["group"] == "payments");
  }
}

TEST_CASE("get shows all of a group, one topic, or single partitions, in order") {
  const ReadStore store("file");
  const Json all = Got({"get", store.uri, "payments"})["partitions"];
  REQUIRE(all.size() == 4);
  CHECK(all[1]["position"].get<std::int64_t>() == 9223372036854775807);
  CHECK(all[2]["partition"] == 10);
  CHECK(all[2]["position"] == 0);
  CHECK(all[3]["position"].get<std::int64_t>() == 9007199254740993);
  CHECK(Got({"get", store.uri, "payments", "users"})["partitions"].size() == 1);
  const Json some = Got({"get", store.uri, "payments", "orders:0-2,10"})["partitions"];
  REQUIRE(some.size() == 4);
  CHECK(some[2]["state"] == "absent");
  CHECK(some[2]["position"].is_null());
  CHECK(some[3]["state"] == "stored");
}

TEST_CASE("CSV begins with group, topic, partition and position") {
  const ReadStore store("sqlite");
  const auto lines =
      Lines(Offsetctl({"get", store.uri, "payments", "orders:1,3", "--output", "csv"}).out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].rfind("group,topic,partition,position,", 0) == 0);
  CHECK(lines[1].rfind("payments,orders,1,9223372036854775807,stored,", 0) == 0);
  CHECK(lines[2].rfind("payments,orders,3,,absent,", 0) == 0);
}

TEST_CASE("odd names come back as they went in") {
  const ReadStore store("file");
  const Json json = Got({"get", store.uri, "a,b \"c\""})["partitions"];
  REQUIRE(json.size() == 1);
  CHECK(json[0]["topic"] == "eu:x/y %=z");
  CHECK(json[0]["partition"] == 2);
  CHECK(Got({"get", store.uri, "a,b \"c\"", "eu:x/y %=z:2"})["partitions"][0]["position"] == 3);
  CHECK(Got({"get", store.uri, "a,b \"c\"", "eu:x/y %=z"})["partitions"].size() == 1);
}

TEST_CASE("names that look like something else to a command line are names") {
  const TempDir folder;
  const std::string uri = "file://" + (folder / "store").string();
  for (const std::string name : {"stores",
                                 "get",
                                 "{}",
                                 "%%",
                                 "[a,b]",
                                 "ü n\xc3\xaf",
                                 "a:1",
                                 "true",
                                 "..",
                                 "set",
                                 "",
                                 "'quoted'",
                                 "\\"}) {
    CAPTURE(name);
    REQUIRE(Offsetctl({"set", uri, name, name + ":7=5", "--execute"}).code == 0);
    const Json json = Got({"get", uri, name, "--topic", name, "--partitions", "7"})["partitions"];
    REQUIRE(json.size() == 1);
    CHECK(json[0]["group"] == name);
    CHECK(json[0]["topic"] == name);
    CHECK(json[0]["position"] == 5);
  }
  REQUIRE(Offsetctl({"set", uri, "--execute", "--", "--help", "--topic:0=1"}).code == 0);
  CHECK(Offsetctl({"get", uri, "--output=csv", "--", "--help"}).OutHas("\n--help,--topic,0,1,"));
}

TEST_CASE("control characters cannot forge a table's line") {
  const TempDir folder;
  const std::string uri = "file://" + (folder / "store").string();
  REQUIRE(Offsetctl({"set", uri, "g", "a\nb\x1b[2J:0=1", "--execute"}).code == 0);
  const Ran ran = Offsetctl({"get", uri, "g"});
  CHECK(Lines(ran.out).size() == 2);
  CHECK_FALSE(ran.OutHas("\x1b"));
}

TEST_CASE("an unknown group is empty, with a note, and reading creates nothing") {
  const ReadStore store("file");
  const Ran ran = Offsetctl({"get", store.uri, "nobody", "--output", "csv"});
  CHECK(ran.code == 0);
  CHECK(Lines(ran.out).size() == 1);
  CHECK(ran.ErrHas("nothing is stored"));
  CHECK(Got({"groups", store.uri})["groups"].size() == 2);
}

TEST_CASE("two spaces of one store do not see each other") {
  const ReadStore store("file");
  REQUIRE(
      Offsetctl({"set", store.uri + "?space=eu", "payments", "orders:0=77", "--execute"}).code ==
      0);
  CHECK(Got({"get", store.uri + "?space=eu", "payments"})["partitions"].size() == 1);
  CHECK(Got({"get", store.uri, "payments", "orders:0"})["partitions"][0]["position"] == 5);
}

}  // namespace
}  // namespace offsetstore::testing
