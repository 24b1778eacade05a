// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "offsetstore/open.h"
#include "offsetstore/registry.h"
#include "sqlite_support.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

Error UriError(const std::string& uri) {
  BackendRegistry registry;
  REQUIRE(RegisterSqliteBackend(registry));
  auto opened = OpenStore(registry, uri, {}, Soon());
  REQUIRE_FALSE(opened);
  return opened.error();
}

void CheckConfigInvalid(const Error& error, const std::string& words) {
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK_MESSAGE(Says(error, words), error.message);
}

TEST_CASE("a URI without a whole path is refused with the right way to write it") {
  CheckConfigInvalid(UriError("sqlite:"), "sqlite:///");
  CheckConfigInvalid(UriError("sqlite:offsets.db"), "relative path");
  CheckConfigInvalid(UriError("sqlite://offsets.db"), "three slashes");
  CheckConfigInvalid(UriError("sqlite://host/offsets.db"), "three slashes");
}

TEST_CASE("an unknown key and a wrong value are refused with what is allowed") {
  const TempDir folder;
  const std::string uri = "sqlite://" + (folder / "x.db").string();
  CheckConfigInvalid(UriError(uri + "?synchronus=full"), "synchronous");
  CheckConfigInvalid(UriError(uri + "?synchronous=off"), "normal");
  CheckConfigInvalid(UriError(uri + "?space=%FF"), "UTF-8");
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("every key of a URI works") {
  const TempDir folder;
  BackendRegistry registry;
  REQUIRE(RegisterSqliteBackend(registry));
  const std::string uri =
      "sqlite://" + (folder / "x.db").string() + "?space=eu&synchronous=normal&create=true";
  auto opened = OpenStore(registry, uri, {}, Soon());
  REQUIRE(opened);
  CHECK((*opened)->Info().space == "eu");
  CHECK((*opened)->Info().durability == Durability::kProcessCrash);
}

TEST_CASE("a path that is no file is refused") {
  const TempDir folder;
  CheckConfigInvalid(OpenError(At(folder.path())), "is a folder");
  CheckConfigInvalid(OpenError(At(folder.path().string() + "/")), "names a folder");
  CheckConfigInvalid(OpenError(At("/dev/null")), "device");
  CheckConfigInvalid(OpenError(At(folder / "no/such/folder/x.db")), "does not exist");
  CheckConfigInvalid(OpenError(At("offsets.db")), "relative");
  CheckConfigInvalid(OpenError(At("")), "missing");
  const std::filesystem::path pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CheckConfigInvalid(OpenError(At(pipe)), "pipe");
}

TEST_CASE("a symbolic link is refused as the file and followed as a folder") {
  const TempDir folder;
  MustOpen(At(folder / "real.db"));
  std::filesystem::create_symlink(folder / "real.db", folder / "link.db");
  CheckConfigInvalid(OpenError(At(folder / "link.db")), "symbolic link");
  std::filesystem::create_symlink(folder / "missing.db", folder / "dangling.db");
  CheckConfigInvalid(OpenError(At(folder / "dangling.db")), "symbolic link");
  std::filesystem::create_directory_symlink(folder.path(), folder / "here");
  const auto store = MustOpen(At(folder / "here/real.db"));
  CHECK(store->Info().endpoint == std::filesystem::canonical(folder / "real.db").string());
}

TEST_CASE("a database with a second name is refused") {
  const TempDir folder;
  MustOpen(At(folder / "a.db"));
  std::filesystem::create_hard_link(folder / "a.db", folder / "b.db");
  CheckConfigInvalid(OpenError(At(folder / "b.db")), "hard links");
}

TEST_CASE("a file that is no database is refused as it is, with nothing beside it") {
  const TempDir folder;
  const std::filesystem::path path = folder / "notes.txt";
  const std::string text(5000, 'x');
  std::ofstream(path) << text;
  CheckConfigInvalid(OpenError(At(path)), "no SQLite database");
  std::string after;
  std::ifstream(path) >> after;
  CHECK(after == text);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("an empty file becomes a database") {
  const TempDir folder;
  std::ofstream(folder / "empty.db").close();
  const auto store = MustOpen(At(folder / "empty.db"));
  CHECK(TestGroup(*store, "g").Commit(Advance(Orders(0), 1)) == OutcomeCode::kApplied);
}

TEST_CASE("all files of a new store are for its user only") {
  const TempDir folder;
  const mode_t before = ::umask(0);
  const auto store = MustOpen(At(folder / "offsets.db"));
  CHECK(TestGroup(*store, "g").Commit(Advance(Orders(0), 1)) == OutcomeCode::kApplied);
  ::umask(before);
  for (const char* name :
       {"offsets.db", "offsets.db-wal", "offsets.db-shm", "offsets.db-offsetstore.lock"}) {
    struct stat info {};
    REQUIRE(::stat((folder / name).c_str(), &info) == 0);
    CHECK_MESSAGE((info.st_mode & 0777U) == 0600U, name);
  }
}

}  // namespace
}  // namespace offsetstore::testing
