// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/properties.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "temp_dir.h"

namespace offsetstore {
namespace {

using testing::TempDir;

std::string Write(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
  return path.string();
}

TEST_CASE("keys and values are read without the blanks around them") {
  const auto read = ParseProperties(
      "# comment\n"
      "! also a comment\n"
      "\n"
      "  bootstrap.servers = b1:9092,b2:9092 \t\n"
      "group.id=g\n"
      "\t# indented comment\n"
      "a b=c = d # no comment\n"
      "empty=\n"
      "last=1",
      "x.properties");
  REQUIRE(read);
  REQUIRE(read->entries.size() == 5);
  CHECK(read->Find("bootstrap.servers")->value == "b1:9092,b2:9092");
  CHECK(read->Find("bootstrap.servers")->line == 4);
  CHECK(read->Find("a b")->value == "c = d # no comment");
  CHECK(read->Find("empty")->value.empty());
  CHECK(read->Find("last")->value == "1");
  CHECK(read->Find("last")->line == 9);
  CHECK(read->Find("none") == nullptr);
  CHECK(read->Where(*read->Find("last")) == "x.properties:9");
}

TEST_CASE("lines of Windows and a byte order mark do no harm") {
  const auto read = ParseProperties(
      "\xEF\xBB\xBF"
      "a=1\r\n\r\n# c\r\nb=2 \r\n",
      "x");
  REQUIRE(read);
  REQUIRE(read->entries.size() == 2);
  CHECK(read->entries[0].key == "a");
  CHECK(read->entries[0].value == "1");
  CHECK(read->entries[1].value == "2");
  CHECK(read->entries[1].line == 4);
}

TEST_CASE("nothing is unescaped and no line is continued") {
  const auto read = ParseProperties("a=C:\\new\\\nb=\\u0041\n", "x");
  REQUIRE(read);
  CHECK(read->Find("a")->value == "C:\\new\\");
  CHECK(read->Find("b")->value == "\\u0041");
}

TEST_CASE("the last entry of a key counts where a command line added one") {
  auto read = ParseProperties("a=1\n", "x");
  REQUIRE(read);
  read->entries.push_back({"a", "2", 0});
  CHECK(read->Find("a")->value == "2");
  CHECK(read->Where(*read->Find("a")) == "x");
}

struct MalformedProperties {
  std::string text;
  std::string message;
};

TEST_CASE("a malformed line is named, and what it holds is not shown") {
  const std::vector<MalformedProperties> table = {
      {"a=1\nsasl.password hunter2\n", "x:2: the line has no '='; write key=value"},
      {"=hunter2", "x:1: the line has no key before '='"},
      {" = hunter2", "x:1: the line has no key before '='"},
      {"a=hunter1\nb=1\na = hunter2\n", "x:3: the line repeats key 'a' of line 1"},
      {"a=hunter2\xFF\n",
       "x:1: the line is not UTF-8 text, or holds a control character; is this a properties file?"},
      {"a=1\n\x7F"
       "ELF=hunter2",
       "x:2: the line is not UTF-8 text, or holds a control character; is this a properties file?"},
      {std::string("a=hunter\0", 9),
       "x:1: the line is not UTF-8 text, or holds a control character; is this a properties file?"},
      {"a=1\rb=2\n",
       "x:1: the line is not UTF-8 text, or holds a control character; is this a properties file?"},
      {"# \xC0\x80\n",
       "x:1: the line is not UTF-8 text, or holds a control character; is this a properties file?"},
  };
  for (const auto& row : table) {
    const auto& [text, message] = row;
    CAPTURE(row.text);
    const auto read = ParseProperties(text, "x");
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::kConfigInvalid);
    CHECK(read.error().message == message);
  }
}

TEST_CASE("a file is read, and an empty one is empty properties") {
  const TempDir dir;
  const auto read = ReadProperties(Write(dir / "a.properties", "a=1\n"));
  REQUIRE(read);
  CHECK(read->source == (dir / "a.properties").string());
  CHECK(read->Find("a")->value == "1");
  const auto empty = ReadProperties(Write(dir / "empty", ""));
  REQUIRE(empty);
  CHECK(empty->entries.empty());
}

TEST_CASE("what is no readable file is named with its reason") {
  const TempDir dir;
  const auto refused = [](const std::filesystem::path& path, const std::string& why) {
    const auto read = ReadProperties(path);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::kConfigInvalid);
    CAPTURE(read.error().message);
    CHECK(read.error().message == path.string() + ": " + why);
  };
  refused(dir / "none", "No such file or directory");
  refused(dir.path(), "is not a regular file");
  refused("/dev/null", "is not a regular file");
  Write(dir / "big", std::string(1'048'576 + 1, '#'));
  refused(dir / "big", "is larger than 1 MiB; no properties file is");
  Write(dir / "limit", std::string(1'048'576, '#'));
  CHECK(ReadProperties(dir / "limit"));
}

TEST_CASE("a name with a line break cannot forge a message") {
  const auto read = ParseProperties("x", "a\nb");
  REQUIRE_FALSE(read);
  CHECK(read.error().message.starts_with("a\\x0ab:1:"));
}

}  // namespace
}  // namespace offsetstore
