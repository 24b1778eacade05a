// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "internal/percent.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

namespace offsetstore::internal {
namespace {

TEST_CASE("plain names stay as they are") {
  CHECK(PercentEncode("orders_2-x.y") == "orders_2-x.y");
}

TEST_CASE("what a file system or a log line could take amiss is encoded") {
  CHECK(PercentEncode("") == "%");
  CHECK(PercentEncode(".") == "%2E");
  CHECK(PercentEncode("..") == "%2E.");
  CHECK(PercentEncode("a/b:c d%") == "a%2Fb%3Ac%20d%25");
  CHECK(PercentEncode(std::string_view("\0\n", 2)) == "%00%0A");
  CHECK(PercentEncode("\xC3\xA9") == "%C3%A9");
}

TEST_CASE("every name comes back, and no two share an encoding") {
  std::vector<std::string> names = {
      "", "%", "%%", "%25", "a%2Fb", "a/b", ".", "..", "...", "A", "a"};
  for (int byte = 0; byte < 256; ++byte) {
    names.emplace_back(1, static_cast<char>(byte));
    names.push_back(std::string("x") + static_cast<char>(byte));
  }
  std::set<std::string> encodings;
  for (const std::string& name : names) {
    CHECK(PercentDecode(PercentEncode(name)) == name);
    encodings.insert(PercentEncode(name));
  }
  CHECK(encodings.size() == std::set<std::string>(names.begin(), names.end()).size());
}

TEST_CASE("what no name is encoded as has no name") {
  for (const char* bad :
       {"", "%2", "%2f", "%41", "%zz", "a b", ".a", "a%", "%%", "\xC3\xA9", "a/b", "%2E%2E"}) {
    CAPTURE(bad);
    CHECK_FALSE(PercentDecode(bad).has_value());
  }
}

}  // namespace
}  // namespace offsetstore::internal
