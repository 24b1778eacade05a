// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// offsetctl doctor and offsetctl schema, on stores without a server.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

using Json = nlohmann::json;

struct Store {
  TempDir folder;
  std::filesystem::path path;
  std::string uri;
  explicit Store(const std::string& scheme)
      : path(folder / (scheme == "file" ? "store" : "store.db")),
        uri(scheme + "://" + path.string()) {}
  void Fill() const {
    REQUIRE(Offsetctl({"set", uri, "payments", "orders:0=5", "--execute"}).code == 0);
  }
};

struct Doctored {
  int code;
  Json json;

  [[nodiscard]] Json Check(const std::string& name) const {
    for (const Json& row : json["checks"]) {
      if (row["check"] == name) return row;
    }
    return {{"result", "none"}, {"detail", ""}};
  }
  [[nodiscard]] std::string ResultOf(const std::string& name) const {
    return Check(name)["result"];
  }
};

Doctored Doctor(const std::string& uri, const Words& more = {}) {
  Words words = {"doctor", uri, "--output", "json"};
  words.insert(words.end(), more.begin(), more.end());
  const Ran ran = Offsetctl(words);
  INFO(ran.err);
  REQUIRE_FALSE(ran.out.empty());
  return {ran.code, Json::parse(ran.out)};
}

/// Every path below `folder` with what it holds.
std::map<std::string, std::string> Everything(const std::filesystem::path& folder) {
  std::map<std::string, std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    found.emplace(entry.path().string(), ReadFile(entry.path()));
  }
  return found;
}

/// Gives `folder` and all folders below it one mode, and all files another.
void Allow(const std::filesystem::path& folder, int folders, int files) {
  using std::filesystem::perms;
  std::filesystem::permissions(folder, perms(0700));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    std::filesystem::permissions(entry.path(), perms(entry.is_directory() ? folders : files));
  }
  std::filesystem::permissions(folder, perms(folders));
}

TEST_CASE("a healthy store ends with 0, says its guarantee, and stays as it is") {
  for (const std::string scheme : {"file", "sqlite"}) {
    CAPTURE(scheme);
    const Store store(scheme);
    store.Fill();
    const auto before = Everything(store.folder.path());
    const Doctored doctored = Doctor(store.uri);
    CHECK(doctored.code == 0);
    CHECK(doctored.json["healthy"] == true);
    CHECK(doctored.json["stores"][0]["scheme"] == scheme);
    for (const std::string check : {"connection", "version", "rights", "disk", "durability"}) {
      CAPTURE(check);
      CHECK(doctored.ResultOf(check) == "ok");
    }
    const std::string guarantee = doctored.Check("guarantee")["detail"];
    CHECK(guarantee.find("at least once") != std::string::npos);
    CHECK(guarantee.find("loss of power") != std::string::npos);
    CHECK(Everything(store.folder.path()) == before);
  }
}

TEST_CASE("a store that is not there is not made, whatever the URI says") {
  for (const std::string scheme : {"file", "sqlite"}) {
    for (const std::string keys : {"", "?create=true"}) {
      CAPTURE(scheme + keys);
      const Store store(scheme);
      const Doctored doctored = Doctor(store.uri + keys);
      CHECK(doctored.code == 2);
      CHECK(doctored.json["healthy"] == false);
      CHECK(doctored.ResultOf("configuration") == "failed");
      CHECK(Everything(store.folder.path()).empty());
    }
  }
}

TEST_CASE("a space that is not there is not made") {
  const Store store("file");
  store.Fill();
  const auto before = Everything(store.folder.path());
  CHECK(Doctor(store.uri + "?space=typo").code == 0);
  CHECK(Everything(store.folder.path()) == before);
}

TEST_CASE("durability below what is asked for ends with 6") {
  const Store store("file");
  store.Fill();
  const std::string uri = store.uri + "?sync=interval";
  const Doctored below = Doctor(uri);
  CHECK(below.code == 6);
  CHECK(below.ResultOf("durability") == "failed");
  CHECK(below.Check("durability")["advice"].get<std::string>().find("--durability process-crash") !=
        std::string::npos);
  CHECK(Doctor(uri, {"--durability", "process-crash"}).code == 0);
  CHECK(Doctor(store.uri, {"--durability", "replica-loss"}).code == 6);
  CHECK(Doctor("memory:").code == 6);
  CHECK(Doctor("memory:", {"--durability", "process"}).code == 0);
  CHECK(Offsetctl({"doctor", "memory:", "--durability", "eternal"}).code == 2);
}

TEST_CASE("a store that may be read and not written ends with 8") {
  for (const std::string scheme : {"file", "sqlite"}) {
    CAPTURE(scheme);
    const Store store(scheme);
    store.Fill();
    Allow(store.folder.path(), 0555, 0444);
    Words words = {"doctor", store.uri, "--output", "json"};
    if (::geteuid() == 0) {
      const Words as_nobody = {
          "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", OFFSETCTL};
      words.insert(words.begin(), as_nobody.begin(), as_nobody.end());
    }
    const Ran ran = Offsetctl(words);
    INFO(ran.err);
    Allow(store.folder.path(), 0700, 0600);
    CHECK(ran.code == 8);
    const Doctored doctored{ran.code, Json::parse(ran.out)};
    CHECK(doctored.ResultOf("rights") == "failed");
  }
}

TEST_CASE("a table shows the advice on a line of its own, CSV in a column") {
  const Ran table = Offsetctl({"doctor", "memory:"});
  const auto lines = Lines(table.out);
  REQUIRE(lines.size() == 5);
  CHECK(lines[0].rfind("CHECK", 0) == 0);
  CHECK(lines[2].rfind("durability  failed", 0) == 0);
  CHECK(lines[3].find("-> make it survive power-loss") != std::string::npos);
  CHECK(lines[4].rfind("guarantee   ok", 0) == 0);
  CHECK(IsOneComplaint(table.err));
  CHECK(Lines(Offsetctl({"doctor", "memory:", "--output", "csv"}).out)[0] ==
        "check,result,detail,advice,store");
}

TEST_CASE("both stores of a dual are looked at") {
  const Store primary("file");
  const Store secondary("sqlite");
  primary.Fill();
  const std::string dual = "dual:?primary=" + primary.uri + "&secondary=" + secondary.uri;
  const Doctored half = Doctor(dual);
  CHECK(half.code == 2);
  CHECK(half.Check("configuration")["store"] == "secondary");
  CHECK(half.Check("connection")["store"] == "primary");
  CHECK_FALSE(std::filesystem::exists(secondary.path));
  secondary.Fill();
  CHECK(Doctor(dual).code == 0);
  CHECK(Doctor(dual).json["stores"].size() == 2);
}

TEST_CASE("a server that is not there ends with 5") {
  // The discard port: nobody listens.
  const Doctored doctored = Doctor("redis://127.0.0.1:9/0", {"--timeout", "2s"});
  CHECK(doctored.code == 5);
  CHECK(doctored.ResultOf("connection") == "failed");
}

TEST_CASE("a URI that is wrong is one line and ends with 2") {
  for (const std::string uri : {"nosuch:", "dual:?primary=memory:", "no uri"}) {
    CAPTURE(uri);
    const Ran ran = Offsetctl({"doctor", uri});
    CHECK(ran.code == 2);
    CHECK(IsOneComplaint(ran.err));
  }
}

TEST_CASE("schema prints what makes a store, and makes none") {
  const Store store("sqlite");
  const Ran first = Offsetctl({"schema", store.uri});
  CHECK(first.code == 0);
  CHECK(first.OutHas("CREATE TABLE main.offsetstore_positions"));
  CHECK(first.OutHas("COMMIT;\n"));
  CHECK_FALSE(std::filesystem::exists(store.path));
  CHECK(Offsetctl({"schema", store.uri}).out != first.out);
  const Ran postgres = Offsetctl({"schema", "postgresql://db/app?schema=kafka&table=pos"});
  CHECK(postgres.code == 0);
  CHECK(postgres.OutHas("CREATE TABLE \"kafka\".\"pos_positions\""));
}

TEST_CASE("schema says so where there is none") {
  for (const std::string uri : {"memory:", "file:///var/lib/none", "redis://db", "kafka://b"}) {
    CAPTURE(uri);
    const Ran ran = Offsetctl({"schema", uri});
    CHECK(ran.code == 1);
    CHECK(ran.out.empty());
    CHECK(IsOneComplaint(ran.err));
    CHECK(ran.ErrHas("has no schema"));
  }
  CHECK(Offsetctl({"schema", "dual:?primary=memory:&secondary=memory:"}).code == 2);
  CHECK(Offsetctl({"schema", "nosuch:"}).code == 2);
  CHECK(Offsetctl({"schema", "postgresql://db/app?schema=Bad"}).code == 2);
}

}  // namespace
}  // namespace offsetstore::testing
