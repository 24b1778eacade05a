// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "eventually.h"
#include "migrate.h"

namespace offsetstore::testing {
namespace {

using Told = std::map<std::string, std::string>;
using Stored = std::map<std::string, std::int64_t>;

const Words kNow = {"--execute", "--yes", "--second-look", "0"};

void Write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("copy shows first, then does what migrate does") {
  const FileToSqlite moving;
  const Ran shown = moving.Run("copy", {moving.from, moving.to, "--group", "pay"});
  CHECK_MESSAGE(shown.code == 0, shown.err);
  CHECK(Migrating::Told(shown) ==
        Told{{"pay/orders/0", "write new"}, {"pay/orders/1", "write new"}});
  CHECK(Migrating::Stored(moving.to, "pay").empty());
  const Ran ran = moving.Run("copy", Joined({moving.from, moving.to}, kNow));
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(Migrating::Stored(moving.to, "pay") == Stored{{"orders/0", 5}, {"orders/1", 7}});
  CHECK(Migrating::Stored(moving.to, "bill") == Stored{{"orders/0", 9}});
}

TEST_CASE("copy within a store needs another name, and gives it") {
  const FileToSqlite moving;
  const Ran same = moving.Run("copy", Joined({moving.from, moving.from}, kNow));
  CHECK(same.code == 2);
  CHECK(same.ErrHas("--rename-group"));
  const Ran ran = moving.Run(
      "copy",
      Joined({moving.from, moving.from, "--group", "pay", "--rename-group", "pay=pay-green"},
             kNow));
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(Migrating::Stored(moving.from, "pay-green") == Stored{{"orders/0", 5}, {"orders/1", 7}});
  CHECK(Migrating::Stored(moving.from, "pay") == Stored{{"orders/0", 5}, {"orders/1", 7}});
}

TEST_CASE("rename gives positions and takes them from the old name") {
  const FileToSqlite moving;
  const Words words = {moving.from, "pay", "pay-v1"};
  const Ran shown = moving.Run("rename", words);
  CHECK(shown.code == 0);
  CHECK(shown.ErrHas("are removed"));
  CHECK(Migrating::Stored(moving.from, "pay-v1").empty());
  const Ran ran = moving.Run("rename", Joined(words, kNow));
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(nlohmann::json::parse(ran.out)["changed"] == 4);
  CHECK(Migrating::Stored(moving.from, "pay-v1") == Stored{{"orders/0", 5}, {"orders/1", 7}});
  CHECK(Migrating::Stored(moving.from, "pay").empty());
  CHECK(Migrating::Told(ran) ==
        Told{{"pay/orders/0", "written equal"}, {"pay/orders/1", "written equal"}});
  const Ran again = moving.Run("rename", Joined(words, kNow));
  CHECK(again.code == 2);
  CHECK(again.ErrHas("there is no group 'pay'"));
}

TEST_CASE("a target that keeps nothing is refused, also where it is only shown") {
  const FileToSqlite moving;
  const Words more[] = {{}, kNow};
  for (const Words& words : more) {
    const Ran copied = moving.Run("copy", Joined({moving.from, "memory:"}, words));
    CHECK(copied.code == 2);
    CHECK(copied.ErrHas("keeps nothing"));
    CHECK(moving.Run("rename", Joined({"memory:", "a", "b"}, words)).code == 2);
  }
}

TEST_CASE("rename goes on where it was interrupted after the copy") {
  const FileToSqlite moving;
  Migrating::Set(moving.from, "pay-v1", {"orders:0=5", "orders:1=7"});
  const Ran ran = moving.Run("rename", Joined({moving.from, "pay", "pay-v1"}, kNow));
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(Migrating::Stored(moving.from, "pay").empty());
}

TEST_CASE("rename to a group with other positions changes neither") {
  const FileToSqlite moving;
  Migrating::Set(moving.from, "pay-v1", {"orders:0=6"});
  const Ran ran = moving.Run("rename", Joined({moving.from, "pay", "pay-v1"}, kNow));
  CHECK(ran.code == 3);
  CHECK(ran.OutHas("target-has-one"));
  CHECK(ran.OutHas("offsetctl delete"));
  CHECK_FALSE(ran.OutHas("--on-conflict"));
  CHECK(Migrating::Stored(moving.from, "pay") == Stored{{"orders/0", 5}, {"orders/1", 7}});
  CHECK(Migrating::Stored(moving.from, "pay-v1") == Stored{{"orders/0", 6}, {"orders/1", 7}});
}

TEST_CASE("rename to the same name, or to none, is refused") {
  const FileToSqlite moving;
  CHECK(moving.Run("rename", Joined({moving.from, "pay", "pay"}, kNow)).code == 2);
  CHECK(moving.Run("rename", Joined({moving.from, "pay", ""}, kNow)).code == 2);
  CHECK(moving.Run("rename", Joined({moving.from, "pay"}, kNow)).code == 2);
}

TEST_CASE("a rename is taken back by rolling back its second plan, then its first") {
  const FileToSqlite moving;
  REQUIRE(moving.Run("rename", Joined({moving.from, "pay", "pay-v1"}, kNow)).code == 0);
  const auto changes = nlohmann::json::parse(moving.Run("history").out)["changes"];
  REQUIRE(changes.size() == 4);
  const std::string copied = changes.front()["plan"];
  const std::string removed = changes.back()["plan"];
  REQUIRE(copied != removed);
  for (const std::string& id : {removed, copied}) {
    const Ran back = moving.Run("rollback", Joined({id, "--to", moving.from}, kNow));
    CHECK_MESSAGE(back.code == 0, back.err);
  }
  CHECK(Migrating::Stored(moving.from, "pay") == Stored{{"orders/0", 5}, {"orders/1", 7}});
  CHECK(Migrating::Stored(moving.from, "pay-v1").empty());
}

TEST_CASE("the copy of a rename is not taken back while what it was copied from is gone") {
  const FileToSqlite moving;
  REQUIRE(moving.Run("rename", Joined({moving.from, "pay", "pay-v1"}, kNow)).code == 0);
  const auto changes = nlohmann::json::parse(moving.Run("history").out)["changes"];
  const std::string copied = changes.front()["plan"];
  const Ran back = moving.Run("rollback", Joined({copied, "--to", moving.from}, kNow));
  CHECK(back.code == 4);
  CHECK(back.OutHas("last copy"));
  CHECK(Migrating::Stored(moving.from, "pay-v1") == Stored{{"orders/0", 5}, {"orders/1", 7}});
}

TEST_CASE("migrate --follow keeps the target up to date until it is stopped, then reports") {
  const FileToSqlite moving;
  Words words = {"migrate", "--from", moving.from, "--to", moving.to, "--follow"};
  words = Joined(words, {"--interval", "20ms", "--sample-interval", "0", "--output", "json"});
  words = Joined(words, {"--state-dir", moving.State()});
  CHECK(Offsetctl(words).ErrHas("nothing was changed"));
  Running run(Joined(words, kNow));
  const auto holds = [&](std::int64_t position) {
    return Eventually(
        [&] { return run.Over() || Migrating::Stored(moving.to, "pay")["orders/0"] == position; });
  };
  CHECK(holds(5));
  Migrating::Set(moving.from, "pay", {"orders:0=9"});
  CHECK(holds(9));
  Migrating::Set(moving.from, "pay", {"orders:0=2"});
  CHECK(holds(2));
  CHECK_FALSE(run.Over());
  run.Signal(SIGINT);
  const Ran ran = run.Wait();
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(Migrating::Told(ran).at("pay/orders/0") == "kept equal");
  const std::string id = nlohmann::json::parse(ran.out)["plan"];
  const Words back = Joined({id, "--to", moving.to}, kNow);
  CHECK(moving.Run("rollback", back).code == 3);
  CHECK(moving.Run("rollback", Joined(back, {"--allow-moved"})).code == 0);
  CHECK(Migrating::Stored(moving.to, "pay").empty());
}

TEST_CASE("--follow and --plan-out exclude each other") {
  const FileToSqlite moving;
  const Ran ran = moving.Migrate({"--follow", "--plan-out", moving.Path("p")});
  CHECK(ran.code == 2);
  CHECK(ran.ErrHas("--follow"));
}

TEST_CASE("import writes what export wrote, and has nothing to do a second time") {
  const FileToSqlite moving;
  const std::string file = moving.Path("all.json");
  REQUIRE(Offsetctl({"export", moving.from, "--as", "json", "--output-file", file}).code == 0);
  const Ran shown = moving.Run("import", {file, "--to", moving.to});
  CHECK_MESSAGE(shown.code == 0, shown.err);
  CHECK(Migrating::Told(shown).size() == 3);
  CHECK(Migrating::Stored(moving.to, "pay").empty());
  const Ran ran = moving.Run("import", Joined({file, "--to", moving.to}, kNow));
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(Migrating::Stored(moving.to, "pay") == Stored{{"orders/0", 5}, {"orders/1", 7}});
  const Ran diff = Offsetctl({"diff", moving.from, moving.to, "--exclude-group", "other"});
  CHECK_MESSAGE(diff.code == 0, diff.out);
  const Ran again = moving.Run("import", Joined({file, "--to", moving.to}, kNow));
  CHECK(nlohmann::json::parse(again.out)["changed"] == 0);
}

TEST_CASE("a plan made from a file is applied with that file, and refused with another") {
  const FileToSqlite moving;
  const std::string file = moving.Path("pay.csv");
  Write(file, "pay,orders,0,12\n");
  const std::string plan = moving.Path("pay.plan");
  REQUIRE(moving.Run("import", {file, "--to", moving.to, "--plan-out", plan}).code == 0);
  const Words apply = Joined({plan, "--to", moving.to}, kNow);
  Write(file, "pay,orders,0,13\n");
  const Ran other = moving.Run("apply", Joined(apply, {"--from-file", file}));
  CHECK(other.code != 0);
  CHECK(Migrating::Stored(moving.to, "pay").empty());
  const Ran none = moving.Run("apply", apply);
  CHECK(none.code == 2);
  CHECK(none.ErrHas("--from-file"));
  Write(file, "pay,orders,0,12\n");
  const Ran ran = moving.Run("apply", Joined(apply, {"--from-file", file}));
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(Migrating::Stored(moving.to, "pay") == Stored{{"orders/0", 12}});
}

TEST_CASE("import reads librdkafka's folder, and names a group where none is named") {
  const FileToSqlite moving;
  const std::string folder = moving.Path("offsets");
  std::filesystem::create_directory(folder);
  Write(folder + "/orders-0.offset", "41\n");
  const Words words = {folder, "--from", "librdkafka-files", "--to", moving.to};
  const Ran unnamed = moving.Run("import", words);
  CHECK(unnamed.code == 2);
  const Ran ran = moving.Run("import", Joined(Joined(words, {"--file-group", "pay"}), kNow));
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(Migrating::Stored(moving.to, "pay") == Stored{{"orders/0", 41}});
}

TEST_CASE("a file that is wrong anywhere imports nothing") {
  const FileToSqlite moving;
  const std::string file = moving.Path("wrong");
  const std::map<std::string, std::string> wrong = {
      {"pay,orders,0,12\npay,orders,0,13\n", "stands in line 1 already"},
      {"pay,orders,0,12\npay,orders,1,x\n", "line 2"},
      {"", "empty"},
      {std::string("\x7f"
                   "ELF\0\1\2",
                   7),
       "wrong"}};
  for (const auto& one : wrong) {
    Write(file, one.first);
    const Ran ran = moving.Run("import", Joined({file, "--to", moving.to}, kNow));
    CAPTURE(ran.err);
    CHECK(ran.code == 2);
    CHECK(ran.ErrHas(one.second));
    CHECK(Migrating::Stored(moving.to, "pay").empty());
  }
  const Ran missing = moving.Run("import", Joined({moving.Path("none"), "--to", moving.to}, kNow));
  CHECK(missing.code == 2);
  const Ran format = moving.Run("import", {file, "--to", moving.to, "--from", "xml"});
  CHECK(format.code == 2);
}

}  // namespace offsetstore::testing
