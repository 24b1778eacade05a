// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/units.h"

#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

namespace offsetstore {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

struct Refused {
  std::string text;
  std::string why;
};

template <class Parse>
void CheckRefused(const std::vector<Refused>& table, Parse parse) {
  for (const auto& row : table) {
    const auto& [text, why] = row;
    CAPTURE(row.text);
    const auto result = parse(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::kInvalidArgument);
    CAPTURE(result.error().message);
    CHECK(result.error().message.find(why) != std::string::npos);
  }
}

TEST_CASE("whole numbers up to 64 bits are read") {
  CHECK(*ParseInteger("0") == 0);
  CHECK(*ParseInteger("-1") == -1);
  CHECK(*ParseInteger("007") == 7);
  CHECK(*ParseInteger("9223372036854775807") == kMax);
  CHECK(*ParseInteger("-9223372036854775808") == kMin);
}

TEST_CASE("what is not a whole number is refused and named") {
  CheckRefused({{"", "is empty"},
                {" 1", "blanks"},
                {"1 ", "'1 ' has blanks"},
                {"1\n", "'1\\x0a' has blanks"},
                {"+1", "starts with '+'"},
                {"1e3", "'1e3' is not a whole number"},
                {"-", "not a whole number"},
                {"--1", "not a whole number"},
                {"0x10", "not a whole number"},
                {"1.0", "not a whole number"},
                {"1_000", "not a whole number"},
                {"\xD9\xA1", "not a whole number"},  // An Arabic digit.
                {"9223372036854775808", "too large"},
                {"-9223372036854775809", "too large"},
                {std::string(400, '9'), "..."}},
               ParseInteger);
}

TEST_CASE("positions are read up to 2^63-1") {
  CHECK(*ParsePosition("0") == Position(0));
  CHECK(*ParsePosition("2147483648") == Position(2147483648));
  CHECK(*ParsePosition("9007199254740993") == Position(9007199254740993));
  CHECK(ParsePosition("9223372036854775807")->value() == Position::kMax);
}

TEST_CASE("what is no position is refused and named") {
  CheckRefused({{"", "is empty"},
                {"-1", "'-1' is negative"},
                {"-0", "is negative"},
                {"1e3", "not a whole number"},
                {"9223372036854775808", "too large"},
                {"5 ", "blanks"},
                {"+5", "'+'"}},
               ParsePosition);
}

TEST_CASE("durations are read with their unit") {
  CHECK(*ParseDuration("250ms") == milliseconds(250));
  CHECK(*ParseDuration("10s") == seconds(10));
  CHECK(*ParseDuration("5m") == minutes(5));
  CHECK(*ParseDuration("2h") == hours(2));
  CHECK(*ParseDuration("7d") == days(7));
  CHECK(*ParseDuration("0") == milliseconds(0));
  CHECK(*ParseDuration("0s") == milliseconds(0));
  CHECK(ParseDuration("9223372036854775807ms")->count() == kMax);
}

TEST_CASE("what is no duration is refused and named") {
  CheckRefused({{"", "does not start with a number"},
                {"10", "has no unit"},
                {"00", "has no unit"},
                {"ms", "does not start with a number"},
                {"-5s", "is negative"},
                {"5 s", "unknown unit"},
                {"5s ", "unknown unit"},
                {"5S", "unknown unit"},
                {"5sec", "unknown unit"},
                {"1h30m", "unknown unit"},
                {"1.5s", "unknown unit"},
                {"1e3s", "unknown unit"},
                {"9223372036854775808ms", "too large"},
                {"9223372036854775807s", "too large"},
                {"106751991168d", "too large"}},
               ParseDuration);
}

TEST_CASE("sizes are read with their unit") {
  CHECK(*ParseSize("512B") == 512);
  CHECK(*ParseSize("64KiB") == 65536);
  CHECK(*ParseSize("1MiB") == 1048576);
  CHECK(*ParseSize("2GiB") == 2147483648);
  CHECK(*ParseSize("3KB") == 3000);
  CHECK(*ParseSize("3MB") == 3000000);
  CHECK(*ParseSize("3GB") == 3000000000);
  CHECK(*ParseSize("0B") == 0);
}

TEST_CASE("what is no size is refused and named") {
  CheckRefused({{"", "does not start with a number"},
                {"512", "has no unit"},
                {"-1B", "is negative"},
                {"1kb", "unknown unit"},
                {"1 KiB", "unknown unit"},
                {"1TiB", "unknown unit"},
                {"9223372036854775807KiB", "too large"}},
               ParseSize);
}

TEST_CASE("a duration is written in its shortest exact form and read back") {
  CHECK(ToString(Duration(0)) == "0");
  CHECK(ToString(milliseconds(250)) == "250ms");
  CHECK(ToString(milliseconds(1500)) == "1500ms");
  CHECK(ToString(seconds(90)) == "90s");
  CHECK(ToString(minutes(5)) == "5m");
  CHECK(ToString(hours(48)) == "2d");
  CHECK(ToString(Duration(-3000)) == "-3s");
  for (const std::int64_t count : {0L, 1L, 999L, 1000L, 59999L, 60000L, 86400000L, kMax}) {
    CHECK(*ParseDuration(ToString(Duration(count))) == Duration(count));
  }
}

TEST_CASE("the nearest key is the one with the fewest slips") {
  const std::vector<std::string> known = {
      "sync", "sync-interval", "space", "offsetstore.commit.records", "offsetstore.workers"};
  const auto nearest = [&known](std::string_view word) {
    return std::string(Nearest(word, known));
  };
  CHECK(nearest("snyc") == "sync");
  CHECK(nearest("sinc") == "sync");
  CHECK(nearest("sync_interval") == "sync-interval");
  CHECK(nearest("spaces") == "space");
  CHECK(nearest("offsetstore.comit.record") == "offsetstore.commit.records");
  CHECK(nearest("ofsetstore.worker") == "offsetstore.workers");
  CHECK(nearest("sync") == "sync");
}

TEST_CASE("no key is near where none is") {
  const std::vector<std::string> known = {"sync", "space"};
  CHECK(Nearest("bootstrap.servers", known).empty());
  CHECK(Nearest("xx", known).empty());
  CHECK(Nearest("", known).empty());
  CHECK(Nearest(std::string(100000, 's'), known).empty());
  CHECK(Nearest("sync", {}).empty());
}

}  // namespace
}  // namespace offsetstore
