// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>

#include "file_test.h"
#include "nobodys_folder.h"

namespace offsetstore::testing {
namespace {

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

}  // namespace
}  // namespace offsetstore::testing
