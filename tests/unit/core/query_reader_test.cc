// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "offsetstore/uri.h"

namespace offsetstore {
namespace {

using std::chrono::seconds;

Uri With(const std::string& query) {
  auto uri = ParseUri("file:///x?" + query);
  REQUIRE(uri);
  return *std::move(uri);
}

std::string MessageOf(const Status& status) {
  if (status) return "";
  CHECK(status.error().code == ErrorCode::kConfigInvalid);
  return status.error().message;
}

TEST_CASE("keys are taken with their types") {
  const Uri uri = With("sync=interval&sync-interval=250ms&buffer=64KiB&fair=true&n=-5&space=a%20b");
  QueryReader query(uri);
  CHECK(query.Choice("sync", {"always", "interval"}, "always") == "interval");
  CHECK(query.Duration("sync-interval", seconds(1)) == Duration(250));
  CHECK(query.Size("buffer", 1) == 65536);
  CHECK(query.Bool("fair", false));
  CHECK(query.Integer("n", 1, -10, 10) == -5);
  CHECK(query.String("space", "") == "a b");
  CHECK(query.Finish());
}

TEST_CASE("what is not given takes its default") {
  QueryReader query(With(""));
  CHECK(query.Choice("sync", {"always", "interval"}, "always") == "always");
  CHECK(query.Duration("sync-interval", seconds(1)) == seconds(1));
  CHECK(query.Size("buffer", 7) == 7);
  CHECK(query.Bool("fair", true));
  CHECK(query.Integer("n", 3, 0, 10) == 3);
  CHECK(query.String("space", "x") == "x");
  CHECK(query.Finish());
}

TEST_CASE("a bad value names the key, the value and what is allowed") {
  const auto message = [](const std::string& text, auto take) {
    QueryReader query(With(text));
    take(query);
    return MessageOf(query.Finish());
  };
  CHECK(message("sync=often", [](QueryReader& query) {
          CHECK(query.Choice("sync", {"always", "never"}, "always") == "often");
        }) == "sync=often is not one of always, never");
  CHECK(message("fair=1", [](QueryReader& query) { CHECK_FALSE(query.Bool("fair", true)); }) ==
        "fair=1 is neither true nor false");
  for (const std::string value : {"11", "-1", "x", "", "1e1", "99999999999999999999"}) {
    CHECK(message("n=" + value, [](QueryReader& query) {
            CHECK(query.Integer("n", 5, 0, 10) == 5);
          }) == "n=" + value + " is not a whole number from 0 to 10");
  }
  CHECK(message("wait=5", [](QueryReader& query) {
          CHECK(query.Duration("wait", seconds(2)) == seconds(2));
        }) == "wait=5 is not a duration with a unit, as in 500ms, 5s, 2m or 1h");
  CHECK(message("size=5", [](QueryReader& query) { CHECK(query.Size("size", 2) == 2); }) ==
        "size=5 is not a size with a unit, as in 512B, 64KiB or 1MiB");
}

TEST_CASE("the first bad value is the one that is told") {
  QueryReader query(With("a=x&b=y&unknown=1"));
  CHECK(query.Integer("b", 0, 0, 9) == 0);
  CHECK(query.Integer("a", 0, 0, 9) == 0);
  CHECK(MessageOf(query.Finish()) == "b=y is not a whole number from 0 to 9");
}

TEST_CASE("a key that nobody took names the nearest and lists all") {
  QueryReader query(With("sinc=always"));
  CHECK(query.String("sync", "always") == "always");
  CHECK(query.String("space", "").empty());
  CHECK(MessageOf(query.Finish()) ==
        "unknown key 'sinc'; did you mean 'sync'? (known: sync, space)");
  QueryReader far(With("something-else=1"));
  CHECK(far.String("sync", "").empty());
  CHECK(MessageOf(far.Finish()) == "unknown key 'something-else' (known: sync)");
  QueryReader none(With("x=1"));
  CHECK(MessageOf(none.Finish()) == "unknown key 'x' (it knows none)");
}

TEST_CASE("a bad value that may be a secret is not shown") {
  QueryReader query(With("token=hunter2&target=redis%3A%2F%2Fu%3Ahunter2%40h"));
  CHECK(query.Integer("token", 1, 0, 9) == 1);
  const std::string message = MessageOf(query.Finish());
  CHECK(message == "token=*** is not a whole number from 0 to 9");
  QueryReader uri_value(With("target=redis%3A%2F%2Fu%3Ahunter2%40h"));
  CHECK(uri_value.Integer("target", 1, 0, 9) == 1);
  CHECK(MessageOf(uri_value.Finish()).find("hunter2") == std::string::npos);
}

}  // namespace
}  // namespace offsetstore
