// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "record_format.h"

#include <doctest/doctest.h>

#include "fake_record.h"

namespace offsetstore::cli {
namespace {

std::string Printed(const std::string& format, const Record& record) {
  const auto parsed = RecordFormat::Parse(format);
  REQUIRE(parsed);
  std::string out;
  parsed->Append(out, record);
  return out;
}

TEST_CASE("every token of kcat prints its field") {
  testing::FakeRecord record;
  record.key_bytes = "k1";
  record.value_bytes = std::string("pay\0load", 8);
  record.when = Time(std::chrono::milliseconds(1700000000123));
  record.fields = {{"a", "1"}, {"b", std::nullopt}, {"a", ""}};
  CHECK(Printed("%s", record) == std::string("pay\0load", 8));
  CHECK(Printed("%S|%k|%K|%T|%h|%t|%p|%o|%%", record) ==
        "8|k1|2|1700000000123|a=1,b=NULL,a=|orders|3|7|%");
  CHECK(Printed("%R", record) == std::string("\0\0\0\x08", 4));
}

TEST_CASE("null is told from empty by its length") {
  const testing::FakeRecord null;
  testing::FakeRecord empty;
  empty.key_bytes = "";
  empty.value_bytes = "";
  CHECK(Printed("%S %K %T [%s%k%h]", null) == "-1 -1 -1 []");
  CHECK(Printed("%S %K", empty) == "0 0");
  CHECK(Printed("%R", null) == "\xff\xff\xff\xff");
}

TEST_CASE("escapes are bytes") {
  const testing::FakeRecord record;
  CHECK(Printed(R"(\n\r\t\x41\x0a\65\0101\\q)", record) == "\n\r\tA\nAA\\q");
  CHECK(Printed(R"(\x00)", record) == std::string(1, '\0'));
  CHECK(Printed(R"(\x414)", record) == "A4");
  CHECK(Printed("end\\", record) == "end\\");
}

TEST_CASE("the default prints as kcat does: the payload and a newline") {
  testing::FakeRecord record;
  record.value_bytes = "hello";
  CHECK(Printed(std::string(RecordFormat::kDefault), record) == "hello\n");
  CHECK(RecordFormat::Parse(RecordFormat::kDefault)->ending() == "\n");
  CHECK(RecordFormat::Parse("%o %s")->ending().empty());
}

TEST_CASE("a format that cannot work is refused with what there is") {
  for (const char* format : {"", "%", "a%", "%x", "%-s", R"(\x)", R"(\xzz)", R"(\999)"}) {
    CAPTURE(format);
    const auto parsed = RecordFormat::Parse(format);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace offsetstore::cli
