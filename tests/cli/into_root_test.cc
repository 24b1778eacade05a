// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// consume --into a table, where only root can make the circumstances.
#include <doctest/doctest.h>
#include <sys/mount.h>

#include <filesystem>

#include "into.h"
#include "skip.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("a disk that fills ends the run with 9, and with room again each record is there once") {
  NeedsMounts();
  const MockCluster cluster(1, 20000);
  Into into(cluster, "orders:0");
  const std::filesystem::path disk = into.folder / "disk";
  std::filesystem::create_directory(disk);
  REQUIRE(::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=600k,mode=0700") == 0);
  into.database = (disk / "results.db").string();
  into.store = "sqlite://" + into.database;
  into.uri = into.store + "?table=t";
  const Ran full = Offsetctl(into.With({"--exit-at-end"}));
  CHECK_MESSAGE(full.code == 9, full.err);
  CHECK_MESSAGE(full.ErrHas("full"), full.err);
  REQUIRE(::mount(nullptr, disk.c_str(), nullptr, MS_REMOUNT, "size=50m") == 0);
  const std::string rows = into.Ask("SELECT count(*) FROM t");
  CHECK(rows != "20000");
  CHECK(rows == into.Ask("SELECT sum(position) FROM offsetstore_positions"));
  const Ran ran = Offsetctl(into.With({"--exit-at-end"}));
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(into.HasEachOnce(20000));
  CHECK(::umount(disk.c_str()) == 0);
}

TEST_CASE("a read-only database is refused with 8") {
  NeedsRoot();
  const MockCluster cluster(1, 3);
  const Into into(cluster, "orders:0");
  REQUIRE(Offsetctl(into.With({"--max-records", "1"})).code == 0);
  using std::filesystem::perms;
  const perms reading = perms::owner_read | perms::group_read | perms::others_read;
  std::filesystem::permissions(into.folder.path(), perms::all);
  std::filesystem::permissions(into.config, perms::all);
  std::filesystem::permissions(into.database + "-offsetstore.lock", perms::all);
  std::filesystem::permissions(into.database, reading);
  Words words = {
      "/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", OFFSETCTL};
  for (const std::string& word : into.With({})) words.push_back(word);
  const Ran ran = Offsetctl(words);
  INFO(ran.err);
  CHECK(ran.code == 8);
  CHECK(ran.ErrHas("read-only"));
  CHECK(into.Ask("SELECT count(*) FROM t") == "1");
}

}  // namespace
}  // namespace offsetstore::testing
