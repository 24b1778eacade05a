// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <sqlite3.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

using Json = nlohmann::json;

struct Stores {
  TempDir folder;
  std::string a = "file://" + (folder / "a").string();
  std::string b = "sqlite://" + (folder / "b.db").string();

  [[nodiscard]] std::string Path(const char* name) const { return (folder / name).string(); }
};

void Set(const std::string& uri, const std::string& group, const Words& settings) {
  Words words = {"set", uri, group};
  words.insert(words.end(), settings.begin(), settings.end());
  words.push_back("--execute");
  REQUIRE(Offsetctl(words).code == 0);
}

std::string TextOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("export writes each format, of one group or several") {
  const Stores stores;
  Set(stores.a, "payments", {"orders:0=5", "orders:10=6"});
  CHECK(Offsetctl({"export", stores.a, "--as", "kafka-csv"}).out == "orders,0,5\norders,10,6\n");
  Set(stores.a, "bill, all", {"users:0=7"});
  CHECK(Offsetctl({"export", stores.a, "--as", "kafka-csv"}).out ==
        "\"bill, all\",users,0,7\npayments,orders,0,5\npayments,orders,10,6\n");
  const Ran zk = Offsetctl({"export", "--as", "zk", "--group", "pay.*", stores.a});
  CHECK(zk.code == 0);
  CHECK(zk.out ==
        "/consumers/payments/offsets/orders/0:5\n/consumers/payments/offsets/orders/10:6\n");
  const auto lines = Lines(Offsetctl({"export", stores.a, "--as", "json"}).out);
  REQUIRE(lines.size() == 5);
  CHECK(Json::parse(lines[0])["format"] == "offsetstore-positions");
  CHECK(Json::parse(lines[0])["store"]["scheme"] == "file");
  CHECK(Json::parse(lines[1])["group"] == "bill, all");
  CHECK(Json::parse(lines[3])["position"] == 6);
  CHECK(Json::parse(lines[4]) == Json{{"end", true}, {"rows", 3}});
}

TEST_CASE("export says once what a format has no room for") {
  const Stores stores;
  Set(stores.a, "pay:ments", {"orders:0=5", "orders:1=6"});
  const Ran zk = Offsetctl({"export", stores.a, "--as", "zk"});
  CHECK(zk.code == 0);
  CHECK(zk.out.starts_with("/consumers/pay%3Aments/offsets/orders/0:5\n"));
  CHECK(Lines(zk.err).size() == 1);
  CHECK(zk.ErrHas("written as our ZooKeeper store keeps them: 2 partitions whose names"));
  CHECK(Offsetctl({"export", stores.a, "--as", "json"}).err.empty());
  Set(stores.a, "pay\nments", {"orders:0=5"});
  const Ran csv = Offsetctl({"export", stores.a, "--as", "kafka-csv"});
  CHECK(csv.code == 3);
  CHECK(csv.out == "orders,0,5\norders,1,6\n");
  CHECK(csv.ErrHas("left out: 1 partition, since kafka-csv has no room"));
}

TEST_CASE(
    "export chooses by expressions, and one that is wrong or matches nothing writes nothing") {
  const Stores stores;
  const std::string path = stores.Path("out");
  Set(stores.a, "payments", {"orders:0=5", "test:0=1"});
  Set(stores.a, "old-payments", {"orders:0=6"});
  const Words base = {"export", stores.a, "--as", "kafka-csv", "--output-file", path};
  const auto with = [&](const Words& more) {
    Words words = base;
    words.insert(words.end(), more.begin(), more.end());
    return Offsetctl(words);
  };
  CHECK(with({"--group", ".*payments", "--exclude-group", "old-.*", "--exclude-topic", "test"})
            .code == 0);
  CHECK(TextOf(path) == "orders,0,5\n");
  const Ran wrong = with({"--group", "pay("});
  CHECK(wrong.code == 2);
  CHECK(wrong.ErrHas("the regular expression 'pay(' is wrong"));
  const Ran nothing = with({"--group", "pay"});
  CHECK(nothing.code == 2);
  CHECK(nothing.ErrHas("no group matches: the store has 2"));
  CHECK(with({"--topic", "none"}).ErrHas("no topic that was asked for; nothing was written"));
  CHECK(with({"--group", "payments", "--as", "xml"}).code == 2);
  CHECK(TextOf(path) == "orders,0,5\n");
  CHECK(Offsetctl({"export", "file://" + stores.Path("none"), "--as", "json"}).code == 2);
}

TEST_CASE("an export that cannot be written leaves what was there, and has its own code") {
  const Stores stores;
  Set(stores.a, "payments", {"orders:0=5"});
  const Ran full = Offsetctl({"export", stores.a, "--as", "json"}, "/dev/full");
  CHECK(full.code == 9);
  CHECK(Lines(full.err).size() == 1);
  const Ran folder =
      Offsetctl({"export", stores.a, "--as", "json", "--output-file", stores.Path("no/x")});
  CHECK(folder.code == 2);
  CHECK(folder.ErrHas("cannot be written: No such file or directory"));
}

TEST_CASE("partitions that cannot be read are named, and the exit code tells") {
  const Stores stores;
  Set(stores.b, "payments", {"orders:0=5", "orders:1=6"});
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(stores.Path("b.db").c_str(), &db) == SQLITE_OK);
  char* why = nullptr;
  sqlite3_exec(
      db, "UPDATE offsetstore_positions SET position = 'x' WHERE part = 0", nullptr, nullptr, &why);
  sqlite3_close(db);
  REQUIRE_MESSAGE(why == nullptr, std::string(why == nullptr ? "" : why));
  const Ran csv = Offsetctl({"export", stores.b, "--as", "kafka-csv"});
  CHECK(csv.code == 3);
  CHECK(csv.out == "orders,1,6\n");
  CHECK(csv.ErrHas("orders[0] of group 'payments'"));
  const Ran json = Offsetctl({"export", stores.b, "--as", "json"});
  CHECK(json.code == 3);
  CHECK(Json::parse(Lines(json.out)[1])["state"] == "unreadable");
}

TEST_CASE("diff of equal stores ends with 0, of different ones with 10, and shows by how much") {
  const Stores stores;
  Set(stores.a, "payments", {"orders:0=5", "orders:1=9"});
  Set(stores.b, "payments", {"orders:0=5", "orders:1=9"});
  const Ran equal = Offsetctl({"diff", stores.a, stores.b, "--output", "csv"});
  CHECK(equal.code == 0);
  CHECK(Lines(equal.out).size() == 1);
  CHECK(equal.ErrHas("2 equal, 0 a ahead"));
  CHECK(Lines(Offsetctl({"diff", stores.a, stores.b, "--all", "--output", "csv"}).out).size() == 3);
  Set(stores.b, "payments", {"orders:1=2"});
  Set(stores.b, "billing", {"orders:0=1"});
  const Ran differs = Offsetctl({"diff", stores.a, stores.b, "--output", "csv"});
  CHECK(differs.code == 10);
  CHECK(Lines(differs.out) == Words{"group,topic,partition,difference,a,b,by,group_b,topic_b,error",
                                    "payments,orders,1,a ahead,9,2,7,,,",
                                    "billing,orders,0,only in b,,1,,,,"});
  const Json json = Json::parse(
      Offsetctl({"diff", stores.b, stores.a, "--output", "json", "--group", "pay.*"}).out);
  CHECK(json["totals"]["b_ahead"] == 1);
  CHECK(json["totals"]["only_a"] == 0);
  CHECK(json["partitions"][0]["by"] == 7);
}

TEST_CASE("diff compares renamed groups and topics, and refuses a store with itself") {
  const Stores stores;
  Set(stores.a, "blue", {"orders:0=5"});
  Set(stores.a, "green", {"orders-v2:0=7"});
  CHECK(Offsetctl({"diff", stores.a, stores.a}).code == 2);
  CHECK(Offsetctl({"diff", stores.a, stores.a}).ErrHas("both are the same store"));
  const Ran ran = Offsetctl({"diff",
                             stores.a,
                             stores.a,
                             "--group",
                             "blue",
                             "--rename-group",
                             "blue=green",
                             "--rename-topic",
                             "orders=orders-v2",
                             "--output",
                             "csv"});
  CHECK(ran.code == 10);
  CHECK(Lines(ran.out).back() == "blue,orders,0,b ahead,5,7,2,green,orders-v2,");
  CHECK(Offsetctl({"diff", stores.a, stores.b, "--rename-group", "x"}).ErrHas("is not OLD=NEW"));
}

}  // namespace offsetstore::testing
