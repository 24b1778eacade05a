// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "config_values.h"

#include <doctest/doctest.h>

namespace offsetstore::testing {
namespace {

TEST_CASE("an assignment is sorted partitions of topics") {
  const auto parsed = ParseAssignment("payments:7, orders:2-4 ,orders:0");
  REQUIRE(parsed);
  CHECK(*parsed ==
        Partitions{{"orders", 0}, {"orders", 2}, {"orders", 3}, {"orders", 4}, {"payments", 7}});
  REQUIRE(ParseAssignment("orders:2147483647"));
}

TEST_CASE("a malformed assignment is refused") {
  for (const char* text : {"",
                           "orders",
                           "orders:",
                           ":0",
                           "orders:-1",
                           "orders:1-",
                           "orders:3-1",
                           "orders:1e3",
                           "orders:0x1",
                           "orders:2147483648",
                           "orders:0,",
                           ",",
                           "orders:0-2147483647",
                           "orders:0,orders:0",
                           "orders:0-3,orders:2",
                           "orders:0--0",
                           "or ders:0",
                           "..:0",
                           "orders:0 1"}) {
    const auto parsed = ParseAssignment(text);
    CHECK_MESSAGE(!parsed, text);
    if (!parsed) CHECK(parsed.error().code == ErrorCode::kConfigInvalid);
  }
}

TEST_CASE("topics are names or patterns, none twice") {
  CHECK(*ParseTopics("orders") == std::vector<std::string>{"orders"});
  CHECK(*ParseTopics(" orders , ^pay.* ") == std::vector<std::string>{"orders", "^pay.*"});
  for (const char* text : {"", "orders,", "or/ders", ".", "orders,orders", "a b", "^[", "^(a"}) {
    CHECK_MESSAGE(!ParseTopics(text), text);
  }
  CHECK(ParseTopics(std::string(249, 'x')));
  CHECK_FALSE(ParseTopics(std::string(250, 'x')));
}

TEST_CASE("a start by time is a date or milliseconds") {
  const auto date = ParseStart("timestamp:2026-01-02T03:04:05Z");
  REQUIRE(date);
  CHECK(date->policy == StartPolicy::kTimestamp);
  CHECK(ToString(date->timestamp) == "2026-01-02T03:04:05.000Z");
  const auto millis = ParseStart("timestamp:2026-01-02T03:04:05.678Z");
  REQUIRE(millis);
  CHECK(ToString(millis->timestamp) == "2026-01-02T03:04:05.678Z");
  const auto number = ParseStart("timestamp:1767323045678");
  REQUIRE(number);
  CHECK(number->timestamp == millis->timestamp);
  for (const char* text : {"timestamp:",
                           "timestamp:-1",
                           "timestamp:2026-13-01T00:00:00Z",
                           "timestamp:2026-02-30T00:00:00Z",
                           "timestamp:2026-01-01T24:00:00Z",
                           "timestamp:2026-01-01T00:00:00",
                           "timestamp:2026-01-01 00:00:00Z",
                           "timestamp:+026-01-01T00:00:00Z",
                           "Earliest",
                           ""}) {
    CHECK_MESSAGE(!ParseStart(text), text);
  }
}

}  // namespace
}  // namespace offsetstore::testing
