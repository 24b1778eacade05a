// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

namespace offsetstore::testing {
namespace {

std::string Text(const std::string& name) {
  std::ifstream file(OFFSETSTORE_EXAMPLES "/" + name);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::ptrdiff_t Lines(const std::string& name) {
  const std::string text = Text(name);
  return std::count(text.begin(), text.end(), '\n');
}

TEST_CASE("the examples stay short enough to be read") {
  CHECK(Lines("readme_sample.cc") <= 25);
  CHECK(Lines("orders.cc") <= 30);
  CHECK(Lines("payments.cc") <= 150);
  CHECK(Lines("upsert.cc") <= 150);
  CHECK(Lines("own_rdkafka.cc") <= 60);
  CHECK(Lines("own_rdkafkacpp.cc") <= 60);
  CHECK(Lines("word_count.cc") < 150);
}

TEST_CASE("the README shows the samples that are built") {
  const std::string readme = Text("../../README.md");
  for (const char* sample : {"readme_sample.cc", "orders.cc"}) {
    CAPTURE(sample);
    CHECK(readme.find("```cpp\n" + Text(sample) + "```\n") != std::string::npos);
  }
}

}  // namespace
}  // namespace offsetstore::testing
