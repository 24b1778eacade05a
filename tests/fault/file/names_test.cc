// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "names.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "columns.h"
#include "file_test.h"
#include "internal/crc32.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("groups whose names look like our files do not collide") {
  FileFolder folder;
  auto store = folder.OpenQuick();
  const std::vector<std::string> groups = {"",
                                           "%",
                                           "%25",
                                           "a",
                                           "a.log",
                                           "a.lock",
                                           "a.tmp-0123456789abcdef",
                                           "a/b",
                                           "a%2Fb",
                                           "..",
                                           ".",
                                           "A",
                                           "a~b",
                                           "offsetstore",
                                           "a.log.damaged-1",
                                           "groups@",
                                           "a\tb\n",
                                           std::string("a\0b", 3),
                                           "\xC3\xA4",
                                           "\xFF"};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const TestGroup group(*store, groups[i]);
    REQUIRE(group.Commit(Set(Part(0), static_cast<std::int64_t>(i))).Ok());
  }
  auto later = folder.OpenQuick();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    CHECK(TestGroup(*later, groups[i]).PositionOf(Part(0)) == static_cast<std::int64_t>(i));
  }
  const std::set<std::string> sorted(groups.begin(), groups.end());
  CHECK(ListedGroups(*later, "", 1) == std::vector(sorted.begin(), sorted.end()));
}

TEST_CASE("names too long for a file keep their groups apart and are listed in full") {
  FileFolder folder;
  auto store = folder.OpenQuick();
  std::vector<std::string> groups;
  for (const std::size_t size : {219U, 220U, 221U, 255U, 1000U, 32767U}) {
    groups.emplace_back(size, 'x');
    groups.push_back(std::string(size - 1, 'x') + 'y');
    if (size < 11'000) groups.push_back(std::string(size - 1, 'x') + '/');
  }
  std::sort(groups.begin(), groups.end());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const TestGroup group(*store, groups[i]);
    REQUIRE(group.Commit(Set(Part(0), static_cast<std::int64_t>(i))).Ok());
  }
  auto later = folder.OpenQuick();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    CHECK(TestGroup(*later, groups[i]).PositionOf(Part(0)) == static_cast<std::int64_t>(i));
  }
  CHECK(ListedGroups(*later, "") == groups);
}

TEST_CASE("two long names with one hash would refuse each other, not mix") {
  FileFolder folder;
  auto store = folder.OpenQuick();
  const TestGroup first(*store, std::string(300, 'a'));
  const TestGroup second(*store, std::string(300, 'b'));
  REQUIRE(first.Commit(Set(Part(0), 1)).Ok());
  std::filesystem::rename(folder.Log(internal::FileBase(first.name())),
                          folder.Log(internal::FileBase(second.name())));
  CHECK(second.Commit(Set(Part(0), 2)) == ErrorCode::kCorrupt);
}

TEST_CASE("spaces of any name do not see each other") {
  FileFolder folder;
  const std::vector<std::string> spaces = {"", "a", "%", "a/b", "..", std::string(300, 's')};
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    folder.options.space = spaces[i];
    REQUIRE(GroupOf(*folder.OpenQuick()).Commit(Set(Part(0), static_cast<std::int64_t>(i))).Ok());
  }
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    folder.options.space = spaces[i];
    CHECK(GroupOf(*folder.OpenQuick()).PositionOf(Part(0)) == static_cast<std::int64_t>(i));
  }
}

TEST_CASE("any bytes are escaped to one line of printable text and back") {
  for (int first = 0; first < 256; ++first) {
    for (const char second : {'a', '\\', '\t', '\x80', '\xC3'}) {
      const std::string text{static_cast<char>(first), second, 'z'};
      std::string escaped;
      internal::AppendEscaped(escaped, text);
      CHECK(escaped.find_first_of("\t\n\r") == std::string::npos);
      CHECK(internal::Unescaped(escaped) == text);
    }
  }
  CHECK_FALSE(internal::Unescaped("\\"));
  CHECK_FALSE(internal::Unescaped("\\x1"));
  CHECK_FALSE(internal::Unescaped("\\xg0"));
  CHECK_FALSE(internal::Unescaped("\\n"));
}

TEST_CASE("the checksum is zlib's") {
  CHECK(internal::Crc32("") == 0);
  CHECK(internal::Crc32("123456789") == 0xCBF43926U);
  CHECK(internal::Crc32("The quick brown fox jumps over the lazy dog") == 0x414FA339U);
}

TEST_CASE("more groups than may be open at once are closed and opened as needed") {
  FileFolder folder;
  folder.options.max_open_groups = 2;
  auto store = folder.OpenQuick();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10; ++i) {
      const TestGroup group(*store, "g" + std::to_string(i));
      REQUIRE(group.Commit(Set(Part(0), round)).Ok());
    }
  }
  std::size_t open = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto to = std::filesystem::read_symlink(entry.path(), gone);
    if (to.string().starts_with(folder.Groups().string() + "/")) ++open;
  }
  CHECK(open <= 4);
}

}  // namespace
}  // namespace offsetstore::testing
