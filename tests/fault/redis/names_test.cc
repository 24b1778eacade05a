// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "names.h"

#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

namespace offsetstore::redis {
namespace {

using namespace std::string_literals;

const std::vector<std::string>& Awkward() {
  static const std::vector<std::string> names = {
      "",   "a",    "a/b", "a/",    "/",    "{a}",      "{",      "}",    "a}b{c", "\"'\\",
      "\n", "\r\n", "\0"s, "a\0b"s, "#",    "%",        "%2F",    ".",    "-",     "_",
      ":",  "*",    "[",   "~",     "\xff", "\xc3\xa9", "groups", "meta", "0",     "a b"};
  return names;
}

TEST_CASE("the key of a group is readable where its name is") {
  const KeyNames plain("offsetstore:", "");
  CHECK(plain.Hash("payments") == "offsetstore:{payments}");
  CHECK(plain.index() == "offsetstore:groups");
  CHECK(plain.meta() == "offsetstore:meta");
  const KeyNames spaced("p:", "prod-eu");
  CHECK(spaced.Hash("payments") == "p:{prod-eu/payments}");
  CHECK(spaced.index() == "p:groups/prod-eu");
  CHECK(spaced.meta() == "p:meta");
}

TEST_CASE("no two keys are the same, whatever the names") {
  std::set<std::string> keys;
  std::size_t made = 0;
  for (const std::string& prefix : {""s, "a"s, "groups"s, "meta"s, "a:"s}) {
    keys.insert(KeyNames(prefix, "").meta());
    ++made;
    for (const std::string& space : Awkward()) {
      const KeyNames names(prefix, space);
      keys.insert(names.index());
      ++made;
      for (const std::string& group : Awkward()) {
        keys.insert(names.Hash(group));
        ++made;
      }
    }
  }
  CHECK(keys.size() == made);
}

TEST_CASE("the hash tag of a key is the group and nothing of the prefix") {
  for (const std::string& group : Awkward()) {
    const std::string key = KeyNames("p:", "s").Hash(group);
    CHECK(key.find('{') == 2);
    CHECK(key.find('}') == key.size() - 1);
    CHECK(key.size() > 4);  // an empty tag would be no tag
  }
}

TEST_CASE("a field names one partition and comes back") {
  std::set<std::string> fields;
  for (const std::string& topic : Awkward()) {
    for (const std::int32_t partition : {0, 7, 10, std::numeric_limits<std::int32_t>::max()}) {
      const TopicPartition at{topic, partition};
      const std::string field = FieldOf(at);
      CHECK(field != kCountField);
      CHECK(PartitionOf(field) == at);
      CHECK(fields.insert(field).second);
    }
  }
}

TEST_CASE("what no release writes is no partition") {
  for (const char* field : {"",
                            "#",
                            "orders",
                            "orders/",
                            "orders/x",
                            "orders/03",
                            "orders/-1",
                            "orders/+1",
                            "orders/2147483648",
                            "/1",
                            "or ders/1",
                            "%2f/1",
                            "a/b/1",
                            "orders/1 "}) {
    CAPTURE(field);
    CHECK_FALSE(PartitionOf(field).has_value());
  }
}

}  // namespace
}  // namespace offsetstore::redis
