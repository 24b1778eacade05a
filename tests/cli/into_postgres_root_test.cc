// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// consume --into a table of PostgreSQL whose disk fills, which only root can make.
#include <doctest/doctest.h>
#include <pwd.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "into.h"
#include "own_server.h"
#include "postgres_client.h"
#include "skip.h"

namespace offsetstore::testing {
namespace {

/// A small disk that a server owns.
class SmallDisk {
 public:
  SmallDisk() {
    const passwd* const owner = ::getpwnam("postgres");
    REQUIRE(owner != nullptr);
    REQUIRE(::chmod(folder_.path().c_str(), 0755) == 0);
    REQUIRE(::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=1m,mode=0700") == 0);
    REQUIRE(::chown(folder_.path().c_str(), owner->pw_uid, owner->pw_gid) == 0);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() { CHECK(::umount(folder_.path().c_str()) == 0); }

  [[nodiscard]] std::string path() const { return folder_.path().string(); }
  void Grow() const {
    REQUIRE(::mount(nullptr, folder_.path().c_str(), nullptr, MS_REMOUNT, "size=50m") == 0);
  }

 private:
  TempDir folder_;
};

TEST_CASE("postgresql: a disk that fills ends the run with 9, and with room each record is once") {
  NeedsMounts();
  constexpr std::uint64_t kRecords = 20000;
  const SmallDisk disk;
  const OwnServer server("postgres");
  const MockCluster cluster(1, kRecords);
  Into into(cluster, "orders:0");
  into.store = server.address();
  into.uri = into.store + "?table=t";
  PostgresClient client(server.address());
  client.Run("CREATE TABLESPACE small LOCATION '" + disk.path() + "'");
  // Only the results fill it, by the table that the first run makes.
  REQUIRE(Offsetctl(into.With({"--max-records", "1"})).code == 0);
  client.Run("ALTER TABLE t SET TABLESPACE small");
  const Ran full = Offsetctl(into.With({"--exit-at-end"}));
  CHECK_MESSAGE(full.code == 9, full.err);
  CHECK_MESSAGE(full.ErrHas("No space left on device"), full.err);
  const auto count = [&](const char* what) { return client.Ask(std::string("SELECT ") + what); };
  const std::string rows = count("count(*) FROM t");
  CHECK(rows != std::to_string(kRecords));
  CHECK(rows == count("sum(position) FROM offsetstore_positions"));
  disk.Grow();
  const Ran ran = Offsetctl(into.With({"--exit-at-end"}));
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(count("count(*) FROM t") == std::to_string(kRecords));
  CHECK(count("count(DISTINCT \"offset\") FROM t") == std::to_string(kRecords));
}

}  // namespace
}  // namespace offsetstore::testing
