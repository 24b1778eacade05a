// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What `offsetctl doctor` rests on, asked of a real server.
#include <doctest/doctest.h>

#include <string>

#include "examined.h"
#include "zookeeper_support.h"

namespace offsetstore::testing {
namespace {

const Examiner& Examine() {
  static const Examiner examiner(&RegisterZooKeeperBackend);
  return examiner;
}

std::string As(const OwnTree& tree, const std::string& user) {
  return "zookeeper://" + user + '@' + tree.server.substr(std::string("zookeeper://").size()) +
         tree.chroot;
}

TEST_CASE("an open tree is healthy, and no node is made") {
  const OwnTree tree;
  REQUIRE(tree.Group().Commit(Advance(Orders(0), 5)).Ok());
  const auto before = tree.client.Tree(tree.chroot);
  const Examined found = Examine()(tree.server + tree.chroot);
  CHECK(found.Healthy());
  CHECK(found["version"] == Grade::kOk);
  CHECK(found.Says("version", "ZooKeeper 3."));
  CHECK(found.Says("version", "standalone"));
  CHECK(found["rights"] == Grade::kOk);
  CHECK(found.Says("acl", "1 group(s) are open"));
  CHECK(tree.client.Tree(tree.chroot) == before);
}

TEST_CASE("a tree that is not there is not made, whatever the URI says") {
  const OwnTree tree;
  const std::string chroot = tree.chroot + "/nowhere";
  const auto none = Examine().Try(tree.server + chroot + "?create=true");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::kConfigInvalid);
  CHECK_FALSE(tree.client.Get(chroot).has_value());
}

TEST_CASE("a part of the tree that may not be used is named") {
  const OwnTree tree;
  REQUIRE(tree.Group().Commit(Advance(Orders(0), 5)).Ok());
  tree.client.SetAcl(tree.Path("offsets"), ZOO_READ_ACL_UNSAFE);
  const Examined found = Examine()(tree.server + tree.chroot);
  CHECK(found["rights"] == Grade::kFailed);
  CHECK(found.Says("rights", "may not create in " + tree.Path("offsets")));
}

TEST_CASE("the right identity may do what another may not even look at") {
  const OwnTree tree;
  const auto store = MustOpen(As(tree, "app:pw") + "?acl=creator-all");
  REQUIRE(TestGroup(*store, "g").Commit(Advance(Orders(0), 5)).Ok());
  const Examined owner = Examine()(As(tree, "app:pw") + "?acl=creator-all");
  CHECK(owner.Healthy());
  CHECK(owner.Says("rights", "app may"));
  for (const std::string& other : {As(tree, "app:other"), tree.server + tree.chroot}) {
    const Examined found = Examine()(other);
    CHECK(found["rights"] == Grade::kFailed);
    CHECK(found.Says("rights", tree.Path("offsets")));
    CHECK_FALSE(found.Says("rights", "other"));
  }
}

TEST_CASE("acl=creator-all over groups that are open to all is a warning") {
  const OwnTree tree;
  REQUIRE(tree.Group().Commit(Advance(Orders(0), 5)).Ok());
  const Examined found = Examine()(As(tree, "app:pw") + "?acl=creator-all");
  CHECK(found["acl"] == Grade::kWarning);
  CHECK(found["rights"] == Grade::kOk);
}

}  // namespace
}  // namespace offsetstore::testing
