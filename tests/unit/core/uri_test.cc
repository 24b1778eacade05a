// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/uri.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "temp_dir.h"

namespace offsetstore {
namespace {

using testing::TempDir;

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a list of hosts with ports is read") {
  const auto uri = ParseUri("kafka://b1:9092,b2,[::1]:9094?config=/etc/kafka/client.properties");
  REQUIRE(uri);
  CHECK(uri->scheme == "kafka");
  CHECK(uri->has_authority);
  CHECK(uri->hosts == std::vector<Uri::Host>{{"b1", 9092}, {"b2", std::nullopt}, {"::1", 9094}});
  CHECK(uri->path.empty());
  CHECK(uri->query.size() == 1);
  CHECK(uri->query.at("config") == "/etc/kafka/client.properties");
  CHECK(uri->text == "kafka://b1:9092,b2,[::1]:9094?config=/etc/kafka/client.properties");
}

TEST_CASE("an absolute, a relative and a missing path are told apart") {
  const auto absolute = ParseUri("file:///var/lib/app");
  REQUIRE(absolute);
  CHECK(absolute->has_authority);
  CHECK(absolute->hosts.empty());
  CHECK(absolute->path == "/var/lib/app");
  const auto relative = ParseUri("file:relative/x");
  REQUIRE(relative);
  CHECK_FALSE(relative->has_authority);
  CHECK(relative->path == "relative/x");
  const auto single = ParseUri("sqlite:/x.db");
  REQUIRE(single);
  CHECK(single->path == "/x.db");
  const auto memory = ParseUri("memory:");
  REQUIRE(memory);
  CHECK_FALSE(memory->has_authority);
  CHECK(memory->path.empty());
  const auto mistaken = ParseUri("file://relative/x");
  REQUIRE(mistaken);
  CHECK(mistaken->hosts.size() == 1);
}

TEST_CASE("percent escapes are decoded in every part") {
  const auto uri = ParseUri("redis://us%3Aer:p%40s%2Fs@h%2D1:6379/a%20b%3Fc?prefix=x%26y%3D%25+z");
  REQUIRE(uri);
  CHECK(uri->user == "us:er");
  CHECK(uri->password == "p@s/s");
  CHECK(uri->password_in_uri);
  CHECK(uri->hosts == std::vector<Uri::Host>{{"h-1", 6379}});
  CHECK(uri->path == "/a b?c");
  CHECK(uri->query.at("prefix") == "x&y=%+z");
  CHECK(uri->text == "redis://us%3Aer:***@h%2D1:6379/a%20b%3Fc?prefix=x%26y%3D%25+z");
}

TEST_CASE("user-info may lack its user or its password") {
  CHECK(ParseUri("redis://:pw@h")->user.empty());
  CHECK(ParseUri("redis://:pw@h")->password == "pw");
  CHECK(ParseUri("redis://user@h")->user == "user");
  CHECK_FALSE(ParseUri("redis://user@h")->password_in_uri);
  CHECK_FALSE(ParseUri("redis://user:@h")->password_in_uri);
  CHECK(ParseUri("redis://u:a:b@h")->password == "a:b");
}

TEST_CASE("a scheme is read without regard to case") {
  CHECK(ParseUri("FILE:///x")->scheme == "file");
  CHECK(ParseUri("a+b.c-1:x")->scheme == "a+b.c-1");
}

TEST_CASE("an empty query and an empty value are fine") {
  CHECK(ParseUri("memory:?")->query.empty());
  CHECK(ParseUri("memory:?space=")->query.at("space").empty());
  CHECK(ParseUri("memory:?space=a=b")->query.at("space") == "a=b");
}

struct MalformedUri {
  std::string text;
  std::string why;
};

TEST_CASE("a malformed URI says where and what") {
  const std::vector<MalformedUri> table = {
      {"", "no scheme"},
      {"file", "no scheme"},
      {"/var/lib/x", "no scheme"},
      {":x", "no scheme"},
      {"1file:x", "no scheme"},
      {"fi le:x", "no scheme"},
      {"file:///x\ny", "control character (at character 10)"},
      {std::string("file:///x\0y", 11), "control character (at character 10)"},
      {"file:///x#y", "'#' has no meaning here; write it as %23 (at character 10)"},
      {"file:///x%", "two hexadecimal digits"},
      {"file:///x%2", "two hexadecimal digits"},
      {"file:///x%zz", "two hexadecimal digits; write % as %25 (at character 10)"},
      {"file:///x%00y", "%00"},
      {"kafka://h:", "a port is 1 to 65535"},
      {"kafka://h:0", "a port is 1 to 65535"},
      {"kafka://h:65536", "a port is 1 to 65535"},
      {"kafka://h:-1", "a port is 1 to 65535"},
      {"kafka://h:90x", "a port is 1 to 65535"},
      {"kafka://h:1:2", "a port is 1 to 65535"},
      {"kafka://::1", "a host is missing"},
      {"kafka://:9092", "a host is missing"},
      {"kafka://h1,,h2", "a host is missing"},
      {"kafka://h1,", "a host must follow ','"},
      {"kafka://,h1", "a host is missing"},
      {"redis://user@", "a host must follow '@'"},
      {"kafka://[::1", "'[' without ']'"},
      {"kafka://[host]:1", "no IPv6 address"},
      {"kafka://[]:1", "no IPv6 address"},
      {"kafka://[::1]9092", "a port is 1 to 65535"},
      {"file:///x?sync", "a key without '='"},
      {"file:///x?a=1&&b=2", "a key without '='"},
      {"file:///x?a=1&", "a key without '='"},
      {"file:///x?=1", "lower case with hyphens"},
      {"file:///x?Sync=1", "lower case with hyphens"},
      {"file:///x?sync_=1", "lower case with hyphens"},
      {"file:///x?sync-=1", "lower case with hyphens"},
      {"file:///x?-sync=1", "lower case with hyphens"},
      {"file:///x?a--b=1", "lower case with hyphens"},
      {"file:///x?s%79nc=1", "lower case with hyphens"},
      {"file:///x?sync=1&sync=1", "key 'sync' is given twice"},
      {"file:///x?a=%", "two hexadecimal digits"},
  };
  for (const auto& row : table) {
    const auto& [text, why] = row;
    CAPTURE(row.text);
    const auto uri = ParseUri(text);
    REQUIRE_FALSE(uri);
    CHECK(uri.error().code == ErrorCode::kConfigInvalid);
    CAPTURE(uri.error().message);
    CHECK(Has(uri.error().message, why));
  }
}

TEST_CASE("no message about a URI shows its password, however broken the URI is") {
  for (const std::string text : {"redis://user:hunter2@h:bad",
                                 "redis://user:hunter2@h?x=%",
                                 "redis://user:hunter2@h?Bad=1",
                                 "redis://user:hunter2@h?a=1&a=1",
                                 "redis://user:hunter2@h#x",
                                 "redis://user:hunter2%@h",
                                 "redis://user:hunter2@@h",
                                 "redis://user:x@hunter2@h",
                                 "redis://user:x/hunter2@h",
                                 "redis://user:12/hunter2@h",
                                 "redis://user:x?hunter2@h",
                                 "redis://user:x#hunter2@h",
                                 "redis://user:x hunter2@h:bad",
                                 "redis://user:x\"hunter2@h:bad",
                                 "redis://user:hunter2",
                                 "redis://user:hunter2,h2",
                                 "redis://user:hunter2\n@h",
                                 "redis:/user:hunter2@h?=1",
                                 "redis:user:hunter2@h?=1",
                                 "redis://h?password=hunter2&Bad=1",
                                 "redis://h?password=hunter2&password=hunter2",
                                 "redis://u:p@h?sslpassword=hunter2#",
                                 "re dis://user:hunter2@h",
                                 "://user:hunter2@h",
                                 "//user:hunter2@h",
                                 "password=hunter2"}) {
    CAPTURE(text);
    const auto uri = ParseUri(text);
    REQUIRE_FALSE(uri);
    CAPTURE(uri.error().message);
    CHECK_FALSE(Has(ToString(uri.error()), "hunter2"));
  }
}

TEST_CASE("the text of a URI that was read can be printed") {
  for (const std::string text : {"user:hunter2@h",
                                 "redis:user:hunter2@h",
                                 "redis:/user:hunter2@h/0",
                                 "redis:///user:hunter2@h",
                                 "redis://h/?to=redis://u:hunter2@h",
                                 "redis://u:hunter2@h/?token=hunter2"}) {
    CAPTURE(text);
    const auto uri = ParseUri(text);
    REQUIRE(uri);
    CHECK_FALSE(Has(uri->text, "hunter2"));
  }
}

TEST_CASE("a password comes from the first line of a file") {
  const TempDir dir;
  const std::string path = (dir / "secret").string();
  const auto parse = [&](const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
    return ParseUri("redis://user@h?password-file=" + path + "&space=x");
  };
  for (const char* content : {"hunter2", "hunter2\n", "hunter2\r\nmore\n", "hunter2\nmore"}) {
    const auto uri = parse(content);
    REQUIRE(uri);
    CHECK(uri->password == "hunter2");
    CHECK_FALSE(uri->password_in_uri);
    CHECK(uri->query.size() == 1);
    CHECK_FALSE(Has(uri->text, "hunter2"));
  }
  CHECK(parse(" x y \n")->password == " x y ");
  for (const std::string& content : {std::string(), std::string("\nx"), std::string(70000, 'x')}) {
    const auto uri = parse(content);
    REQUIRE_FALSE(uri);
    CHECK(uri.error().code == ErrorCode::kConfigInvalid);
    CHECK(Has(uri.error().message, "password-file=" + path + ": its first line"));
  }
}

TEST_CASE("a password file that cannot be read says so") {
  const TempDir dir;
  const auto missing = ParseUri("redis://h?password-file=" + (dir / "none").string());
  REQUIRE_FALSE(missing);
  CHECK(Has(missing.error().message, "No such file"));
  const auto folder = ParseUri("redis://h?password-file=" + dir.path().string());
  REQUIRE_FALSE(folder);
  CHECK(Has(folder.error().message, "not a regular file"));
  const auto bare = ParseUri("redis://h?password-file=hunter2");
  REQUIRE_FALSE(bare);
  CHECK(Has(bare.error().message, "No such file"));
  CHECK_FALSE(Has(bare.error().message, "hunter2"));
  const auto device = ParseUri("redis://h?password-file=/dev/zero");
  REQUIRE_FALSE(device);
  CHECK(Has(device.error().message, "not a regular file"));
}

TEST_CASE("a password comes from the environment") {
  REQUIRE(::setenv("OFFSETSTORE_TEST_PASSWORD", "hunter2", 1) == 0);
  const auto uri = ParseUri("redis://user@h?password-env=OFFSETSTORE_TEST_PASSWORD");
  REQUIRE(uri);
  CHECK(uri->password == "hunter2");
  CHECK(uri->query.empty());
  CHECK_FALSE(uri->password_in_uri);
  for (const bool is_set : {true, false}) {
    if (is_set) {
      ::setenv("OFFSETSTORE_TEST_PASSWORD", "", 1);
    } else {
      ::unsetenv("OFFSETSTORE_TEST_PASSWORD");
    }
    const auto none = ParseUri("redis://h?password-env=OFFSETSTORE_TEST_PASSWORD");
    REQUIRE_FALSE(none);
    CHECK(Has(none.error().message, "password-env=OFFSETSTORE_TEST_PASSWORD is not set"));
  }
}

TEST_CASE("a password written in place of its variable's name is not repeated") {
  for (const char* text :
       {"redis://h?password-env=hunter2", "redis://h?password-env=HUNTER-hunter2"}) {
    const auto uri = ParseUri(text);
    REQUIRE_FALSE(uri);
    CHECK(Has(uri.error().message, "the variable named by password-env is not set"));
    CHECK_FALSE(Has(uri.error().message, "hunter2"));
  }
}

TEST_CASE("a password is given once") {
  for (const char* text : {"redis://u:hunter2@h?password-file=/dev/null",
                           "redis://u:hunter2@h?password-env=HOME",
                           "redis://u@h?password-env=HOME&password-file=/dev/null"}) {
    const auto uri = ParseUri(text);
    REQUIRE_FALSE(uri);
    CHECK(uri.error().code == ErrorCode::kConfigInvalid);
    CHECK(Has(uri.error().message, "give the password once"));
    CHECK_FALSE(Has(uri.error().message, "hunter2"));
  }
}

}  // namespace
}  // namespace offsetstore
