// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What other programs leave in the tree: named by path, never read as a position, hiding nothing.
#include <string>
#include <vector>

#include "own_server.h"
#include "zookeeper_support.h"

namespace offsetstore::testing {
namespace {

/// The error of orders[1], whatever stands around it; orders[0] and orders[2] must be readable.
Error Unreadable(const OwnTree& tree, std::int32_t partition = 1) {
  const TestGroup group = tree.Group();
  CHECK(group.PositionOf(Orders(0)) == 10);
  CHECK(group.PositionOf(Orders(2)) == 12);
  Error error = SlotError(group.ReadOf(Orders(partition)));
  CHECK(error.code == ErrorCode::kCorrupt);
  bool shown = false;
  for (const Read& read : group.All()) {
    shown = shown || (std::holds_alternative<Error>(read.slot) && read.at.topic == "orders");
  }
  CHECK(shown);
  CHECK(group.IsListed());
  CHECK_FALSE(error.context.empty());
  return error;
}

OwnTree TreeWith(const std::string& below, const std::string& data) {
  OwnTree tree;
  tree.client.Set(tree.Path("offsets/orders/0"), "10");
  tree.client.Set(tree.Path("offsets/orders/2"), "12");
  tree.client.Set(tree.Path(below), data);
  return tree;
}

}  // namespace

TEST_CASE("only a whole number within 64 bits is a position") {
  for (const char* data : {"x",
                           " 5",
                           "5 ",
                           "5\n",
                           "+5",
                           "5.0",
                           "0x5",
                           "9223372036854775808",
                           "99999999999999999999999",
                           "-9223372036854775808",
                           "{\"offset\":5}"}) {
    CAPTURE(data);
    const OwnTree tree = TreeWith("offsets/orders/1", data);
    const Error error = Unreadable(tree);
    CHECK(Says(error, tree.Path("offsets/orders/1")));
    CHECK_FALSE(tree.Group().Commit(Advance(Orders(1), 99)).Ok());
    CHECK_FALSE(tree.Group().Claim(Orders(1)).outcome.Ok());
    CHECK(tree.Data("offsets/orders/1") == data);
  }
}

TEST_CASE("the largest position is read exactly") {
  const OwnTree tree = TreeWith("offsets/orders/1", "9223372036854775807");
  CHECK(tree.Group().PositionOf(Orders(1)) == Position::kMax);
}

TEST_CASE("-1 is named and is neither a position nor absent") {
  const Error error = Unreadable(TreeWith("offsets/orders/1", "-1"));
  CHECK(Says(error, "-1"));
  CHECK(Says(error, "no position"));
}

TEST_CASE("a leaf without data is absent, and takes a commit") {
  OwnTree tree;
  tree.client.Create(tree.Path("offsets/orders/0"));
  tree.client.Set(tree.Path("offsets/orders/1"), "");
  CHECK(tree.Group().All().empty());
  CHECK_FALSE(tree.Group().IsListed());
  CHECK(tree.Group().Commit(Advance(Orders(0), 1, {}, From(Absent{}))).Ok());
  const ClaimToken claim = tree.Group().MustClaim(Orders(1));
  CHECK(tree.Group().Commit(Advance(Orders(1), 1, claim)).Ok());
  CHECK(tree.Data("offsets/orders/1") == "1");
}

TEST_CASE("an empty leaf that another program made under a claim is no other position") {
  const OwnTree tree;
  const ClaimToken claim = tree.Group().MustClaim(Orders(0));
  tree.client.Create(tree.Path("offsets/orders/0"));
  CHECK(tree.Group().Commit(Advance(Orders(0), 1, claim)) == OutcomeCode::kApplied);
}

TEST_CASE("a node of Kafka 0.7 is named and hides its partition only") {
  const Error error = Unreadable(TreeWith("offsets/orders/3-1", "123456"));
  CHECK(Says(error, "0.7"));
  CHECK(Says(error, "3-1"));
}

TEST_CASE("a node of Kafka 0.7 beside a real one does not hide that") {
  const OwnTree tree = TreeWith("offsets/orders/3-0", "123456");
  CHECK(tree.Group().PositionOf(Orders(0)) == 10);
  const auto all = tree.Group().All();
  REQUIRE(all.size() == 3);
  CHECK(Says(SlotError(all[0]), "0.7"));
  CHECK(all[0].at.partition == -1);
}

TEST_CASE("all offsets of a topic in its own node are named, and none of them is absent") {
  for (const char* data : {"0:123,1:456", "payments:0:123,payments:1:456"}) {
    CAPTURE(data);
    OwnTree tree;
    tree.client.Set(tree.Path("offsets/payments"), data);
    const Error error = SlotError(tree.Group().ReadOf({"payments", 1}));
    CHECK(error.code == ErrorCode::kCorrupt);
    CHECK(Says(error, "0:123"));
    CHECK(tree.Group().All().size() == 1);
    CHECK(tree.Group().IsListed());
  }
  const Error error = Unreadable(TreeWith("offsets/orders/1", "0:123,1:456"));
  CHECK(Says(error, "several partitions"));
}

TEST_CASE("leaves beside offsets in the topic's own node make none of the others absent") {
  OwnTree tree;
  tree.client.Set(tree.Path("offsets/payments"), "0:123,1:456");
  tree.client.Set(tree.Path("offsets/payments/0"), "9");
  CHECK(tree.Group().PositionOf({"payments", 0}) == 9);
  CHECK(SlotError(tree.Group().ReadOf({"payments", 1})).code == ErrorCode::kCorrupt);
  CHECK(tree.Group().IsListed());
}

TEST_CASE("data of a topic's node that is no offsets is nobody's business") {
  OwnTree tree;
  tree.client.Set(tree.Path("offsets/payments"), "127.0.0.1");
  CHECK(tree.Group().All().empty());
}

TEST_CASE("sparse partitions are found, and children that are no partitions are named") {
  OwnTree tree;
  for (const char* partition : {"0", "17", "2147483647"}) {
    tree.client.Set(tree.Path(std::string("offsets/orders/") + partition), "1");
  }
  tree.client.Set(tree.Path("offsets/orders/007"), "1");
  tree.client.Set(tree.Path("offsets/orders/partition_1"), "1");
  tree.client.Set(tree.Path("offsets/orders/2147483648"), "1");
  const auto all = tree.Group().All();
  REQUIRE(all.size() == 4);
  CHECK(Says(SlotError(all[0]), "partition_1"));
  CHECK(all[1].at == Orders(0));
  CHECK(all[2].at == Orders(17));
  CHECK(all[3].at == Orders(2147483647));
}

TEST_CASE("a topic's node that nobody here could have named is shown as unreadable") {
  OwnTree tree;
  tree.client.Set(tree.Path("offsets/a b/0"), "1");
  tree.client.Set(tree.Path("offsets/a%20b/0"), "2");
  const auto all = tree.Group().All();
  REQUIRE(all.size() == 2);
  CHECK(Says(SlotError(all[0]), "offsets/a b"));
  CHECK(PositionIn(all[1].slot) == 2);
}

TEST_CASE("our own node damaged, or of a newer format, is an error of its partition alone") {
  for (const auto& [damage, code] :
       {std::pair<std::string, ErrorCode>{"junk", ErrorCode::kCorrupt},
        {"", ErrorCode::kCorrupt},
        {"offsetstore=2 whatever", ErrorCode::kUnsupported},
        {"offsetstore=1 incarnation=0b1c counter=0 nonce=- released=0 removed=0 leaf-zxid=- "
         "position=- leader-epoch=- topic-id=% cluster-id=% writer=% since=0 owner=",
         ErrorCode::kCorrupt},
        {"offsetstore=1 incarnation=0123456789abcdef0123456789abcdef counter=-3 nonce=- released=0 "
         "removed=0 leaf-zxid=- position=- "
         "leader-epoch=- topic-id=% cluster-id=% writer=% since=0 owner=",
         ErrorCode::kCorrupt}}) {
    const std::string text = damage;
    CAPTURE(text);
    const OwnTree tree;
    for (const int partition : {0, 1}) {
      REQUIRE(tree.Group().Commit(Advance(Orders(partition), 5)).Ok());
    }
    tree.client.Set(tree.Path("offsetstore/orders/1"), text);
    CHECK(tree.Group().PositionOf(Orders(0)) == 5);
    CHECK(SlotError(tree.Group().ReadOf(Orders(1))).code == code);
    CHECK(tree.Group().Commit(Advance(Orders(1), 6)) == code);
    CHECK(tree.Group().Claim(Orders(1)) == code);
    CHECK(tree.Group().Remove(Orders(1)) == code);
    CHECK(tree.Data("offsetstore/orders/1") == text);
  }
}

TEST_CASE("a node of 2 MB is an error of its partition alone") {
  REQUIRE(::setenv("OFFSETSTORE_JUTE_MAXBUFFER", "4194304", 1) == 0);
  const OwnServer server("zookeeper");
  REQUIRE(::unsetenv("OFFSETSTORE_JUTE_MAXBUFFER") == 0);
  const OwnTree tree(server.address());
  for (const int partition : {0, 1, 2}) {
    REQUIRE(tree.Group().Commit(Advance(Orders(partition), 10 + partition)).Ok());
  }
  tree.client.Set(tree.Path("offsets/orders/1"), std::string(2'000'000, '7'));
  const Error error = Unreadable(tree);
  CHECK(error.message.size() < 500);
  tree.client.Set(tree.Path("offsetstore/orders/1"), std::string(2'000'000, 'x'));
  CHECK(Unreadable(tree).message.size() < 500);
}

}  // namespace offsetstore::testing
