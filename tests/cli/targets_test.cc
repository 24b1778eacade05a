// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "targets.h"

#include <doctest/doctest.h>

namespace offsetstore::cli {
namespace {

std::string WhyNot(const std::string& setting) {
  const auto parsed = ParseSetting(setting);
  return parsed ? "" : parsed.error().message;
}

TEST_CASE("a target is a topic, or a topic and partitions after its last colon") {
  CHECK(ParseTarget("orders")->topic == "orders");
  CHECK(ParseTarget("orders")->partitions.empty());
  CHECK(ParseTarget("orders:3")->partitions == std::vector<std::int32_t>{3});
  CHECK(ParseTarget("orders:0,2-4,3")->partitions == std::vector<std::int32_t>{0, 2, 3, 4});
  CHECK(ParseTarget("eu:orders:7")->topic == "eu:orders");
  CHECK(ParseTarget("eu:orders")->topic == "eu:orders");
  CHECK(ParseTarget("a b/ü%:0")->topic == "a b/ü%");
  CHECK(ParseTarget("")->topic.empty());
}

TEST_CASE("a malformed list of partitions is refused, not taken for a topic") {
  for (const char* text : {"orders:",
                           "orders:-1",
                           "orders:-0",
                           "orders:1-",
                           "orders:3-2",
                           "orders:1,,2",
                           "orders:2147483648",
                           "orders:0-2147483647"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseTarget(text));
  }
}

TEST_CASE("a range that cannot be says what is wrong with it") {
  const auto why = [](const std::string& text) { return ParseTarget(text).error().message; };
  CHECK(why("orders:0-99999999999").find("from 0 to 2147483647") != std::string::npos);
  CHECK(why("orders:0-2147483647").find("more than 100000 partitions") != std::string::npos);
  CHECK(why("orders:3-2").find("ends before it begins") != std::string::npos);
}

TEST_CASE("a setting is split at its last equals sign and the last colon before it") {
  const auto odd = ParseSetting("a=1:b c:12=9223372036854775807");
  REQUIRE(odd);
  CHECK(odd->at == TopicPartition{"a=1:b c", 12});
  CHECK(odd->to.value() == Position::kMax);
}

TEST_CASE("malformed offsets are refused, each with a reason") {
  for (const char* offset : {"-1",
                             "1e3",
                             "9223372036854775808",
                             "5 ",
                             " 5",
                             "+5",
                             "",
                             "0x10",
                             "1.0",
                             "99999999999999999999999"}) {
    CAPTURE(offset);
    CHECK_FALSE(WhyNot(std::string("orders:0=") + offset).empty());
  }
  CHECK_FALSE(WhyNot("orders=5").empty());
  CHECK_FALSE(WhyNot("orders:0").empty());
  CHECK_FALSE(WhyNot("orders:-1=5").empty());
  CHECK_FALSE(WhyNot("orders:-0=5").empty());
  CHECK_FALSE(WhyNot("orders:2147483648=5").empty());
}

TEST_CASE("one partition may be set only once in a command") {
  CHECK(ParseSettings({"a:0=1", "a:1=1", "b:0=1"})->size() == 3);
  const auto twice = ParseSettings({"a:0=1", "a:0=2"});
  REQUIRE_FALSE(twice);
  CHECK(twice.error().message.find("twice") != std::string::npos);
}

TEST_CASE("a target selects its topic, or exactly its partitions") {
  CHECK(ParseTarget("orders")->ToSelection().topics == std::vector<std::string>{"orders"});
  const Selection two = ParseTarget("orders:5,1")->ToSelection();
  CHECK(two.topics.empty());
  CHECK(two.partitions == std::vector<TopicPartition>{{"orders", 1}, {"orders", 5}});
}

}  // namespace
}  // namespace offsetstore::cli
