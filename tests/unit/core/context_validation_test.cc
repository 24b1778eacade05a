// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What the context layer refuses: each case also checks that nothing reached the store.
#include <doctest/doctest.h>

#include <bit>
#include <string>
#include <vector>

#include "offsetstore/layers/context.h"
#include "stub_store.h"

namespace offsetstore::testing {
namespace {

/// A store whose calls are expected to be refused.
class Refusing {
 public:
  explicit Refusing(StoreInfo info = AbleInfo())
      : layered_(Layered::Make(WithContext, std::move(info))) {}

  void Group(const std::string& group, ErrorCode code, const std::string& part) {
    Check(layered_.store->Fetch(group, {}, Soon()), code, part);
  }
  void Fetch(const Selection& selection, ErrorCode code, const std::string& part) {
    Check(layered_.store->Fetch("g", selection, Soon()), code, part);
  }
  void Claim(std::vector<ClaimRequest> requests, ErrorCode code, const std::string& part) {
    Check(layered_.store->Claim("g", requests, Owner{}, Soon()), code, part);
  }
  void Commit(std::vector<Move> moves,
              ErrorCode code,
              const std::string& part,
              Atomicity atomicity = Atomicity::kEach) {
    Check(layered_.store->Commit("g", moves, Owner{}, atomicity, Soon()), code, part);
  }
  void Release(std::vector<Claimed> claims, ErrorCode code, const std::string& part) {
    Check(layered_.store->Release("g", claims, Soon()), code, part);
  }
  void Remove(std::vector<Removal> removals, ErrorCode code, const std::string& part) {
    Check(layered_.store->Remove("g", removals, Owner{}, Soon()), code, part);
  }
  void List(const PageRequest& page, ErrorCode code, const std::string& part) {
    Check(layered_.store->ListGroups(page, Soon()), code, part);
  }
  OffsetStore& store() { return *layered_.store; }

 private:
  template <class T>
  void Check(const Result<T>& result, ErrorCode code, const std::string& part) {
    CAPTURE(part);
    REQUIRE_FALSE(result);
    CAPTURE(ToString(result.error()));
    CHECK(result.error().code == code);
    CHECK(result.error().retry == Retry::kNever);
    CHECK(result.error().message.find(part) != std::string::npos);
    CHECK(layered_.stub->calls == 0);
  }

  Layered layered_;
};

constexpr auto kInvalid = ErrorCode::kInvalidArgument;
constexpr auto kUnsupported = ErrorCode::kUnsupported;

StoreInfo Named(NameDomain names) {
  StoreInfo info = AbleInfo();
  info.limits.names = names;
  info.limits.topic_bytes = 249;
  info.limits.group_bytes = 10;
  return info;
}

TEST_CASE("names outside a text domain are refused, escaped") {
  for (const NameDomain names : {NameDomain::kText, NameDomain::kKafkaTopic}) {
    Refusing store(Named(names));
    store.Group("a\xFF", kInvalid, "group 'a\\xff' is not valid UTF-8");
    store.Group(std::string("a\0b", 3), kInvalid, "group 'a\\x00b' holds a zero byte");
    store.Group("01234567890", kInvalid, "group '01234567890' is 11 bytes long");
    store.Group("01234567890", kInvalid, "a stub store keeps at most 10");
  }
  Refusing store(Named(NameDomain::kText));
  store.Commit({MoveTo("a\xFF", 0, 1)}, kInvalid, "topic 'a\\xff' is not valid UTF-8");
  store.Commit({MoveTo(std::string(250, 'x'), 0, 1)}, kInvalid, "is 250 bytes long");
}

TEST_CASE("names inside their domain pass") {
  const auto fetch = [](NameDomain names, const std::string& group, const std::string& topic) {
    Refusing store(Named(names));
    return store.store().Fetch(group, {{{topic, 0}}, {}}, Soon()).has_value();
  };
  CHECK(fetch(NameDomain::kAny, "", ""));
  CHECK(fetch(NameDomain::kAny, "\xFF", std::string("a\0b", 3)));
  CHECK(fetch(NameDomain::kText, "", ""));
  CHECK(fetch(NameDomain::kText, "gr\xC3\xBC\xC3\x9F", ":/%_ \n"));
  CHECK(fetch(NameDomain::kKafkaTopic, "", std::string(249, 'x')));
  CHECK(fetch(NameDomain::kKafkaTopic, "a/b c", "A-z_0.9"));
  CHECK(fetch(NameDomain::kKafkaTopic, "g", "..."));
}

TEST_CASE("topics that Kafka forbids are refused where the store is Kafka's") {
  Refusing store(Named(NameDomain::kKafkaTopic));
  for (const std::string topic : {"", ".", "..", "a b", "a/b", "a:b", "\xC3\xBC"}) {
    store.Fetch({{{topic, 0}}, {}}, kInvalid, "is no name for a stub store");
    store.Fetch({{}, {topic}}, kInvalid, "is no name for a stub store");
  }
  store.Fetch({{}, {std::string(250, 'x')}}, kInvalid, "keeps at most 249");
}

TEST_CASE("a long name is cut in a message") {
  Refusing store(Named(NameDomain::kText));
  store.Group(std::string(5000, 'x'), kInvalid, std::string(80, 'x') + "'... is 5000 bytes long");
}

TEST_CASE("a negative partition is refused by every call") {
  Refusing store;
  const std::string part = "partition -1 of topic 't' is negative";
  store.Fetch({{{"t", -1}}, {}}, kInvalid, part);
  store.Claim({ClaimOf("t", 0), ClaimOf("t", -1)}, kInvalid, part);
  store.Commit({MoveTo("t", 0, 1), MoveTo("t", -1, 1)}, kInvalid, part);
  store.Release({{{"t", -1}, {}}}, kInvalid, part);
  store.Remove({RemovalOf("t", -1)}, kInvalid, part);
}

TEST_CASE("a partition that stands twice in one call is refused by every call") {
  Refusing store;
  const std::string part = "partition t[1] stands twice";
  store.Fetch({{{"t", 1}, {"t", 0}, {"t", 1}}, {}}, kInvalid, part);
  store.Fetch({{}, {"t", "u", "t"}}, kInvalid, "topic 't' stands twice");
  store.Claim({ClaimOf("t", 1), ClaimOf("t", 2), ClaimOf("t", 1)}, kInvalid, part);
  store.Commit({MoveTo("t", 1, 1), MoveTo("u", 1, 1), MoveTo("t", 1, 2)}, kInvalid, part);
  store.Release({{{"t", 1}, {}}, {{"t", 1}, {}}}, kInvalid, part);
  store.Remove({RemovalOf("t", 1), RemovalOf("t", 1)}, kInvalid, part);
}

TEST_CASE("an invalid position is refused before anything is sent") {
  // Data from outside can hold what the constructor asserts against.
  const auto negative = std::bit_cast<Position>(std::int64_t{-1});
  Refusing store;
  Move bad = MoveTo("t", 1, 0);
  bad.to = negative;
  store.Commit({MoveTo("t", 0, 1), bad}, kInvalid, "position -1 of t[1] is negative");
  bad = MoveTo("t", 1, 0);
  bad.from = negative;
  store.Commit({bad}, kInvalid, "position -1 of t[1] is negative");
  Removal removal = RemovalOf("t", 1);
  removal.from = negative;
  store.Remove({removal}, kInvalid, "position -1 of t[1] is negative");
}

TEST_CASE("the shape of a move is checked") {
  Refusing store;
  Move move = MoveTo("t", 1, 5);
  move.kind = Kind::kRewind;
  store.Commit({move}, kInvalid, "names no claim");
  move.kind = Kind::kSet;
  move.claim = ClaimToken{1, {}};
  store.Commit({move}, kInvalid, "a set is made without one");
  move.kind = Kind::kAdvance;
  move.expect = Nobody{};
  store.Commit({move}, kInvalid, "only a set does");
  move.expect = Any{};
  move.leader_epoch = -1;
  store.Commit({move}, kInvalid, "leader epoch -1");
}

TEST_CASE("a counter that no store hands out is refused") {
  Refusing store;
  const ClaimToken token{std::uint64_t{1} << 63U, {}};
  Move move = MoveTo("t", 1, 5);
  move.claim = token;
  store.Commit({move}, kInvalid, "counter 9223372036854775808");
  store.Release({{{"t", 1}, token}}, kInvalid, "which no store hands out");
  store.Claim({{{"t", 1}, token, {}}}, kInvalid, "which no store hands out");
  store.Remove({{{"t", 1}, token, {}}}, kInvalid, "which no store hands out");
}

TEST_CASE("metadata beyond the limit is refused, and any where none is kept") {
  StoreInfo info = AbleInfo();
  info.limits.metadata_bytes = 4;
  Refusing store(info);
  Move move = MoveTo("t", 1, 5);
  move.metadata = "12345";
  store.Commit({move}, kInvalid, "5 bytes long; a stub store keeps at most 4");
  move.metadata = "1234";
  CHECK(store.store().Commit("g", std::vector{move}, Owner{}, Atomicity::kEach, Soon()));
  info.capabilities.keeps_metadata = false;
  Refusing plain(info);
  plain.Commit({move}, kUnsupported, "a stub store cannot keep metadata");
  move.metadata = "";
  CHECK(plain.store().Commit("g", std::vector{move}, Owner{}, Atomicity::kEach, Soon()));
}

TEST_CASE("a batch above the store's largest is unsupported") {
  StoreInfo info = AbleInfo();
  info.limits.atomic_batch = 2;
  Refusing store(info);
  const std::vector three = {MoveTo("t", 0, 1), MoveTo("t", 1, 1), MoveTo("t", 2, 1)};
  store.Commit(three, kUnsupported, "commit 3 partitions as one; at most 2", Atomicity::kAll);
  CHECK(store.store().Commit("g", three, Owner{}, Atomicity::kEach, Soon()));
  const std::span two(three.data(), 2);
  CHECK(store.store().Commit("g", two, Owner{}, Atomicity::kAll, Soon()));
  info.capabilities.atomic_batch = false;
  Refusing none(info);
  none.Commit({three[0]}, kUnsupported, "Atomicity::kAll", Atomicity::kAll);
}

TEST_CASE("claims are unsupported where the store hands out none") {
  StoreInfo info = AbleInfo();
  info.capabilities.fenced_commits = false;
  Refusing store(info);
  store.Claim({ClaimOf("t", 1)}, kUnsupported, "cannot hand out claims");
  store.Release({{{"t", 1}, {1, {}}}}, kUnsupported, "cannot hand out claims");
  Move move = MoveTo("t", 1, 5);
  move.claim = ClaimToken{1, {}};
  store.Commit({move}, kUnsupported, "cannot commit under a claim");
  move.claim.reset();
  move.kind = Kind::kSet;
  move.expect = ClaimToken{1, {}};
  store.Commit({move}, kUnsupported, "cannot compare claims");
  store.Remove({{{"t", 1}, ClaimToken{1, {}}, {}}}, kUnsupported, "cannot compare claims");
  move.expect = Nobody{};
  CHECK(store.store().Commit("g", std::vector{move}, Owner{}, Atomicity::kEach, Soon()));
}

TEST_CASE("a condition on the position is unsupported where the store checks none") {
  StoreInfo info = AbleInfo();
  info.capabilities.conditional_commits = false;
  Refusing store(info);
  Move move = MoveTo("t", 1, 5);
  move.from = Absent{};
  store.Commit({move}, kUnsupported, "compare the stored position");
  store.Remove({{{"t", 1}, Any{}, Position(3)}}, kUnsupported, "compare the stored position");
}

TEST_CASE("pages of groups are refused where there are none and where they hold none") {
  Refusing store;
  store.List({"", 0}, kInvalid, "at least 1");
  StoreInfo info = AbleInfo();
  info.capabilities.lists_groups = false;
  Refusing plain(info);
  plain.List({}, kUnsupported, "cannot list groups");
}

}  // namespace
}  // namespace offsetstore::testing
