// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "value.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

namespace offsetstore::redis {
namespace {

using internal::Record;

// What format 1 looks like. These texts stay: later releases must read them.
const char* const kHeldValue =
    "held 0000000000000000007 000102030405060708090a0b0c0d0e0f 1767225600000 member payments-1 db3 "
    "4242 boot%2Fns%2F4242%2F9 % cluster-1\n"
    "0000000000000001234 17 1767225600001 AAAAAAAAAAAAAAAAAAAAAQ cluster-1 "
    "member%20payments-1%20%28host%20db3%2C%20pid%204242%29\n"
    "state\n=1";
const char* const kGoneValue =
    "gone 9223372036854775807 ffffffffffffffffffffffffffffffff 0 operator % % 1 % % %\n-\n";
const char* const kUnclaimedValue = "none\n9223372036854775807 - - % % %\n";

TEST_CASE("format 1 is read, and written back as it was") {
  const auto held = ToRecord(kHeldValue);
  REQUIRE(held);
  CHECK(held->claim->token.counter == 7);
  CHECK(held->claim->token.nonce.Hex() == "000102030405060708090a0b0c0d0e0f");
  CHECK_FALSE(held->claim->released);
  CHECK(held->claim->owner.name == "payments-1");
  CHECK(held->claim->owner.process == "boot/ns/4242/9");
  CHECK(held->entry->position == Position(1234));
  CHECK(held->entry->leader_epoch == 17);
  CHECK(held->entry->writer == "member payments-1 (host db3, pid 4242)");
  CHECK(held->entry->metadata == "state\n=1");
  const auto gone = ToRecord(kGoneValue);
  REQUIRE(gone);
  CHECK(gone->removed);
  CHECK(gone->claim->released);
  CHECK_FALSE(gone->entry.has_value());
  const auto unclaimed = ToRecord(kUnclaimedValue);
  REQUIRE(unclaimed);
  CHECK_FALSE(unclaimed->claim.has_value());
  CHECK(unclaimed->entry->position == Position(Position::kMax));
  for (const auto& [record, text] : {std::pair(*held, kHeldValue),
                                     std::pair(*gone, kGoneValue),
                                     std::pair(*unclaimed, kUnclaimedValue)}) {
    CHECK(*ToValue(record) == text);
  }
}

TEST_CASE("what no release could have written is corrupt, and names it") {
  const std::string held(kHeldValue);
  const auto with = [&held](const std::string& what, const std::string& instead) {
    std::string value = held;
    return value.replace(value.find(what), what.size(), instead);
  };
  const std::vector<std::string> bad = {
      "",
      "junk",
      "none",
      "none\n",
      "none\n-",
      "none\n-\nmetadata of nothing",
      "none\n123 - - % % %\n",
      "none\n-000000000000000001 - - % % %\n",
      "none\n9999999999999999999 - - % % %\n",
      "none\n0000000000000000001 - - % %\n",
      "none\n0000000000000000001 - - % % % %\n",
      "none\n0000000000000000001 x - % % %\n",
      with("held", "hold"),
      with("0000000000000000007", "0000000000000000000"),
      with("0000000000000000007", "7"),
      with("000102", "00010G"),
      with("member ", "stranger "),
      with("4242 boot", "x boot"),
      with(" 17 ", " 99999999999 "),
      with("cluster-1\n", "clus%2\n"),
      with("held", "gone"),
  };
  for (const std::string& value : bad) {
    CAPTURE(value);
    const auto record = ToRecord(value);
    REQUIRE_FALSE(record);
    CHECK(record.error().code == ErrorCode::kCorrupt);
  }
}

TEST_CASE("a counter that is used up is refused, not wrapped") {
  Record record;
  record.claim = ClaimView{{std::uint64_t{1} << 63U, Nonce::Random()}, Owner{}, false};
  CHECK_FALSE(ToValue(record));
  record.claim->token.counter -= 1;
  REQUIRE(ToValue(record));
  CHECK(ToRecord(*ToValue(record))->claim->token.counter == record.claim->token.counter);
}

TEST_CASE("numbers keep their order as text of 19 digits") {
  CHECK(Digits(0) == "0000000000000000000");
  CHECK(Digits(Position::kMax) == "9223372036854775807");
  CHECK(Digits((std::int64_t{1} << 53) + 1) == "0009007199254740993");
}

}  // namespace
}  // namespace offsetstore::redis
