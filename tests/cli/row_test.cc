// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "into/row.h"

#include <doctest/doctest.h>

#include "fake_record.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("what holds a NUL is bytes, since PostgreSQL's text and JSON cannot hold it") {
  const std::string with_nul("a\0b", 3);
  FakeRecord record;
  record.key_bytes = with_nul;
  record.value_bytes = "text";
  record.fields = {{"trace", with_nul}, {with_nul, "1"}};
  const auto row = cli::RowOf(record, {});
  REQUIRE(row);
  CHECK((*row)["key"].is_binary());
  CHECK((*row)["value"] == "text");
  CHECK((*row)["headers"].dump() ==
        R"([{"name":"trace","value_hex":"610062"},{"name_hex":"610062","value":"1"}])");
}

}  // namespace
}  // namespace offsetstore::testing
