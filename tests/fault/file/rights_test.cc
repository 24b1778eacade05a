// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "file_test.h"

namespace offsetstore::testing {
namespace {

constexpr uid_t kNobody = 65534;

/// A folder of user nobody, where root prepares and a child without root's rights looks.
struct NobodysFolder {
  FileFolder folder;

  NobodysFolder() {
    REQUIRE(::chmod(folder.parent.path().c_str(), 0755) == 0);
    folder.options.folder = folder.parent / "home" / "offsets";
    std::filesystem::create_directory(folder.parent / "home");
    if (::geteuid() == 0) {
      REQUIRE(::chown((folder.parent / "home").c_str(), kNobody, kNobody) == 0);
    }
    CHECK(AsNobody([&] {
            auto store = folder.Open();
            return GroupOf(*store).Commit(Set(Part(0), 1)).Ok() ? 0 : 1;
          }) == 0);
  }

  static int AsNobody(const std::function<int()>& work) {
    Forked child([&](int /*out*/) {
      if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) return 98;
      return work();
    });
    return child.Wait();
  }

  [[nodiscard]] int CommitAsNobody() const {
    return AsNobody([&] {
      auto store = OpenFileStore(folder.options, Soon());
      if (!store) return store.error().code == ErrorCode::kPermissionDenied ? 10 : 11;
      const Answer answer = GroupOf(**store).Commit(Set(Part(0), 2));
      if (answer.Ok()) return 0;
      return answer == ErrorCode::kPermissionDenied ? 20 : 21;
    });
  }

  [[nodiscard]] int ReadAsNobody() const {
    return AsNobody([&] { return StateOf(*folder.Open()) == "0=1" ? 0 : 1; });
  }
};

TEST_CASE("a folder without rights is a permission error") {
  const NobodysFolder nobodys;
  REQUIRE(::chmod(nobodys.folder.options.folder.c_str(), 0000) == 0);
  CHECK(nobodys.CommitAsNobody() == 10);
  REQUIRE(::chmod(nobodys.folder.options.folder.c_str(), 0700) == 0);
  CHECK(nobodys.CommitAsNobody() == 0);
}

TEST_CASE("a folder in a place where nothing may be made is a permission error") {
  const NobodysFolder nobodys;
  std::filesystem::remove_all(nobodys.folder.options.folder);
  REQUIRE(::chmod((nobodys.folder.parent / "home").c_str(), 0500) == 0);
  CHECK(nobodys.CommitAsNobody() == 10);
}

TEST_CASE("files without rights are a permission error, not absent") {
  const NobodysFolder nobodys;
  REQUIRE(::chmod(nobodys.folder.Log().c_str(), 0000) == 0);
  CHECK(nobodys.CommitAsNobody() == 20);
  CHECK(NobodysFolder::AsNobody([&] {
          auto store = nobodys.folder.Open();
          return FetchError(*store).code == ErrorCode::kPermissionDenied ? 0 : 1;
        }) == 0);
}

TEST_CASE("a folder that may only be read is read, and a write is a permission error") {
  const NobodysFolder nobodys;
  const std::string before = ReadFile(nobodys.folder.Log());
  REQUIRE(::chmod(nobodys.folder.Log().c_str(), 0400) == 0);
  REQUIRE(::chmod((nobodys.folder.Groups() / "g.lock").c_str(), 0400) == 0);
  REQUIRE(::chmod(nobodys.folder.Groups().c_str(), 0500) == 0);
  REQUIRE(::chmod(nobodys.folder.options.folder.c_str(), 0500) == 0);
  CHECK(nobodys.ReadAsNobody() == 0);
  CHECK(nobodys.CommitAsNobody() == 20);
  // Another space, of which there is no folder: nothing is stored there, and nothing can be.
  CHECK(NobodysFolder::AsNobody([&] {
          FileFolder other;
          other.options = nobodys.folder.options;
          other.options.space = "other";
          auto store = other.Open();
          if (!StateOf(*store).empty()) return 1;
          return GroupOf(*store).Commit(Set(Part(0), 1)) == ErrorCode::kPermissionDenied ? 0 : 2;
        }) == 0);
  CHECK(ReadFile(nobodys.folder.Log()) == before);
}

TEST_CASE("a read-only file system is read, and a write is a permission error" *
          doctest::skip(::geteuid() != 0)) {
  FileFolder folder;
  REQUIRE(GroupOf(*folder.Open()).Commit(Set(Part(0), 1)).Ok());
  const char* const path = folder.options.folder.c_str();
  if (::mount(path, path, nullptr, MS_BIND, nullptr) != 0 ||
      ::mount(nullptr, path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
    MESSAGE("no right to mount a file system here");
    return;
  }
  {
    auto store = folder.Open();
    CHECK(StateOf(*store) == "0=1");
    CHECK(GroupOf(*store).Commit(Set(Part(0), 2)) == ErrorCode::kPermissionDenied);
    CHECK(StateOf(*store) == "0=1");
  }
  CHECK(::umount(path) == 0);
}

TEST_CASE("what root makes in somebody's folder stays that somebody's" *
          doctest::skip(::geteuid() != 0)) {
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
