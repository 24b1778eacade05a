// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/zookeeper_watch.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "offsetstore/uri.h"
#include "zookeeper_client.h"

namespace offsetstore::migration {
namespace {

using testing::ZooKeeperClient;
using testing::ZooKeeperServer;

Deadline Soon() {
  return Deadline::After(std::chrono::seconds(10));
}

ZooKeeperOptions OptionsOf(const std::string& uri) {
  const auto parsed = ParseUri(uri);
  REQUIRE(parsed);
  const auto options = ZooKeeperOptions::FromUri(*parsed);
  REQUIRE(options);
  return *options;
}

LegacyGroup GroupOf(int members) {
  LegacyGroup group;
  for (int i = 0; i < members; ++i) group.members.push_back({"m" + std::to_string(i), "", {}});
  return group;
}

}  // namespace

TEST_CASE("an old group is live by its ids or its owners, each group for itself") {
  const std::string chroot = "/watch" + std::to_string(Now().time_since_epoch().count());
  const ZooKeeperClient client(ZooKeeperServer());
  const std::string root = chroot + "/consumers";
  client.Create(root + "/quiet/offsets/orders/0", "5");
  client.Create(root + "/joined/ids/joined_host-1", "{}", ZOO_EPHEMERAL);
  client.Create(root + "/owns/owners/orders/3", "owns_host-1-0", ZOO_EPHEMERAL);
  ZooKeeperWatch watch(OptionsOf(ZooKeeperServer() + chroot));
  const std::vector<std::string> groups = {"joined", "quiet", "never-seen", "owns"};
  const auto answers = watch.Look(groups, Soon());
  REQUIRE(answers);
  REQUIRE(answers->size() == 4);
  for (const auto& answer : *answers) REQUIRE(answer);
  CHECK((*answers)[0]->live);
  CHECK((*answers)[0]->evidence == "1 member in ids: joined_host-1");
  CHECK_FALSE((*answers)[1]->live);
  CHECK((*answers)[1]->evidence.empty());
  CHECK_FALSE((*answers)[2]->live);
  CHECK((*answers)[3]->live);
  CHECK((*answers)[3]->evidence == "1 partition in owners: orders[3]");
}

TEST_CASE("a chroot that is not there is an error, never a quiet group") {
  ZooKeeperWatch watch(OptionsOf(ZooKeeperServer() + "/no-such-chroot"));
  const std::vector<std::string> groups = {"g"};
  CHECK_FALSE(watch.Look(groups, Soon()));
}

TEST_CASE("of many members three are named and the others counted") {
  CHECK(LivenessOf(GroupOf(3)).evidence == "3 members in ids: m0, m1, m2");
  CHECK(LivenessOf(GroupOf(5)).evidence == "5 members in ids: m0, m1, m2 and 2 more");
  LegacyGroup both = GroupOf(1);
  both.ownerships = {{{"orders", 0}, "m0-0"}, {{"orders", 1}, "m0-0"}};
  CHECK(LivenessOf(both).evidence ==
        "1 member in ids: m0; 2 partitions in owners: orders[0], orders[1]");
  CHECK_FALSE(LivenessOf(GroupOf(0)).live);
}

}  // namespace offsetstore::migration
