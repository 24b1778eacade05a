// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

namespace offsetstore::testing {
namespace {

std::ptrdiff_t Lines(const std::string& name) {
  std::ifstream file(OFFSETSTORE_EXAMPLES "/" + name);
  REQUIRE(file);
  return std::count(std::istreambuf_iterator<char>(file), {}, '\n');
}

TEST_CASE("the examples stay short enough to be read") {
  CHECK(Lines("readme_sample.cc") <= 25);
  CHECK(Lines("own_rdkafka.cc") <= 60);
  CHECK(Lines("own_rdkafkacpp.cc") <= 60);
}

}  // namespace
}  // namespace offsetstore::testing
