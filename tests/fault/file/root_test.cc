// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What only root can show: file systems that are mounted for it, files of somebody else.
#include <doctest/doctest.h>
#include <sys/mount.h>

#include <filesystem>
#include <string>

#include "file_test.h"
#include "nobodys_folder.h"
#include "skip.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("a read-only file system is read, and a write is a permission error") {
  NeedsMounts();
  FileFolder folder;
  REQUIRE(GroupOf(*folder.Open()).Commit(Set(Part(0), 1)).Ok());
  const char* const path = folder.options.folder.c_str();
  REQUIRE(::mount(path, path, nullptr, MS_BIND, nullptr) == 0);
  REQUIRE(::mount(nullptr, path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  {
    auto store = folder.Open();
    CHECK(StateOf(*store) == "0=1");
    CHECK(GroupOf(*store).Commit(Set(Part(0), 2)) == ErrorCode::kPermissionDenied);
    CHECK(StateOf(*store) == "0=1");
  }
  CHECK(::umount(path) == 0);
}

TEST_CASE("a real disk that runs full loses nothing and goes on when there is room again") {
  NeedsMounts();
  FileFolder folder;
  const std::filesystem::path disk = folder.parent / "disk";
  std::filesystem::create_directory(disk);
  REQUIRE(::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k,mode=0700") == 0);
  {
    folder.options.folder = disk / "offsets";
    auto store = folder.Open();
    REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
    WriteFile(disk / "ballast", std::string(16384, 'x'));
    std::int64_t to = 1;
    Answer answer;
    do {
      answer = GroupOf(*store).Commit(WithMetadata(Set(Part(0), ++to), std::string(100, 'm')));
    } while (answer.Ok() && to < 10'000);
    REQUIRE(answer == ErrorCode::kUnavailable);
    CHECK(answer.error->message.find("nothing was applied; free space") != std::string::npos);
    CHECK(GroupOf(*store).PositionOf(Part(0)) == to - 1);
    std::filesystem::remove(disk / "ballast");
    CHECK(GroupOf(*store).Commit(Set(Part(0), to)).Ok());
    CHECK(GroupOf(*folder.Open()).PositionOf(Part(0)) == to);
  }
  CHECK(::umount(disk.c_str()) == 0);
}

TEST_CASE("what root makes in somebody's folder stays that somebody's") {
  NeedsRoot();
  const NobodysFolder nobodys;
  {
    auto as_root = nobodys.folder.Open();
    REQUIRE(TestGroup(*as_root, "made by root").Commit(Set(Part(0), 1)).Ok());
  }
  CHECK(NobodysFolder::AsNobody([&] {
          auto store = nobodys.folder.Open();
          return TestGroup(*store, "made by root").Commit(Set(Part(0), 2)).Ok() ? 0 : 1;
        }) == 0);
}

}  // namespace
}  // namespace offsetstore::testing
