// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "consume_config.h"

#include <doctest/doctest.h>

namespace offsetstore::cli {
namespace {

Properties File() {
  return *ParseProperties("topics=orders\nfetch.min.bytes=1\n", "c.properties");
}

TEST_CASE("what the command line says stands over the file, once") {
  const auto merged = WithOverrides(File(), {"fetch.min.bytes=2", "client.id=a=b"}, {"x", "y z"});
  REQUIRE(merged);
  CHECK(merged->entries.size() == 3);
  CHECK(merged->Find("fetch.min.bytes")->value == "2");
  CHECK(merged->Find("client.id")->value == "a=b");
  CHECK(merged->Find("topics")->value == "x,y z");
  CHECK(merged->Find("topics")->line == 0);
}

TEST_CASE("without overrides the file stays as it is") {
  const auto merged = WithOverrides(File(), {}, {});
  REQUIRE(merged);
  CHECK(merged->Find("topics")->value == "orders");
  CHECK(merged->Find("topics")->line == 1);
}

TEST_CASE("a setting without a key or an equals sign is refused and not repeated") {
  for (const char* setting : {"hunter2", "=hunter2", ""}) {
    const auto merged = WithOverrides(File(), {setting}, {});
    REQUIRE_FALSE(merged);
    CHECK(merged.error().code == ErrorCode::kInvalidArgument);
    CHECK(merged.error().message.find("hunter2") == std::string::npos);
  }
}

}  // namespace
}  // namespace offsetstore::cli
