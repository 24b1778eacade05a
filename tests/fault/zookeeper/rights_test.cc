// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Wrong chroots, missing rights, digest identities, access lists.
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "zookeeper_support.h"

namespace offsetstore::testing {
namespace {

struct Secured {
  OwnTree tree;
  std::string host = tree.server.substr(std::string("zookeeper://").size());

  [[nodiscard]] std::string UriOf(const std::string& user, const std::string& keys = "") const {
    return "zookeeper://" + user + '@' + host + tree.chroot + keys;
  }
};

/// Everybody may read, nobody may do more.
const ACL_vector& ReadOnly() {
  return ZOO_READ_ACL_UNSAFE;
}

void Lock(const ZooKeeperClient& client, const std::string& path) {
  client.SetAcl(path, ZOO_CREATOR_ALL_ACL);
}

}  // namespace

TEST_CASE("a missing chroot is named, and where /consumers was found instead") {
  const OwnTree tree;
  const Error wrong = OpenError(tree.server + tree.chroot + "/nowhere");
  CHECK(wrong.code == ErrorCode::kConfigInvalid);
  CHECK(Says(wrong, "there is no node " + tree.chroot + "/nowhere in ZooKeeper"));
  CHECK(Says(wrong, tree.chroot + "/consumers"));
  CHECK(Says(wrong, "create=true"));
  CHECK(tree.client.Tree(tree.chroot).size() == 1);
}

TEST_CASE("a forgotten chroot is named too, and makes no second tree") {
  const OwnTree tree;
  REQUIRE_FALSE(tree.client.Get("/consumers").has_value());
  const Error forgotten = OpenError(tree.server);
  CHECK(forgotten.code == ErrorCode::kConfigInvalid);
  CHECK(Says(forgotten, "there is no node /consumers in ZooKeeper"));
  CHECK(Says(forgotten, "/consumers: write that chroot"));
  CHECK_FALSE(tree.client.Get("/consumers").has_value());
}

TEST_CASE("a part of the tree that may not be read is an error by path and hides no other") {
  const Secured secured;
  const TestGroup group = secured.tree.Group();
  for (const int partition : {0, 1}) REQUIRE(group.Commit(Advance(Orders(partition), 5)).Ok());
  REQUIRE(group.Commit(Advance({"payments", 0}, 5)).Ok());
  const ZooKeeperClient owner(secured.tree.server, "boss:pw");
  Lock(owner, secured.tree.Path("offsets/orders/1"));
  Lock(owner, secured.tree.Path("offsets/payments"));
  CHECK(group.PositionOf(Orders(0)) == 5);
  const Error error = SlotError(group.ReadOf(Orders(1)));
  CHECK(error.code == ErrorCode::kPermissionDenied);
  CHECK(Says(error, secured.tree.Path("offsets/orders/1")));
  const auto all = group.All();
  REQUIRE(all.size() == 4);
  CHECK(PositionIn(all[0].slot) == 5);
  CHECK(SlotError(all[1]).code == ErrorCode::kPermissionDenied);
  CHECK(SlotError(all[2]).code == ErrorCode::kPermissionDenied);
  CHECK(group.IsListed());
  CHECK(group.Claim(Orders(1)) == ErrorCode::kPermissionDenied);
}

TEST_CASE("a part of the tree that may not be written is an error by path and stops no other") {
  const OwnTree tree;
  const auto at = PartitionsOf("orders", 4);
  for (const auto& one : at) REQUIRE(tree.Group().Commit(Advance(one, 5)).Ok());
  tree.client.SetAcl(tree.Path("offsets/orders/1"), ReadOnly());
  const auto answers = tree.Group().CommitAll(AdvanceEach(at, 6));
  for (const int i : {0, 2, 3}) CHECK(answers[i] == OutcomeCode::kApplied);
  REQUIRE(answers[1] == ErrorCode::kPermissionDenied);
  CHECK(Says(*answers[1].error, tree.Path("offsets/orders/1")));
  CHECK(tree.Data("offsets/orders/1") == "5");
  const auto together = tree.Group().CommitAll(AdvanceEach(at, 7), Atomicity::kAll);
  CHECK(together[0] == OutcomeCode::kNotApplied);
  CHECK(together[1] == ErrorCode::kPermissionDenied);
  CHECK(tree.Data("offsets/orders/0") == "6");
}

TEST_CASE("a tree in which nothing may be made says so") {
  const OwnTree tree;
  tree.client.SetAcl(tree.chroot + "/consumers", ReadOnly());
  const Answer answer = tree.Group().Commit(Advance(Orders(0), 5));
  REQUIRE(answer == ErrorCode::kPermissionDenied);
  CHECK(Says(*answer.error, "/consumers/g"));
  CHECK(tree.Group().Claim(Orders(0)) == ErrorCode::kPermissionDenied);
}

TEST_CASE("without the right to make groups an existing one can be used") {
  const OwnTree tree;
  REQUIRE(tree.Group().Commit(Advance(Orders(0), 5)).Ok());
  tree.client.SetAcl(tree.chroot + "/consumers", ReadOnly());
  const auto store = MustOpen(tree.server + tree.chroot);
  const TestGroup group(*store, "g");
  CHECK(group.Commit(Advance(Orders(0), 6)).Ok());
  CHECK(group.Commit(Advance(Orders(1), 1)).Ok());
  CHECK(group.Commit(Advance({"new-topic", 1}, 1)).Ok());
}

TEST_CASE("acl=creator-all keeps others out of what it makes, and leaves /consumers open") {
  const Secured secured;
  const auto store = MustOpen(secured.UriOf("app:pw", "?acl=creator-all"));
  const TestGroup mine(*store, "g");
  REQUIRE(mine.Commit(Advance(Orders(0), 5)).Ok());
  CHECK(SlotError(secured.tree.Group().ReadOf(Orders(0))).code == ErrorCode::kPermissionDenied);
  const auto wrong = MustOpen(secured.UriOf("app:other"));
  CHECK(SlotError(TestGroup(*wrong, "g").ReadOf(Orders(0))).code == ErrorCode::kPermissionDenied);
  CHECK(TestGroup(*wrong, "g").Commit(Advance(Orders(0), 6)) == ErrorCode::kPermissionDenied);
  CHECK(secured.tree.Group("other").Commit(Advance(Orders(0), 1)).Ok());
  CHECK(mine.PositionOf(Orders(0)) == 5);
  const ZooKeeperClient owner(secured.tree.server, "app:pw");
  CHECK(owner.AclOf(secured.tree.Path("offsets/orders/0")).find("digest:app:") == 0);
}

TEST_CASE("no error of a wrong password shows one") {
  const Secured secured;
  const auto store = MustOpen(secured.UriOf("app:s3cr3t", "?acl=creator-all"));
  REQUIRE(TestGroup(*store, "g").Commit(Advance(Orders(0), 5)).Ok());
  const auto wrong = MustOpen(secured.UriOf("app:an0ther"));
  const Error error = SlotError(TestGroup(*wrong, "g").ReadOf(Orders(0)));
  CHECK_FALSE(Says(error, "an0ther"));
  CHECK(wrong->Info().endpoint.find("an0ther") == std::string::npos);
}

TEST_CASE("a store that was opened before fork is refused in the child") {
  const OwnTree tree;
  REQUIRE(tree.Group().Commit(Advance(Orders(0), 5)).Ok());
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto reads = tree.store->Fetch("g", {}, Soon());
    ::_exit(!reads && reads.error().code == ErrorCode::kUnsupported ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(tree.Group().PositionOf(Orders(0)) == 5);
}

}  // namespace offsetstore::testing
