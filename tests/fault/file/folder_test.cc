// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "file_store.h"
#include "file_test.h"
#include "offsetstore/open.h"

namespace offsetstore::testing {
namespace {

Error UriError(std::string_view text) {
  BackendRegistry registry;
  REQUIRE(RegisterFileBackend(registry));
  auto store = OpenStore(registry, text, {}, Soon());
  REQUIRE_FALSE(store);
  return std::move(store).error();
}

bool Says(const Error& error, ErrorCode code, std::string_view part) {
  CAPTURE(ToString(error));
  const bool fits = error.code == code && error.message.find(part) != std::string::npos;
  CHECK(fits);
  return fits;
}

TEST_CASE("a URI says what is wrong with it") {
  Says(UriError("file:"), ErrorCode::kConfigInvalid, "missing");
  Says(UriError("file:offsets"), ErrorCode::kConfigInvalid, "relative");
  Says(UriError("file://offsets/dir"), ErrorCode::kConfigInvalid, "three slashes");
  Says(UriError("file:///tmp/x?sync=often"), ErrorCode::kConfigInvalid, "always");
  Says(UriError("file:///tmp/x?sink=always"), ErrorCode::kConfigInvalid, "sync");
  Says(UriError("file:///tmp/x?sync-interval=5"), ErrorCode::kConfigInvalid, "sync-interval");
  Says(UriError("file:///tmp/x?sync=interval&sync-interval=0"), ErrorCode::kConfigInvalid, "1ms");
  Says(UriError("file:///tmp/x?compact-above=big"), ErrorCode::kConfigInvalid, "compact-above");
  Says(UriError("file:///tmp/x?max-open-groups=0"), ErrorCode::kConfigInvalid, "max-open-groups");
  Says(UriError("file:///tmp/x%00y"), ErrorCode::kConfigInvalid, "");
}

TEST_CASE("a URI sets every option") {
  const auto uri = ParseUri(
      "file:///var/x/"
      "?space=a%2Fb&create=false&sync=interval&sync-interval=250ms&compact-above=64KiB&"
      "max-open-groups=9&network-file-system=allow");
  REQUIRE(uri);
  const auto options = FileOptions::FromUri(*uri);
  REQUIRE(options);
  CHECK(options->folder == "/var/x");
  CHECK(options->space == "a/b");
  CHECK_FALSE(options->create);
  CHECK(options->sync == FileSync::kInterval);
  CHECK(options->sync_interval == std::chrono::milliseconds(250));
  CHECK(options->compact_above == 65536);
  CHECK(options->max_open_groups == 9);
  CHECK(options->allow_network_file_system);
}

TEST_CASE("each sync level declares what it survives") {
  FileFolder folder;
  CHECK(folder.Open()->Info().durability == Durability::kPowerLoss);
  folder.options.sync = FileSync::kInterval;
  const auto store = folder.Open();
  CHECK(store->Info().durability == Durability::kProcessCrash);
  CHECK(store->Info().durability_note.find("1s") != std::string::npos);
  folder.options.sync = FileSync::kNever;
  CHECK(folder.Open()->Info().durability == Durability::kProcessCrash);
}

TEST_CASE("the folder and the files are the owner's alone, and the store id stays") {
  FileFolder folder;
  auto store = folder.Open();
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  const auto mode = [](const std::filesystem::path& path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions());
  };
  CHECK(mode(folder.options.folder) == 0700);
  CHECK(mode(folder.Groups()) == 0700);
  CHECK(mode(folder.Log()) == 0600);
  CHECK(mode(folder.Groups() / "g.lock") == 0600);
  CHECK(mode(folder.options.folder / "offsetstore.folder") == 0600);
  CHECK(folder.Open()->Info().store_id == store->Info().store_id);
  FileFolder other;
  CHECK(other.Open()->Info().store_id != store->Info().store_id);
}

TEST_CASE("a path that is no folder is refused, and left as it is") {
  FileFolder folder;
  const std::filesystem::path path = folder.options.folder;
  WriteFile(path, "content");
  Says(folder.OpenError(), ErrorCode::kConfigInvalid, "is a file");
  CHECK(ReadFile(path) == "content");
  std::filesystem::remove(path);

  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  Says(folder.OpenError(), ErrorCode::kConfigInvalid, "is a pipe");
  std::filesystem::remove(path);

  std::filesystem::create_directory(folder.parent / "real");
  std::filesystem::create_symlink(folder.parent / "real", path);
  Says(folder.OpenError(), ErrorCode::kConfigInvalid, "is a symbolic link");
  folder.options.folder = path.string() + "/";
  Says(folder.OpenError(), ErrorCode::kConfigInvalid, "is a symbolic link");
  folder.options.folder = "/dev/null";
  Says(folder.OpenError(), ErrorCode::kConfigInvalid, "is a device");
  folder.options.folder = folder.parent / "no" / "such";
  Says(folder.OpenError(), ErrorCode::kConfigInvalid, "make it first");
}

TEST_CASE("with create=false nothing is made") {
  FileFolder folder;
  folder.options.create = false;
  Says(folder.OpenError(), ErrorCode::kConfigInvalid, "there is no folder");
  std::filesystem::create_directory(folder.options.folder);
  std::filesystem::permissions(folder.options.folder, std::filesystem::perms::owner_all);
  Says(folder.OpenError(), ErrorCode::kConfigInvalid, "is not a folder of offsetstore");
  CHECK(std::filesystem::is_empty(folder.options.folder));
  folder.options.create = true;
  static_cast<void>(folder.Open());
  folder.options.create = false;
  CHECK(GroupOf(*folder.Open()).Commit(Set(Part(0), 1)).Ok());
}

TEST_CASE("a folder that holds something else is refused, and left as it is") {
  FileFolder folder;
  std::filesystem::create_directory(folder.options.folder);
  std::filesystem::permissions(folder.options.folder, std::filesystem::perms::owner_all);
  WriteFile(folder.options.folder / "holiday.jpg", "jpg");
  Says(folder.OpenError(), ErrorCode::kConfigInvalid, "holiday.jpg");
  std::filesystem::remove(folder.options.folder / "holiday.jpg");
  CHECK(std::filesystem::is_empty(folder.options.folder));
  CHECK(folder.Open());
}

TEST_CASE("a folder that others may write to is refused") {
  FileFolder folder;
  std::filesystem::create_directory(folder.options.folder);
  REQUIRE(::chmod(folder.options.folder.c_str(), 0777) == 0);
  Says(folder.OpenError(), ErrorCode::kConfigInvalid, "chmod 0700");
}

TEST_CASE("a network file system is refused unless it is asked for") {
  constexpr long kNfs = 0x6969;
  constexpr long kCifs = static_cast<int>(0xFF534D42U);
  for (const long magic : {kNfs, kCifs}) {
    FileFolder folder;
    FaultFileSystem fs;
    fs.SetMagic(magic);
    const auto refused = internal::OpenFileStoreOn(fs, folder.options, Soon());
    REQUIRE_FALSE(refused);
    Says(refused.error(), ErrorCode::kConfigInvalid, "network file system");
    folder.options.allow_network_file_system = true;
    CHECK(folder.OpenOn(fs));
  }
}

TEST_CASE("a folder that is removed or replaced under an open store is an error, never absent") {
  FileFolder folder;
  auto store = folder.Open();
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  const std::filesystem::path away = folder.parent / "away";
  const auto check = [&] {
    Says(FetchError(*store), ErrorCode::kUnavailable, "while the store was open");
    CHECK(GroupOf(*store).Commit(Set(Part(0), 2)) == ErrorCode::kUnavailable);
    CHECK(TestGroup(*store, "unknown").Commit(Set(Part(0), 2)) == ErrorCode::kUnavailable);
    const auto unknown = store->Fetch("unknown", {}, Soon());
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == ErrorCode::kUnavailable);
    CHECK_FALSE(store->ListGroups({}, Soon()));
  };
  std::filesystem::rename(folder.options.folder, away);
  check();
  // Another store stands there now: nothing of it may be read or written through the old one.
  auto other = folder.Open();
  REQUIRE(GroupOf(*other).Commit(Set(Part(0), 77)).Ok());
  check();
  CHECK(StateOf(*other) == "0=77");
  other.reset();
  std::filesystem::remove_all(folder.options.folder);
  std::filesystem::rename(away, folder.options.folder);
  CHECK(GroupOf(*store).Commit(Set(Part(0), 2)).Ok());
  std::filesystem::remove_all(folder.options.folder);
  check();
}

TEST_CASE("a group's file that is removed under an open store is an error, never absent") {
  FileFolder folder;
  auto store = folder.Open();
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  std::filesystem::remove(folder.Log());
  Says(FetchError(*store), ErrorCode::kUnavailable, "was removed while the store was open");
  CHECK(GroupOf(*store).Commit(Set(Part(0), 2)) == ErrorCode::kUnavailable);
}

TEST_CASE("a backup put back under an open store is told, and its lines are not cut away") {
  FileFolder folder;
  auto store = folder.Open();
  for (std::int64_t to = 1; to <= 3; ++to) REQUIRE(GroupOf(*store).Commit(Set(Part(0), to)).Ok());
  const std::string backup = ReadFile(folder.Log());
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 4)).Ok());
  const auto check = [&](const std::string& content) {
    CHECK_FALSE(GroupOf(*store).Commit(Set(Part(0), 5)).Ok());
    CHECK_FALSE(store->Fetch("g", {}, Soon()));
    CHECK(ReadFile(folder.Log()) == content);
  };
  SUBCASE("as a new file") {
    std::filesystem::remove(folder.Log());
    WriteFile(folder.Log(), backup);
    Says(FetchError(*store), ErrorCode::kUnavailable, "replaced by an older one");
    check(backup);
  }
  SUBCASE("over the old one, shorter") {
    WriteFile(folder.Log(), backup);
    check(backup);
  }
  SUBCASE("over the old one, another life of the same group") {
    FileFolder other;
    std::filesystem::create_directory(other.options.folder);
    std::filesystem::permissions(other.options.folder, std::filesystem::perms::owner_all);
    std::filesystem::copy_file(folder.options.folder / "offsetstore.folder",
                               other.options.folder / "offsetstore.folder");
    auto another = other.Open();
    for (std::int64_t to = 1; to <= 9; ++to) {
      REQUIRE(GroupOf(*another).Commit(WithMetadata(Set(Part(0), to), "longer lines")).Ok());
    }
    const std::string content = ReadFile(other.Log());
    WriteFile(folder.Log(), content);
    CHECK_FALSE(GroupOf(*store).Commit(Set(Part(0), 5)).Ok());
    CHECK(ReadFile(folder.Log()) == content);
  }
  CHECK(GroupOf(*folder.Open()).PositionOf(Part(0)) >= 3);
}

TEST_CASE("a lock file that is removed does not let two in") {
  FileFolder folder;
  auto store = folder.Open();
  const ClaimToken claim = GroupOf(*store).MustClaim(Part(0));
  std::filesystem::remove(folder.Groups() / "g.lock");
  auto other = folder.Open();
  CHECK(GroupOf(*other).Commit(Advance(Part(0), 1, claim)).Ok());
  CHECK(GroupOf(*store).Commit(Advance(Part(0), 2, claim)).Ok());
  struct stat found {};
  REQUIRE(::stat((folder.Groups() / "g.lock").c_str(), &found) == 0);
  CHECK(GroupOf(*other).PositionOf(Part(0)) == 2);
}

}  // namespace
}  // namespace offsetstore::testing
