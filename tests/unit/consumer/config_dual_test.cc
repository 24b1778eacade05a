// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "config_text.h"

namespace offsetstore::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* kWithoutStore =
    "bootstrap.servers=127.0.0.1:9092\n"
    "group.id=g\n"
    "topics=orders\n";

TEST_CASE("two stores are named by two keys, or by one URI") {
  const auto keys = Read(std::string(kWithoutStore) +
                         "offsetstore.dual.primary=memory:\n"
                         "offsetstore.dual.secondary=file:///x?a=b&c=d\n");
  REQUIRE(keys);
  REQUIRE(keys->stores.size() == 2);
  CHECK(keys->stores[0].text == "memory:");
  CHECK(keys->stores[0].where == "app.properties:4");
  CHECK(keys->stores[1].text == "file:///x?a=b&c=d");
  CHECK(keys->stores[1].key == "offsetstore.dual.secondary");
  CHECK(keys->secondary_timeout == 1s);

  const auto uri = Read(std::string(kWithoutStore) +
                        "offsetstore.uri=dual:?primary=memory:&secondary=file:///x?a=b%26c=d"
                        "&secondary-timeout=300ms\n");
  REQUIRE(uri);
  REQUIRE(uri->stores.size() == 2);
  CHECK(uri->stores[0].text == "memory:");
  CHECK(uri->stores[1].text == "file:///x?a=b&c=d");
  CHECK(uri->stores[1].key == "offsetstore.uri");
  CHECK(uri->secondary_timeout == 300ms);

  const auto one = Read(std::string(kWithoutStore) + "offsetstore.uri=memory:\n");
  REQUIRE(one);
  CHECK(one->stores.size() == 1);
}

TEST_CASE("one store and two stores at once are refused, and half of two as well") {
  const std::string both = Refusal(std::string(kWithoutStore) +
                                   "offsetstore.uri=memory:\n"
                                   "offsetstore.dual.secondary=file:///x\n");
  CHECK(Contains(both,
                 "app.properties:5: offsetstore.dual.secondary: offsetstore.uri "
                 "(app.properties:4) and offsetstore.dual.* exclude each other"));
  for (const std::string leg : {"primary", "secondary"}) {
    CHECK(Contains(Refusal(kWithoutStore + ("offsetstore.dual." + leg) + "=memory:\n"),
                   "are needed together"));
  }
}

TEST_CASE("a dual URI that is wrong is told with its line") {
  CHECK(Contains(Refusal(std::string(kWithoutStore) + "offsetstore.uri=dual:?primary=memory:\n"),
                 "app.properties:4: offsetstore.uri: dual: secondary= is missing"));
}

}  // namespace
}  // namespace offsetstore::testing
