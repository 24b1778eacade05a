// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <utility>

namespace offsetstore::testing {
namespace {

using Told = std::map<std::string, std::string>;
using Stored = std::map<std::string, std::int64_t>;

/// With a plan of it all.
struct Planned : FileToSqlite {
  [[nodiscard]] std::string Saved() const {
    std::string plan = Path("saved.plan");
    const Ran ran = Migrate({"--plan-out", plan});
    REQUIRE_MESSAGE(ran.code == 0, ran.err);
    return plan;
  }
  [[nodiscard]] Ran Apply(const std::string& plan, const Words& more = {}) const {
    Words words = {plan, "--from", from, "--to", to, "--execute", "--yes", "--second-look", "0"};
    words.insert(words.end(), more.begin(), more.end());
    return Run("apply", words);
  }
};

TEST_CASE("migrate shows old and new and changes nothing without --execute") {
  const Planned moving;
  const Ran ran = moving.Migrate();
  CHECK(ran.code == 0);
  CHECK(Migrating::Told(ran) == Told{{"bill/orders/0", "write new"},
                                     {"pay/orders/0", "write new"},
                                     {"pay/orders/1", "write new"}});
  CHECK(ran.ErrHas("nothing was changed"));
  const auto json = nlohmann::json::parse(ran.out);
  CHECK(json["changed"] == 0);
  CHECK(json["planned"] == 3);
  CHECK(json["kept"] == 0);
  CHECK(Migrating::Stored(moving.to, "pay").empty());
  CHECK_FALSE(std::filesystem::exists(moving.State()));
}

TEST_CASE("migrate --execute moves, again has nothing to do, and rollback takes it back") {
  const Planned moving;
  FileToSqlite::Set(moving.to, "pay", {"orders:0=3"});
  const Ran ran = moving.Execute({"--on-conflict", "max"});
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(Migrating::Told(ran)["pay/orders/0"] == "written ahead");
  const auto json = nlohmann::json::parse(ran.out);
  CHECK(json["changed"] == 3);
  CHECK(Migrating::Stored(moving.to, "pay") == Stored{{"orders/0", 5}, {"orders/1", 7}});

  const Ran again = moving.Execute();
  CHECK(again.code == 0);
  CHECK(nlohmann::json::parse(again.out)["changed"] == 0);

  const std::string id = json["plan"];
  const Words back = {id, "--to", moving.to, "--execute", "--yes", "--second-look", "0"};
  const Ran rolled = moving.Run("rollback", back);
  CHECK_MESSAGE(rolled.code == 0, rolled.err);
  CHECK(Migrating::Stored(moving.to, "pay") == Stored{{"orders/0", 3}});
  CHECK(Migrating::Stored(moving.to, "bill").empty());

  const Ran history = moving.Run("history");
  CHECK(history.code == 0);
  CHECK(nlohmann::json::parse(history.out)["changes"].size() == 6);
  const Ran one = moving.Run("history", {id});
  CHECK(nlohmann::json::parse(one.out)["changes"].size() == 3);
}

TEST_CASE("a plan is reviewed, applied, verified") {
  const Planned moving;
  const std::string plan = moving.Saved();
  const Ran shown = moving.Run("apply", {plan, "--to", moving.to});
  CHECK(shown.code == 0);
  CHECK(Migrating::Told(shown)["pay/orders/1"] == "write new");
  const Ran early = moving.Run("verify", {plan, "--to", moving.to});
  CHECK(early.code == 6);
  const Ran ran = moving.Apply(plan);
  CHECK_MESSAGE(ran.code == 0, ran.err);
  const Ran verified = moving.Run("verify", {plan, "--to", moving.to});
  CHECK(verified.code == 0);
  FileToSqlite::Set(moving.to, "pay", {"orders:1=8"});
  const Ran late = moving.Run("verify", {plan, "--to", moving.to});
  CHECK(late.code == 6);
  CHECK(late.OutHas("stored is 8"));
}

TEST_CASE(
    "apply refuses what moved since the plan, partition by partition, and says so by its code") {
  const Planned moving;
  const std::string plan = moving.Saved();
  FileToSqlite::Set(moving.from, "pay", {"orders:0=6"});
  const Ran ran = moving.Apply(plan);
  CHECK(ran.code == 3);
  CHECK(Migrating::Told(ran)["pay/orders/0"] == "refused moved");
  CHECK(Migrating::Stored(moving.to, "pay") == Stored{{"orders/1", 7}});
}

TEST_CASE("everything refused is code 4") {
  const Planned moving;
  for (const char* group : {"pay", "bill"})
    FileToSqlite::Set(moving.to, group, {"orders:0=1", "orders:1=1"});
  const Ran ran = moving.Execute();
  CHECK(ran.code == 4);
  CHECK(ran.OutHas("target-has-one"));
}

TEST_CASE("groups and topics are chosen by expressions and renamed") {
  const Planned moving;
  FileToSqlite::Set(moving.from, "pay", {"audit:0=11"});
  const Ran ran = moving.Execute({"--group",
                                  "p.*",
                                  "--exclude-topic",
                                  "aud.*",
                                  "--rename-group",
                                  "pay=pay-v2",
                                  "--rename-topic",
                                  "orders=orders-v2"});
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(Migrating::Stored(moving.to, "pay-v2") == Stored{{"orders-v2/0", 5}, {"orders-v2/1", 7}});
  CHECK(Migrating::Stored(moving.to, "bill").empty());
}

TEST_CASE("without a terminal and without --yes nothing is changed") {
  const Planned moving;
  const Ran ran = moving.Migrate({"--execute"});
  CHECK(ran.code == 2);
  CHECK(ran.ErrHas("--yes"));
  CHECK(Migrating::Stored(moving.to, "pay").empty());
}

TEST_CASE("wrong words of migrate are code 2, name what is wrong, and change nothing") {
  const Planned moving;
  const std::map<std::string, Words> wrong = {
      {"--group", {"--group", "("}},
      {"OLD=NEW", {"--rename-group", "pay"}},
      {"'pay=' is not", {"--rename-group", "pay="}},
      {"'=pay' is not", {"--rename-topic", "=pay"}},
      {"given two new names", {"--rename-topic", "a=b", "--rename-topic", "a=c"}},
      {"--newer-than", {"--newer-than", "soon"}},
      {"--on-conflict", {"--on-conflict", "perhaps"}},
      {"would become", {"--rename-group", "pay=bill"}},
      {"--sample-interval", {"--sample-interval", "1"}},
      {"no group matches", {"--group", "nobody"}},
      {"no topic matches", {"--topic", "order"}},
      {"no group 'payment'", {"--rename-group", "payment=pay-v2"}},
      {"no topic 'order'", {"--rename-topic", "order=orders-v2"}},
  };
  for (const auto& one : wrong) {
    const Ran ran = moving.Execute(one.second);
    CAPTURE(one.first);
    CHECK(ran.code == 2);
    CHECK_MESSAGE(ran.ErrHas(one.first), ran.err);
  }
  CHECK(Migrating::Stored(moving.to, "pay").empty());
}

TEST_CASE("both URIs the same, and an empty source") {
  Planned moving;
  const std::string source = std::exchange(moving.from, "file://" + moving.Path("empty"));
  FileToSqlite::Set(moving.from, "gone", {"orders:0=1"});
  REQUIRE(Offsetctl({"delete", moving.from, "gone", "--execute"}).code == 0);
  const Ran empty = moving.Execute();
  CHECK(empty.code == 2);
  CHECK(empty.ErrHas("no groups"));
  moving.from = source;
  moving.to = moving.from;
  const Ran same = moving.Execute();
  CHECK(same.code == 2);
  CHECK(same.ErrHas("same store"));
}

TEST_CASE("a copy of a store's folder is another store: compared, and moved back from") {
  Planned moving;
  const std::string backup = moving.Path("backup");
  std::filesystem::copy(moving.from.substr(std::string("file://").size()),
                        backup,
                        std::filesystem::copy_options::recursive);
  moving.to = std::exchange(moving.from, "file://" + backup);
  FileToSqlite::Set(moving.to, "pay", {"orders:0=1"});
  CHECK(Offsetctl({"diff", moving.from, moving.to}).code == 10);
  const Ran ran = moving.Execute({"--on-conflict", "max"});
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(Migrating::Stored(moving.to, "pay")["orders/0"] == 5);
}

TEST_CASE("a plan that was taken back is not applied again") {
  const Planned moving;
  const std::string plan = moving.Saved();
  const Ran applied = moving.Apply(plan);
  REQUIRE(applied.code == 0);
  const std::string id = nlohmann::json::parse(applied.out)["plan"];
  const Ran back =
      moving.Run("rollback", {id, "--to", moving.to, "--execute", "--yes", "--second-look", "0"});
  REQUIRE_MESSAGE(back.code == 0, back.err);
  const Ran again = moving.Apply(plan);
  CHECK(again.code == 2);
  CHECK_MESSAGE(again.ErrHas("taken back"), again.err);
  CHECK(Migrating::Stored(moving.to, "pay").empty());
}

TEST_CASE("a run that wrote nothing shows no way back") {
  const Planned moving;
  const Ran first = moving.Execute();
  CHECK(first.ErrHas("to take it back: offsetctl rollback"));
  CHECK(first.ErrHas("--execute"));
  const Ran again = moving.Execute();
  CHECK(again.code == 0);
  CHECK_FALSE(again.ErrHas("take it back"));
}

TEST_CASE("history makes no folder, and names a run that it does not know") {
  const Planned moving;
  const Ran none = moving.Run("history");
  CHECK(none.code == 2);
  CHECK(none.ErrHas("--state-dir"));
  CHECK_FALSE(std::filesystem::exists(moving.State()));
  REQUIRE(moving.Execute().code == 0);
  const Ran typo = moving.Run("history", {"0123"});
  CHECK(typo.code == 2);
  CHECK(typo.ErrHas("'0123'"));
}

TEST_CASE("plan files that were edited, cut, or are another store's are refused whole") {
  Planned moving;
  const std::string plan = moving.Saved();
  std::ifstream file(plan, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto rewrite = [&](const std::string& changed) {
    std::ofstream(plan, std::ios::binary | std::ios::trunc) << changed;
  };
  SUBCASE("edited") {
    std::string changed = text;
    changed.replace(changed.find("\"position\":5"), 12, "\"position\":6");
    rewrite(changed);
  }
  SUBCASE("cut") {
    rewrite(text.substr(0, text.size() / 2));
  }
  SUBCASE("not a plan") {
    rewrite("topic,0,5\n");
  }
  SUBCASE("another target") {
    moving.to = "sqlite://" + moving.Path("third.db");
    FileToSqlite::Set(moving.to, "other", {"orders:0=1"});
  }
  const Ran ran = moving.Apply(plan);
  CHECK(ran.code != 0);
  CHECK(IsOneComplaint(ran.err));
  CHECK(Migrating::Stored(moving.to, "pay").empty());
}

TEST_CASE("a plan is never overwritten") {
  const Planned moving;
  const std::string plan = moving.Saved();
  const Ran ran = moving.Migrate({"--plan-out", plan});
  CHECK(ran.code == 2);
  CHECK(ran.ErrHas("exists already"));
}

TEST_CASE("a state folder that cannot be made is said before anything is changed") {
  const Planned moving;
  std::ofstream(moving.State()) << "a file";
  const Ran ran = moving.Execute();
  CHECK(ran.code == 2);
  CHECK(ran.ErrHas("--state-dir"));
  CHECK(Migrating::Stored(moving.to, "pay").empty());
}

}  // namespace
}  // namespace offsetstore::testing
