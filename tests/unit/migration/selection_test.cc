// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/selection.h"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

#include "offsetstore/backends/memory.h"

namespace offsetstore::migration {
namespace {

using Texts = std::vector<std::string>;
constexpr Duration kTimeout = std::chrono::seconds(10);

Filter Of(const Texts& include, const Texts& exclude = {}) {
  Result<Filter> filter = Filter::Make(include, exclude);
  REQUIRE_MESSAGE(filter, filter.error().message);
  return *std::move(filter);
}

void Put(OffsetStore& store, const std::string& group) {
  const std::vector<Move> moves = {
      {{"orders", 0}, Position(1), Kind::kSet, {}, Any{}, {}, {}, "", "", ""}};
  const auto outcomes = store.Commit(group,
                                     moves,
                                     ThisProcess(Owner::Kind::kOperator),
                                     Atomicity::kEach,
                                     Deadline::After(kTimeout));
  REQUIRE(outcomes);
  REQUIRE(outcomes->front().Ok());
}

std::unique_ptr<OffsetStore> StoreWith(const Texts& groups) {
  Result<std::unique_ptr<OffsetStore>> store = OpenMemoryStore({});
  REQUIRE(store);
  for (const std::string& group : groups) Put(**store, group);
  return *std::move(store);
}

TEST_CASE("an expression means whole names only") {
  const Filter filter = Of({"pay|bill.*"});
  CHECK(filter.Matches("pay"));
  CHECK(filter.Matches("billing"));
  CHECK_FALSE(filter.Matches("payments"));
  CHECK_FALSE(filter.Matches("my-pay"));
}

TEST_CASE("without expressions every name is meant, the empty one too") {
  CHECK(Filter().Matches(""));
  CHECK(Of({}).Matches("payments"));
  CHECK(Of({".*"}).Matches(""));
  CHECK_FALSE(Of({".+"}).Matches(""));
}

TEST_CASE("what is excluded is not meant, whatever includes it") {
  const Filter filter = Of({"pay.*", "orders"}, {".*-test", "pay-old"});
  CHECK(filter.Matches("payments"));
  CHECK(filter.Matches("orders"));
  CHECK_FALSE(filter.Matches("pay-test"));
  CHECK_FALSE(filter.Matches("pay-old"));
  CHECK_FALSE(filter.Matches("others"));
  const Filter all_but_tests = Of({}, {".*-test"});
  CHECK(all_but_tests.Matches("payments"));
  CHECK_FALSE(all_but_tests.Matches("pay-test"));
}

TEST_CASE("a dot is one character, also beyond ASCII and at a line end") {
  CHECK(Of({"caf."}).Matches("caf\xc3\xa9"));
  CHECK(Of({"caf[\xc3\xa9\xc3\xa8]"}).Matches("caf\xc3\xa9"));
  CHECK(Of({"a.b"}).Matches("a\nb"));
  CHECK(Of({"a.b"}).Matches(std::string("a\0b", 3)));
}

TEST_CASE("a name that is not UTF-8 is matched byte by byte") {
  CHECK(Of({".*"}).Matches("a\xff\xfe"));
  CHECK(Of({"a.."}).Matches("a\xff\xfe"));
  CHECK_FALSE(Of({"a."}).Matches("a\xff\xfe"));
  CHECK(Of({"a\\xff."}).Matches("a\xff\xfe"));
  CHECK(Of({"caf\xc3\xa9.*"}).Matches("caf\xc3\xa9\xff"));
  // An expression that only characters can satisfy.
  CHECK_FALSE(Of({"\\x{3b1}.*"}).Matches("\xce\xb1\xff"));
}

TEST_CASE("long names and expressions that others run away with take no time and no stack") {
  const std::string name(std::size_t{1} << 20U, 'a');
  CHECK(Of({"(a*)*"}).Matches(name));
  CHECK_FALSE(Of({"(a*)*b"}).Matches(name));
  CHECK_FALSE(Of({"(a|aa)+b"}).Matches(name));
  CHECK(Of({".*"}, {"(x+x+)+y"}).Matches(name));
}

TEST_CASE("a wrong expression is named, and what is wrong with it") {
  for (const std::string wrong : {"pay(", "[a-", "a**b{", "*", "\\", "(?=x)", "a{2000}", "\xff"}) {
    CAPTURE(wrong);
    for (const bool excluded : {false, true}) {
      const Texts good = {"fine.*"};
      const Texts bad = {"fine.*", wrong};
      const auto filter = excluded ? Filter::Make(good, bad) : Filter::Make(bad, good);
      if (wrong == "a**b{" && filter) continue;  // RE2 takes it
      REQUIRE_FALSE(filter);
      CHECK(filter.error().code == ErrorCode::kInvalidArgument);
      CHECK(filter.error().message.find("'" + Printable(wrong) + "'") != std::string::npos);
    }
  }
  const auto star = Filter::Make(Texts{"*"}, {});
  CHECK(star.error().message.find("'.*' means any text") != std::string::npos);
}

TEST_CASE("an expression that would take too much memory is refused") {
  const auto filter = Filter::Make(Texts{"((a{1,100}){1,100}){1,100}"}, {});
  REQUIRE_FALSE(filter);
  CHECK(filter.error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("groups are walked in order over all pages, those that are meant handed on") {
  Texts groups;
  for (int i = 0; i < 2500; ++i) groups.push_back("g" + std::to_string(10000 + i));
  const auto store = StoreWith(groups);
  Texts seen;
  const auto count = ForEachGroup(*store, Of({"g1.*"}, {"g.*7"}), kTimeout, [&](const auto& group) {
    seen.push_back(group);
    return Status();
  });
  REQUIRE(count);
  CHECK(count->listed == 2500);
  CHECK(count->matched == 2250);
  Texts expected;
  for (const std::string& group : groups) {
    if (!group.ends_with('7')) expected.push_back(group);
  }
  CHECK(seen == expected);
}

TEST_CASE("what the taker answers ends the walk") {
  const auto store = StoreWith({"a", "b", "c"});
  Texts seen;
  const auto count = ForEachGroup(*store, {}, kTimeout, [&](const std::string& group) -> Status {
    seen.push_back(group);
    if (group == "b") return MakeError(ErrorCode::kUnavailable, "the disk is full");
    return {};
  });
  REQUIRE_FALSE(count);
  CHECK(count.error().message == "the disk is full");
  CHECK(seen == Texts{"a", "b"});
}

TEST_CASE("an empty store and a selection that matches nothing are told apart") {
  CHECK(NothingMeant({5, 1}).empty());
  CHECK(NothingMeant({0, 0}) == "the store has no groups with positions");
  CHECK(NothingMeant({5, 0}).find("the store has 5") != std::string::npos);
}

}  // namespace
}  // namespace offsetstore::migration
