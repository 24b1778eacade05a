// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "internal/utf8.h"

#include <doctest/doctest.h>

namespace offsetstore::internal {
namespace {

TEST_CASE("the smallest and largest character of each length is valid") {
  CHECK(IsUtf8(""));
  CHECK(Utf8CharBytes(std::string_view("\0", 1)) == 1);
  CHECK(Utf8CharBytes("\x7F") == 1);
  CHECK(Utf8CharBytes("\xC2\x80") == 2);
  CHECK(Utf8CharBytes("\xDF\xBF") == 2);
  CHECK(Utf8CharBytes("\xE0\xA0\x80") == 3);
  CHECK(Utf8CharBytes("\xED\x9F\xBF") == 3);
  CHECK(Utf8CharBytes("\xEE\x80\x80") == 3);
  CHECK(Utf8CharBytes("\xEF\xBF\xBF") == 3);
  CHECK(Utf8CharBytes("\xF0\x90\x80\x80") == 4);
  CHECK(Utf8CharBytes("\xF4\x8F\xBF\xBF") == 4);
  CHECK(IsUtf8("a\xC3\xA9z"));
}

TEST_CASE("what is not the shortest form of a character is refused") {
  for (const char* bad : {"\x80",
                          "\xBF",
                          "\xC0\x80",
                          "\xC1\xBF",
                          "\xC2",
                          "\xC2\x41",
                          "\xE0\x9F\xBF",
                          "\xE2\x82",
                          "\xE2\x82\x41",
                          "\xED\xA0\x80",
                          "\xF0\x8F\xBF\xBF",
                          "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80",
                          "\xFE",
                          "\xFF"}) {
    CHECK(Utf8CharBytes(bad) == 0);
    CHECK_FALSE(IsUtf8(bad));
  }
  CHECK(Utf8CharBytes("") == 0);
  CHECK_FALSE(IsUtf8("fine\xFF"));
}

}  // namespace
}  // namespace offsetstore::internal
