// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/moment.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace offsetstore::testing {
namespace {

using namespace std::chrono_literals;
using migration::ParseMoment;
using migration::ParseSpan;

/// Local time is that of `zone` while it lives.
class Zone {
 public:
  explicit Zone(const char* zone) {
    if (const char* now = std::getenv("TZ")) before_ = now;
    ::setenv("TZ", zone, 1);
  }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;
  ~Zone() {
    if (before_) {
      ::setenv("TZ", before_->c_str(), 1);
    } else {
      ::unsetenv("TZ");
    }
  }

 private:
  std::optional<std::string> before_;
};

// Central Europe's rule, without needing the zone files.
constexpr const char* kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";
constexpr Time kNow{std::chrono::milliseconds(1'795'860'000'000)};  // 2026-11-28T10:00:00Z

std::string Read(const std::string& text) {
  const auto moment = ParseMoment(text, kNow);
  return moment ? ToString(*moment) : "error: " + moment.error().message;
}

bool Refuses(const std::string& text, const std::string& why = "is no time: ") {
  return Read(text).starts_with("error: '") && Read(text).find(why) != std::string::npos;
}

std::string At(std::int64_t ms) {
  return ToString(Time(std::chrono::milliseconds(ms)));
}

TEST_CASE("a time with its zone is that moment, wherever we are") {
  for (const char* zone : {"UTC", kBerlin, "XXX+11:30"}) {
    const Zone here(zone);
    CHECK(Read("2026-11-28T10:00:00Z") == At(1'795'860'000'000));
    CHECK(Read("2026-11-28 10:00Z") == At(1'795'860'000'000));
    CHECK(Read("2026-11-28t11:00:00.250+01:00") == At(1'795'860'000'250));
    CHECK(Read("2026-11-28T04:30:00-0530") == At(1'795'860'000'000));
    CHECK(Read("2026-11-28T12:00+02") == At(1'795'860'000'000));
    CHECK(Read("1969-12-31T23:59:59Z") == At(-1000));
    for (const char* text : {"2026-11-28T10:00:00+0199", "2026-11-28T10:00:00+01:99"}) {
      CHECK_FALSE(ParseMoment(text, kNow));
    }
  }
}

TEST_CASE("a time without a zone is local") {
  const Zone here(kBerlin);
  CHECK(Read("2026-11-28 11:00") == At(1'795'860'000'000));
  CHECK(Read("2026-11-28T11:00:00.123") == At(1'795'860'000'123));
  CHECK(Read("2026-07-01 12:00") == Read("2026-07-01T10:00:00Z"));
  CHECK(Read("2026-11-28") == Read("2026-11-27T23:00:00Z"));
}

TEST_CASE("a local time that the clock change left out or brings twice is refused") {
  const Zone here(kBerlin);
  CHECK(Refuses("2026-03-29 02:30", "put forward over it"));
  CHECK(Read("2026-03-29 01:59:59.999") == Read("2026-03-29T00:59:59.999Z"));
  CHECK(Read("2026-03-29 03:00") == Read("2026-03-29T01:00:00Z"));
  CHECK(Refuses("2026-10-25 02:30", "showed it twice"));
  CHECK(Read("2026-10-25 02:30").find(Read("2026-10-25T00:30:00Z")) != std::string::npos);
  CHECK(Read("2026-10-25 02:30").find(Read("2026-10-25T01:30:00Z")) != std::string::npos);
  CHECK(Read("2026-10-25 01:59") == Read("2026-10-24T23:59:00Z"));
  CHECK(Read("2026-10-25 03:00") == Read("2026-10-25T02:00:00Z"));
}

TEST_CASE("days are those of here") {
  const Zone here("XXX-14");  // 2026-11-29 00:00 there.
  CHECK(Read("now") == ToString(kNow));
  CHECK(Read("today") == Read("2026-11-29T00:00:00+14:00"));
  CHECK(Read("today 10:00") == Read("2026-11-29T10:00:00+14:00"));
  CHECK(Read("yesterday 10:00:30") == Read("2026-11-28T10:00:30+14:00"));
  CHECK(Read("yesterday") == Read("2026-11-28T00:00:00+14:00"));
}

TEST_CASE("a distance before now") {
  CHECK(Read("-1h") == ToString(kNow - 1h));
  CHECK(Read("-90m") == ToString(kNow - 90min));
  CHECK(Read("-2d") == ToString(kNow - 48h));
  CHECK(Read("-PT1H30M") == ToString(kNow - 90min));
}

TEST_CASE("since 1970, in seconds or milliseconds by the number of digits") {
  CHECK(Read("@1700000000") == At(1'700'000'000'000));
  CHECK(Read("@1700000000000") == At(1'700'000'000'000));
  CHECK(Read("@0") == At(0));
  CHECK(Read("@99999999999") == At(99'999'999'999'000));
  CHECK(Read("@100000000000") == At(100'000'000'000));
}

TEST_CASE("what is no time says so, and how to write one") {
  const Zone here("UTC");
  for (const std::string text : {"",
                                 "tomorrow",
                                 "10:00",
                                 "2026",
                                 "2026-11",
                                 "26-11-28",
                                 "2026-1-1",
                                 "2026-11-28x",
                                 "2026/11/28",
                                 "1700000000",
                                 "todayy",
                                 "today10:00",
                                 "\xff"}) {
    CAPTURE(text);
    CHECK(Refuses(text, "write 2026-11-27T10:00:00Z"));
  }
  CHECK(Refuses("2026-02-29", "no such day"));
  CHECK(Refuses("2026-13-01", "no such day"));
  for (const std::string text : {"2026-11-28 24:00",
                                 "2026-11-28T10",
                                 "2026-11-28 10:60",
                                 "2026-11-28 10:00:61",
                                 "today 25:00",
                                 "yesterday 10"}) {
    CAPTURE(text);
    CHECK(Refuses(text, "the time of day is"));
  }
  CHECK(Refuses("2026-11-28T10:00:00X", "a zone is"));
  CHECK(Refuses("2026-11-28T10:00:00+25:00", "a zone is"));
  CHECK(Refuses("2026-11-28T10:00:00Zz", "a zone is"));
  CHECK(Refuses("@", "1 to 14 digits"));
  CHECK(Refuses("@-5", "1 to 14 digits"));
  CHECK(Refuses("@123456789012345", "1 to 14 digits"));
  CHECK(Refuses("-", "is no duration"));
  CHECK(Refuses("-1 hour", "is no duration"));
}

TEST_CASE("durations: ours, and ISO 8601's") {
  const auto ms = [](const char* text) {
    const auto span = ParseSpan(text);
    return span ? span->count() : -1;
  };
  CHECK(ms("90m") == 5'400'000);
  CHECK(ms("P1D") == 86'400'000);
  CHECK(ms("P1DT12H") == 129'600'000);
  CHECK(ms("PT1H2M3S") == 3'723'000);
  CHECK(ms("PT0.5S") == 500);
  CHECK(ms("PT1M0.0015S") == 60'001);
  for (const char* text : {"",
                           "P",
                           "PT",
                           "P1",
                           "P1H",
                           "P1M",
                           "P1Y",
                           "P1DT",
                           "PT1M1H",
                           "PT1H1H",
                           "PT1.5H",
                           "PT1.S",
                           "P-1D",
                           "-P1D",
                           "p1d",
                           "P1D ",
                           "P9999999999D",
                           "1w",
                           "5"}) {
    CAPTURE(text);
    CHECK(ms(text) == -1);
  }
}

}  // namespace
}  // namespace offsetstore::testing
