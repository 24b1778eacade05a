// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// offsetctl on two stores at once.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

struct TwoStores {
  TempDir folder;
  std::string sqlite = "sqlite://" + (folder / "a.db").string();
  std::string file = "file://" + (folder / "b").string();
  std::string dual = "dual:?primary=" + sqlite + "&secondary=" + file;

  [[nodiscard]] static bool Holds(const std::string& uri, const std::string& position) {
    const Ran ran = Offsetctl({"get", uri, "g", "orders:0", "--output", "csv"});
    return ran.OutHas("g,orders,0," + position + ",");
  }
};

TEST_CASE("set and delete on a dual reach both stores, get reads the primary") {
  const TwoStores two;
  REQUIRE(Offsetctl({"set", two.dual, "g", "orders:0=5", "--execute"}).code == 0);
  CHECK(two.Holds(two.sqlite, "5"));
  CHECK(two.Holds(two.file, "5"));
  REQUIRE(Offsetctl({"set", two.file, "g", "orders:0=9", "--execute"}).code == 0);
  CHECK(two.Holds(two.dual, "5"));
  REQUIRE(Offsetctl({"set", two.dual, "g", "orders:0=2", "--execute"}).code == 0);
  CHECK(two.Holds(two.file, "2"));
  REQUIRE(Offsetctl({"delete", two.dual, "g", "--execute"}).code == 0);
  CHECK_FALSE(two.Holds(two.file, "2"));
}

TEST_CASE("looking at a dual makes neither store") {
  const TwoStores two;
  CHECK(Offsetctl({"get", two.dual, "g"}).code != 0);
  CHECK_FALSE(std::filesystem::exists(two.folder / "a.db"));
  REQUIRE(Offsetctl({"set", two.sqlite, "g", "orders:0=5", "--execute"}).code == 0);
  CHECK(Offsetctl({"get", two.dual, "g"}).code != 0);
  CHECK_FALSE(std::filesystem::exists(two.folder / "b"));
}

TEST_CASE("a secondary that cannot be written is told, and the primary's write stands") {
  const TwoStores two;
  REQUIRE(Offsetctl({"set", two.dual, "g", "orders:0=5", "--execute"}).code == 0);
  std::filesystem::resize_file(two.folder / "b" / "groups" / "g.log", 20);
  const Ran ran = Offsetctl({"set", two.dual, "g", "orders:0=6", "--execute"});
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.ErrHas("drift: failed: orders[0] of group 'g': primary 6"));
  CHECK(two.Holds(two.sqlite, "6"));
}

TEST_CASE("stores shows how a dual is written") {
  const Ran ran = Offsetctl({"stores", "--output", "csv"});
  CHECK(ran.OutHas("dual,dual,yes,dual:?primary=sqlite:"));
}

TEST_CASE("a consumer's own Kafka is no leg outside of it, and no password is shown") {
  const TwoStores two;
  const Ran kafka = Offsetctl({"get", "dual:?primary=" + two.sqlite + "&secondary=kafka:", "g"});
  CHECK(kafka.code == 2);
  const Ran again = Offsetctl({"set", "dual:?primary=memory:&secondary=kafka:", "g", "orders:0=5"});
  CHECK(again.code == 2);
  CHECK(again.ErrHas("the handle of a consumer"));
  for (const std::string inner : {"redis://u:hunter2@h", "redis%3A%2F%2Fu%3Ahunter2%40h"}) {
    const Ran secret = Offsetctl({"get", "dual:?primary=memory:&secondary=" + inner, "g"});
    CHECK(secret.code != 0);
    CHECK(secret.ErrHas("warning: a password in the URI"));
    CHECK_FALSE(secret.ErrHas("hunter2"));
  }
}

}  // namespace
}  // namespace offsetstore::testing
