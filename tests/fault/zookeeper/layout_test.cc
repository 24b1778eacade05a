// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What stands in the nodes, as another program sees them.
#include <string>
#include <vector>

#include "zookeeper_support.h"

namespace offsetstore::testing {

TEST_CASE("a commit makes exactly the nodes of Kafka 0.8, and one of our own beside them") {
  const OwnTree tree;
  REQUIRE(tree.Group().Commit(Advance(Orders(3), 42)).Ok());
  const std::vector<std::string> expected = {tree.Path("ids"),
                                             tree.Path("offsets"),
                                             tree.Path("offsets/orders"),
                                             tree.Path("offsets/orders/3"),
                                             tree.Path("offsetstore"),
                                             tree.Path("offsetstore/orders"),
                                             tree.Path("offsetstore/orders/3"),
                                             tree.Incarnation("offsetstore/orders/3"),
                                             tree.Path("owners"),
                                             tree.Path("owners/orders")};
  CHECK(tree.client.Tree(tree.chroot + "/consumers/g") == expected);
  CHECK(tree.Data("offsets/orders/3") == "42");
  for (const char* inner : {"ids", "offsets", "offsets/orders", "owners", "owners/orders"}) {
    CAPTURE(inner);
    const auto node = tree.client.Get(tree.Path(inner));
    REQUIRE(node.has_value());
    CHECK_FALSE(node->data.has_value());
    CHECK(node->stat.ephemeralOwner == 0);
  }
  CHECK(tree.client.AclOf(tree.Path("offsets/orders/3")) == "world:anyone:31 ");
}

TEST_CASE("a claim alone makes no node of Kafka's") {
  const OwnTree tree;
  static_cast<void>(tree.Group().MustClaim(Orders(0)));
  CHECK(tree.client.Tree(tree.chroot + "/consumers/g") ==
        std::vector<std::string>{tree.Path("offsetstore"),
                                 tree.Path("offsetstore/orders"),
                                 tree.Path("offsetstore/orders/0"),
                                 tree.Incarnation("offsetstore/orders/0")});
  CHECK_FALSE(tree.Group().IsListed());
}

TEST_CASE("a group is listed wherever its position stands, and not where there is none") {
  const OwnTree tree;
  tree.client.Create(tree.Path("offsets/a"));
  tree.client.Create(tree.Path("offsets/b/0"));
  CHECK_FALSE(tree.Group().IsListed());
  std::string node;
  std::string data = "5";
  SUBCASE("in a topic behind one that has nothing") {
    node = "offsets/z/7";
  }
  SUBCASE("beside a partition that has nothing") {
    node = "offsets/b/1";
  }
  SUBCASE("in the node of a topic itself, where it cannot be read") {
    node = "offsets/b";
    data = "0:5,1:6";
  }
  tree.client.Set(tree.Path(node), data);
  CHECK(tree.Group().IsListed());
}

TEST_CASE("our node tells everything that the leaf has no room for") {
  const OwnTree tree;
  const ClaimToken claim = tree.Group().MustClaim(Orders(0), Member("payments 1"));
  Move move = WithMetadata(Advance(Orders(0), 500, claim), "two\nlines");
  move.leader_epoch = 7;
  move.cluster_id = "c 1";
  REQUIRE(tree.Group().Commit(move, Member("payments 1")).Ok());
  const std::string text = tree.Data("offsetstore/orders/0");
  for (const std::string& words :
       {std::string("offsetstore=1 incarnation="),
        tree.Incarnation("offsetstore/orders/0").substr(tree.Path("offsetstore/orders/0/").size()) +
            " counter=1 nonce=",
        claim.nonce.Hex() + " released=0 removed=0 leaf-zxid=same",
        std::string(" position=500 leader-epoch=7 topic-id=% cluster-id=c%201 "),
        std::string(" owner=member payments%201 ")}) {
    CAPTURE(words);
    CHECK(text.find(words) != std::string::npos);
  }
  CHECK(text.ends_with("\ntwo\nlines"));
}

TEST_CASE("a remove deletes the leaf and leaves a tombstone with the counter") {
  const OwnTree tree;
  static_cast<void>(tree.Group().MustClaim(Orders(0)));
  REQUIRE(tree.Group().Commit(Set(Orders(0), 5)).Ok());
  REQUIRE(tree.Group().Remove(Orders(0)).Ok());
  CHECK_FALSE(tree.client.Get(tree.Path("offsets/orders/0")).has_value());
  CHECK(tree.Data("offsetstore/orders/0").find("counter=3 ") != std::string::npos);
  CHECK(tree.Group().All().empty());
}

TEST_CASE("names that Kafka 0.8 took stay; others never meet them") {
  const OwnTree tree;
  const TestGroup group = tree.Group();
  const std::vector<std::pair<std::string, std::string>> names = {{".n", ".n"},
                                                                  {"...", "..."},
                                                                  {"A.b_c-1", "A.b_c-1"},
                                                                  {"", "%"},
                                                                  {".", "%2E"},
                                                                  {"..", "%2E."},
                                                                  {"a/b", "a%2Fb"},
                                                                  {"a%2Fb", "a%252Fb"},
                                                                  {"q\"{}\n", "q%22%7B%7D%0A"}};
  for (const auto& pair : names) {
    const auto& [name, node] = pair;
    CAPTURE(Printable(pair.second));
    CHECK(group.Commit(Advance({name, 0}, 1)).Ok());
    CHECK(tree.client.Get(tree.Path("offsets/" + node + "/0")).has_value());
    CHECK(group.PositionOf({name, 0}) == 1);
  }
  CHECK(group.All().size() == names.size());
}

TEST_CASE("a name with a zero byte is InvalidArgument, and nothing is written") {
  const OwnTree tree;
  const std::string name("a\0b", 3);
  CHECK(tree.Group().Commit(Advance({name, 0}, 1)) == ErrorCode::kInvalidArgument);
  CHECK(TestGroup(*tree.store, name).Commit(Advance(Orders(0), 1)) == ErrorCode::kInvalidArgument);
  CHECK(tree.client.Tree(tree.chroot) == std::vector<std::string>{tree.chroot + "/consumers"});
}

TEST_CASE("opening and reading a legacy tree changes nothing in it") {
  OwnTree tree;
  tree.client.Set(tree.Path("offsets/orders/0"), "7");
  const std::string id = tree.store->Info().store_id;
  const auto store = MustOpen(tree.server + tree.chroot);
  const TestGroup group(*store, "g");
  CHECK(group.PositionOf(Orders(0)) == 7);
  CHECK(group.PositionOf(Orders(1)) == std::nullopt);
  CHECK(group.IsListed());
  CHECK(TestGroup(*store, "other").All().empty());
  CHECK(store->Info().store_id == id);
  CHECK(tree.client.Tree(tree.chroot) == std::vector<std::string>{tree.chroot + "/consumers",
                                                                  tree.chroot + "/consumers/g",
                                                                  tree.Path("offsets"),
                                                                  tree.Path("offsets/orders"),
                                                                  tree.Path("offsets/orders/0")});
  CHECK(tree.client.Get(tree.Path("offsets/orders/0"))->stat.version == 0);
}

TEST_CASE("two trees are two stores, and the same tree is the same store") {
  const OwnTree one;
  const OwnTree other;
  CHECK(one.store->Info().store_id != other.store->Info().store_id);
  CHECK(MustOpen(one.server + one.chroot)->Info().store_id == one.store->Info().store_id);
}

TEST_CASE("a refused write makes no node") {
  const OwnTree tree;
  CHECK(tree.Group().Commit(Advance(Orders(0), 1, {}, From(Position(9)))) ==
        OutcomeCode::kConflict);
  CHECK(tree.Group().Remove(Orders(0)) == OutcomeCode::kAlreadyApplied);
  CHECK(tree.client.Tree(tree.chroot) == std::vector<std::string>{tree.chroot + "/consumers"});
}

}  // namespace offsetstore::testing
