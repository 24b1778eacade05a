// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/types.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <set>
#include <unordered_set>

#include "offsetstore/process.h"
#include "offsetstore/version.h"

namespace offsetstore {
namespace {

TEST_CASE("a partition is shown with its topic, escaped") {
  CHECK(ToString(TopicPartition{"orders", 3}) == "orders[3]");
  CHECK(ToString(TopicPartition{"a\nb", 0}) == "a\\x0ab[0]");
}

TEST_CASE("partitions of one hash are told apart by topic and number") {
  std::unordered_set<TopicPartition> set;
  for (int i = 0; i < 100; ++i) set.insert({"t", i});
  set.insert({"u", 1});
  set.insert({"t", 1});
  CHECK(set.size() == 101);
}

TEST_CASE("nonces do not repeat") {
  std::set<Nonce> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(Nonce::Random());
  CHECK(seen.size() == 1000);
}

TEST_CASE("a nonce is read back from its digits") {
  const Nonce nonce = Nonce::Random();
  CHECK(nonce.Hex().size() == 32);
  CHECK(Nonce::FromHex(nonce.Hex()) == nonce);
  Nonce known;
  known.bytes[0] = 0xAB;
  known.bytes[15] = 0x01;
  CHECK(known.Hex() == "ab000000000000000000000000000001");
}

TEST_CASE("only the digits that a nonce writes are read as one") {
  const std::string hex(32, 'a');
  CHECK(Nonce::FromHex(hex).has_value());
  CHECK_FALSE(Nonce::FromHex("").has_value());
  CHECK_FALSE(Nonce::FromHex(hex.substr(1)).has_value());
  CHECK_FALSE(Nonce::FromHex(hex + "a").has_value());
  CHECK_FALSE(Nonce::FromHex(std::string(32, 'A')).has_value());
  CHECK_FALSE(Nonce::FromHex(std::string(31, 'a') + 'g').has_value());
  CHECK_FALSE(Nonce::FromHex(std::string(31, 'a') + ' ').has_value());
}

TEST_CASE("this process as an owner says who it is") {
  const Owner owner = ThisProcess(Owner::Kind::kOperator, "reset");
  CHECK(owner.kind == Owner::Kind::kOperator);
  CHECK(owner.name == "reset");
  CHECK_FALSE(owner.host.empty());
  CHECK(owner.pid == ::getpid());
  CHECK(owner.process == ProcessIdentity());
  CHECK(Now() - owner.since < std::chrono::minutes(1));
}

TEST_CASE("an owner is shown in one line") {
  Owner owner;
  owner.name = "payments-1";
  owner.host = "db3";
  owner.pid = 4242;
  owner.since = Time(std::chrono::milliseconds(1767323045678));
  CHECK(ToString(owner) ==
        "member payments-1 (host db3, pid 4242, since 2026-01-02T03:04:05.678Z)");
  owner.kind = Owner::Kind::kOperator;
  owner.name = "";
  owner.host = "x\ny";
  CHECK(ToString(owner) == "operator (host x\\x0ay, pid 4242, since 2026-01-02T03:04:05.678Z)");
}

TEST_CASE("times are shown in UTC, the absurd ones as the nearest four-digit year") {
  CHECK(ToString(Time{}) == "1970-01-01T00:00:00.000Z");
  CHECK(ToString(Time(std::chrono::milliseconds(-1))) == "1969-12-31T23:59:59.999Z");
  CHECK(ToString(Time::max()) == "9999-12-31T23:59:59.999Z");
  CHECK(ToString(Time::min()) == "0000-01-01T00:00:00.000Z");
}

TEST_CASE("positions are 0 to 2^63-1") {
  CHECK(Position::IsValid(0));
  CHECK(Position::IsValid(Position::kMax));
  CHECK_FALSE(Position::IsValid(-1));
  CHECK_FALSE(Position::IsValid(-1001));
  CHECK(Position(3) > Position(2));
  CHECK(Position().value() == 0);
}

TEST_CASE("the version is that of the build") {
  CHECK(std::string(Version()) == "0.1.0");
}

}  // namespace
}  // namespace offsetstore
