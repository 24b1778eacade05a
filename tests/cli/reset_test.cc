// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// reset, lag and get with several groups, where no cluster is needed: arguments, and a file store.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

using Json = nlohmann::json;

struct ResetStore {
  TempDir folder;
  std::string uri = "file://" + (folder / "store").string();
  ResetStore() {
    REQUIRE(Offsetctl({"set", uri, "pay", "orders:0=5", "orders:1=7", "--execute"}).code == 0);
    REQUIRE(Offsetctl({"set", uri, "ship", "orders:0=100", "--execute"}).code == 0);
  }
  [[nodiscard]] std::string File(const std::string& name, const std::string& text) const {
    std::string path = (folder / name.c_str()).string();
    WriteFile(path, text);
    return path;
  }
  [[nodiscard]] std::int64_t At(const std::string& group, const std::string& partition) const {
    const Ran ran = Offsetctl({"get", uri, group, "orders:" + partition, "--output", "json"});
    REQUIRE(ran.code == 0);
    const Json row = Json::parse(ran.out)["partitions"][0];
    return row["position"].is_null() ? -1 : row["position"].get<std::int64_t>();
  }
};

Ran Reset(const ResetStore& store, Words words) {
  words.insert(words.begin(), {"reset", store.uri});
  return Offsetctl(words);
}

TEST_CASE("reset shows what it would do, and does it with --execute") {
  const ResetStore store;
  const Ran shown = Reset(store, {"pay", "--shift-by", "-3"});
  CHECK(shown.code == 0);
  CHECK(shown.ErrHas("nothing was changed; add --execute"));
  CHECK(shown.OutHas("planned"));
  CHECK(shown.OutHas("not checked against the log"));
  CHECK(store.At("pay", "0") == 5);
  const Ran done = Reset(store, {"pay", "--shift-by", "-3", "--execute", "--output", "json"});
  CHECK(done.code == 0);
  const Json json = Json::parse(done.out);
  CHECK(json["executed"] == true);
  CHECK(json["changed"] == 2);
  CHECK(json["partitions"][1]["previous"] == 7);
  CHECK(json["partitions"][1]["position"] == 4);
  CHECK(json["partitions"][1]["outcome"] == "applied");
  CHECK(store.At("pay", "0") == 2);
  CHECK(store.At("ship", "0") == 100);
}

TEST_CASE("several groups at once: by name, by expression, from a file") {
  const ResetStore store;
  CHECK(Reset(store, {"--groups", "p.*|ship", "--to-offset", "3", "--execute"}).code == 0);
  CHECK(store.At("pay", "1") == 3);
  CHECK(store.At("ship", "0") == 3);
  const std::string list = store.File("groups", "\xEF\xBB\xBFship\r\n\nship\n");
  CHECK(Reset(store, {"--groups-from", list, "--to-offset", "4", "--execute"}).code == 0);
  CHECK(store.At("ship", "0") == 4);
  CHECK(store.At("pay", "0") == 3);
}

TEST_CASE("what cannot be done stops nothing else, and the exit code says partly") {
  const ResetStore store;
  const Ran ran =
      Reset(store, {"pay", "ship", "--topic", "orders:0,9", "--shift-by", "1", "--execute"});
  CHECK(ran.code == 3);
  CHECK(ran.ErrHas("2 of 4 cannot be done or failed: orders[9] of group 'pay'"));
  CHECK(ran.OutHas("has no position to start from"));
  CHECK(store.At("pay", "0") == 6);
  CHECK(store.At("ship", "0") == 101);
  CHECK(Reset(store, {"pay", "--topic", "orders:9", "--shift-by", "1"}).code == 2);
}

TEST_CASE("a reset to where it is changes nothing") {
  const ResetStore store;
  const Ran ran = Reset(store, {"ship", "--to-offset", "100", "--execute", "--output", "json"});
  CHECK(ran.code == 0);
  CHECK(Json::parse(ran.out)["changed"] == 0);
  CHECK(Json::parse(ran.out)["partitions"][0]["outcome"] == "unchanged");
}

TEST_CASE("another group takes what is reckoned from this one") {
  const ResetStore store;
  CHECK(Reset(store, {"pay", "--to-current", "--to-group", "copy", "--execute"}).code == 0);
  CHECK(store.At("copy", "1") == 7);
  CHECK(store.At("pay", "1") == 7);
  const Ran two = Reset(store, {"pay", "ship", "--to-current", "--to-group", "copy"});
  CHECK(two.code == 2);
  CHECK(two.ErrHas("--to-group takes the positions of one group"));
}

TEST_CASE("a file of kafka-consumer-groups says where") {
  const ResetStore store;
  const std::string one = store.File("one.csv", "orders,0,77\r\norders,1,78\r\n");
  CHECK(Reset(store, {"pay", "--from-file", one, "--execute"}).code == 0);
  CHECK(store.At("pay", "0") == 77);
  CHECK(store.At("pay", "1") == 78);
  const std::string two = store.File("two.csv", "pay,orders,0,1\nship,orders,0,2\n");
  CHECK(Reset(store, {"pay", "ship", "--from-file", two, "--execute"}).code == 0);
  CHECK(store.At("pay", "0") == 1);
  CHECK(store.At("ship", "0") == 2);
  const std::string all = store.File("all.csv", "pay,orders,0,3\nship,orders,0,4\n");
  CHECK(Reset(store, {"pay", "--from-file", all, "--execute"}).code == 0);
  CHECK(store.At("pay", "0") == 3);
  CHECK(store.At("ship", "0") == 2);
}

TEST_CASE("a file that is wrong changes nothing and says where") {
  const ResetStore store;
  for (const std::string text :
       {"orders,0\n", "orders,x,1\n", "orders,0,1e3\n", "a,b\x01\xff,,,\n"}) {
    CAPTURE(text);
    const Ran ran = Reset(store, {"pay", "--from-file", store.File("bad", text), "--execute"});
    CHECK(ran.code == 2);
    CHECK(IsOneComplaint(ran.err));
    CHECK(store.At("pay", "0") == 5);
  }
  CHECK(Reset(store, {"pay", "--from-file", "/no/such/file"}).code == 2);
}

TEST_CASE("exactly one target") {
  const ResetStore store;
  const Ran none = Reset(store, {"pay"});
  CHECK(none.code == 2);
  CHECK(none.ErrHas("where to? Give one of --to-earliest"));
  const Ran both = Reset(store, {"pay", "--to-offset", "1", "--shift-by", "2"});
  CHECK(both.code == 2);
  CHECK(both.ErrHas("more than one target"));
}

TEST_CASE("what is wrong is said before anything is opened") {
  const ResetStore store;
  const auto refuses = [&](const Words& words, const std::string& why) {
    CAPTURE(why);
    const Ran ran = Reset(store, words);
    CHECK(ran.code == 2);
    CHECK(ran.ErrHas(why));
    CHECK(IsOneComplaint(ran.err));
  };
  refuses({"--to-offset", "1"}, "no group: name one or more");
  refuses({"--groups", "pay(", "--to-offset", "1"}, "pay(");
  refuses({"--groups", "nobody.*", "--to-offset", "1"}, "no group matches: the store has 2");
  refuses({"--groups-from", "/no/such", "--to-offset", "1"}, "No such file");
  refuses({"--groups-from", store.File("empty", "\n\n"), "--to-offset", "1"}, "names no group");
  refuses({"pay", "--to-offset", "-1"}, "--to-offset");
  refuses({"pay", "--to-offset", "1e3"}, "--to-offset");
  refuses({"pay", "--shift-by", "+-1"}, "--shift-by");
  refuses({"pay", "--to-datetime", "tomorrow"}, "'tomorrow' is no time");
  refuses({"pay", "--by-duration", "P1M"}, "'P1M' is no duration");
  refuses({"pay", "--to-earliest"}, "name the cluster with --brokers");
  refuses({"pay", "--to-offset", "1", "--topic", "orders:2-1"}, "the range ends before it begins");
  refuses({"pay", "--to-offset", "1", "--topic", ":3"}, "no topic");
  refuses({"pay", "--to-earliest", "--config", "/no/such"}, "/no/such");
}

TEST_CASE("brokers that do not answer change nothing") {
  const ResetStore store;
  const Ran ran = Reset(
      store,
      {"pay", "--to-offset", "1", "--brokers", "127.0.0.1:1", "--timeout", "500ms", "--execute"});
  CHECK(ran.code == 5);
  CHECK(ran.ErrHas("127.0.0.1:1"));
  CHECK(store.At("pay", "0") == 5);
}

TEST_CASE("lag needs a cluster to ask") {
  const ResetStore store;
  const Ran ran = Offsetctl({"lag", store.uri, "pay"});
  CHECK(ran.code == 2);
  CHECK(ran.ErrHas("name the cluster with --brokers"));
  CHECK(Offsetctl({"lag", store.uri, "--brokers", "127.0.0.1:1"}).ErrHas("no group"));
  CHECK(Offsetctl({"lag", store.uri, "pay", "--sort", "size"}).code == 2);
}

TEST_CASE("get shows the groups that an expression means") {
  const ResetStore store;
  const Ran ran = Offsetctl({"get", store.uri, "--groups", "p.*|sh.*", "--output", "csv"});
  CHECK(ran.code == 0);
  CHECK(Lines(ran.out).size() == 4);
  CHECK(Lines(ran.out)[3].starts_with("ship,orders,0,100,stored"));
  const Ran one = Offsetctl({"get",
                             store.uri,
                             "--groups",
                             ".*",
                             "--topic",
                             "orders",
                             "--partitions",
                             "1",
                             "--output",
                             "csv"});
  CHECK(Lines(one.out)[1].starts_with("pay,orders,1,7,"));
  CHECK(Offsetctl({"get", store.uri}).ErrHas("GROUP is required, or"));
  CHECK(Offsetctl({"get", store.uri, "pay", "--groups", ".*"}).ErrHas("either GROUP or --groups"));
  CHECK(Offsetctl({"get", store.uri, "--groups", "pay"}).code == 0);
  CHECK(Offsetctl({"get", store.uri, "--groups", "pa"}).ErrHas("no group matches"));
  CHECK(Offsetctl({"get", store.uri, "--groups", "*"}).code == 2);
  CHECK(Offsetctl({"get", store.uri, "pay", "--sort", "lag"}).ErrHas("name the cluster"));
}

}  // namespace
}  // namespace offsetstore::testing
