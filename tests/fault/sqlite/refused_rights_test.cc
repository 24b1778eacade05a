// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// Rights, checked as a user who is not root: in a child, since root may do everything.
#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "forked.h"
#include "sqlite_support.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

constexpr uid_t kNobody = 65534;

/// What opening and then committing answers to a user without special rights.
std::string AsNobody(const std::filesystem::path& path) {
  Forked child([&path](const Forked::Send& send) {
    if (::getuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) return;
    auto store = TryOpen(At(path));
    if (!store) {
      send(ToString(store.error()));
      return;
    }
    const Move move = Advance(Orders(0), 1);
    const auto done =
        (*store)->Commit("g", std::span(&move, 1), Member(), Atomicity::kEach, Soon());
    send(done ? "committed" : ToString(done.error()));
  });
  return child.Receive().value_or("nothing was said");
}

bool Holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A folder with a database, both for everybody.
struct OpenFolder {
  OpenFolder() {
    MustOpen(At(path));
    Allow(folder.path(), 0777);
    Allow(path, 0666);
    Allow(folder / "offsets.db-offsetstore.lock", 0666);
  }
  ~OpenFolder() { Allow(folder.path(), 0700); }
  static void Allow(const std::filesystem::path& path, mode_t mode) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
  }
  TempDir folder;
  std::filesystem::path path = folder / "offsets.db";
};

TEST_CASE("with all rights another user commits") {
  const OpenFolder place;
  CHECK(AsNobody(place.path) == "committed");
}

TEST_CASE("the lock that is made beside a database has its rights, so that all may take turns") {
  const OpenFolder place;
  REQUIRE(std::filesystem::remove(place.folder / "offsets.db-offsetstore.lock"));
  MustOpen(At(place.path));
  CHECK(AsNobody(place.path) == "committed");
}

TEST_CASE("a read-only database is refused at open") {
  const OpenFolder place;
  OpenFolder::Allow(place.path, 0444);
  const std::string answer = AsNobody(place.path);
  CHECK_MESSAGE(Holds(answer, "PermissionDenied"), answer);
  CHECK_MESSAGE(Holds(answer, "read-only"), answer);
}

TEST_CASE("a database of another user is refused at open") {
  const OpenFolder place;
  OpenFolder::Allow(place.path, 0000);
  const std::string answer = AsNobody(place.path);
  CHECK_MESSAGE(Holds(answer, "PermissionDenied"), answer);
}

TEST_CASE("a read-only folder is refused at open") {
  const OpenFolder place;
  OpenFolder::Allow(place.folder.path(), 0555);
  const std::string answer = AsNobody(place.path);
  CHECK_MESSAGE(Holds(answer, "PermissionDenied"), answer);
  const std::string fresh = AsNobody(place.folder / "new.db");
  CHECK_MESSAGE(Holds(fresh, "PermissionDenied"), fresh);
}

TEST_CASE("a folder that may not be entered is refused at open") {
  const OpenFolder place;
  OpenFolder::Allow(place.folder.path(), 0000);
  const std::string answer = AsNobody(place.path);
  CHECK_MESSAGE(Holds(answer, "PermissionDenied"), answer);
}

}  // namespace
}  // namespace offsetstore::testing
