// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Files that are not ours, or not ours to understand: a clear error, and not a byte changed.
#include <doctest/doctest.h>

#include <string>

#include "columns.h"
#include "file_test.h"

namespace offsetstore::testing {
namespace {

struct Foreign {
  FileFolder folder;
  std::string ours;

  Foreign() {
    auto store = folder.Open();
    REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
    ours = ReadFile(folder.Log());
  }

  void Check(const std::string& content, ErrorCode code, std::string_view part) const {
    WriteFile(folder.Log(), content);
    auto store = folder.Open();
    const Error error = FetchError(*store);
    CAPTURE(ToString(error));
    CHECK(error.code == code);
    CHECK(error.message.find(part) != std::string::npos);
    CHECK(error.message.find(folder.Log().string()) != std::string::npos);
    CHECK(GroupOf(*store).Commit(Set(Part(0), 2)) == code);
    REQUIRE(store->Close(Soon()));
    CHECK(ReadFile(folder.Log()) == content);
  }
};

std::string Replaced(std::string text, std::string_view what, std::string_view with) {
  return text.replace(text.find(what), what.size(), with);
}

// The line with its checksum made right again.
std::string Resealed(std::string line) {
  line.resize(line.rfind('\t'));
  internal::AppendChecksum(line, 0);
  return line;
}

TEST_CASE("a file of something else is refused") {
  const Foreign foreign;
  foreign.Check("GIF89a", ErrorCode::kCorrupt, "not a file of offsetstore");
  foreign.Check("", ErrorCode::kCorrupt, "not a file of offsetstore");
  foreign.Check(std::string(5000, '\0'), ErrorCode::kCorrupt, "not a file of offsetstore");
}

TEST_CASE("a file of a newer format is refused") {
  const Foreign foreign;
  foreign.Check(Replaced(foreign.ours, "offsetstore-file\t1", "offsetstore-file\t2"),
                ErrorCode::kUnsupported,
                "format 2, this release reads format 1");
}

TEST_CASE("a folder of a newer format is refused, and so is a damaged mark") {
  const Foreign foreign;
  const std::filesystem::path mark = foreign.folder.options.folder / "offsetstore.folder";
  const std::string ours = ReadFile(mark);
  WriteFile(mark, Replaced(ours, "\t1\t", "\t2\t"));
  CHECK(foreign.folder.OpenError().code == ErrorCode::kUnsupported);
  WriteFile(mark, Replaced(ours, "id=", "id=f"));
  const Error error = foreign.folder.OpenError();
  CHECK(error.code == ErrorCode::kCorrupt);
  CHECK(error.message.find(mark.string()) != std::string::npos);
}

TEST_CASE("a file of another store or group is refused") {
  const Foreign foreign;
  const Foreign another;
  foreign.Check(another.ours, ErrorCode::kCorrupt, "belongs to another store");
  const auto lines = LinesOf(foreign.ours);
  foreign.Check(Resealed(Replaced(lines.front(), "group=g", "group=h")),
                ErrorCode::kCorrupt,
                "holds the group 'h'");
  foreign.Check(Resealed(Replaced(lines.front(), "space=", "space=s")),
                ErrorCode::kCorrupt,
                "of the space 's'");
}

TEST_CASE("a line that is whole but not understood is never cut away") {
  const Foreign foreign;
  const auto lines = LinesOf(foreign.ours);
  const std::string unknown =
      Resealed(Replaced(Replaced(lines.at(1), "1\t", "2\t"), "keep", "teleport"));
  foreign.Check(foreign.ours + unknown, ErrorCode::kCorrupt, "line 3 is whole but not understood");
}

TEST_CASE("a symbolic link or a folder in the place of a group's file is refused") {
  const Foreign foreign;
  const std::filesystem::path log = foreign.folder.Log();
  std::filesystem::rename(log, foreign.folder.parent / "moved");
  std::filesystem::create_symlink(foreign.folder.parent / "moved", log);
  auto store = foreign.folder.Open();
  CHECK(FetchError(*store).code == ErrorCode::kCorrupt);
  CHECK(GroupOf(*store).Commit(Set(Part(0), 2)) == ErrorCode::kCorrupt);
  std::filesystem::remove(log);
  std::filesystem::create_directory(log);
  CHECK(FetchError(*store).code == ErrorCode::kCorrupt);
  CHECK(ReadFile(foreign.folder.parent / "moved") == foreign.ours);
}

TEST_CASE("a group that cannot be read is listed, and hides no other") {
  const Foreign foreign;
  auto store = foreign.folder.Open();
  REQUIRE(TestGroup(*store, "other").Commit(Set(Part(0), 1)).Ok());
  WriteFile(foreign.folder.Log(), "GIF89a");
  CHECK(ListedGroups(*store, "") == std::vector<std::string>{"g", "other"});
}

}  // namespace
}  // namespace offsetstore::testing
