// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// A migration from ZooKeeper to Kafka whose servers die, whose rights do not reach everywhere, and
// which is killed itself.
#include <doctest/doctest.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#include "eventually.h"
#include "kafka_client.h"
#include "live_member.h"
#include "migrate.h"
#include "offsetstore/types.h"
#include "own_server.h"
#include "settings.h"
#include "zookeeper_client.h"

namespace offsetstore::testing {
namespace {

constexpr int kGroups = 64;
constexpr int kPartitions = 4;
constexpr std::chrono::seconds kBound{60};
/// A user that tests/services/kafka.sh made.
constexpr const char* kGuest = "guest";

/// A tree of many groups on one server, to be moved to another.
struct ManyGroups : Migrating {
  std::string run = Nonce::Random().Hex().substr(0, 12);
  std::string chroot = "/faults-" + run;
  ZooKeeperClient client;
  std::string plan = Path("the.plan");
  std::string journal;

  ManyGroups(const std::string& zookeeper, const std::string& brokers) : client(zookeeper) {
    from = zookeeper + chroot;
    to = "kafka://" + brokers;
    const std::vector<TopicPartition> topic = {{"orders-" + run, kPartitions - 1}};
    EnsureTopics(brokers, topic);
    for (int group = 0; group < kGroups; ++group) {
      for (int partition = 0; partition < kPartitions; ++partition) {
        client.Create(Offsets(Group(group)) + "/" + std::to_string(partition),
                      std::to_string(100 * group + partition));
      }
    }
  }
  [[nodiscard]] std::string Group(int number) const {
    return "g" + std::to_string(number) + "-" + run;
  }
  [[nodiscard]] std::string Offsets(const std::string& group) const {
    return chroot + "/consumers/" + group + "/offsets/orders-" + run;
  }
  void Plan() {
    const Ran ran = Migrate({"--plan-out", plan, "--out-of-range", "keep"});
    REQUIRE_MESSAGE(ran.code == 0, ran.err);
    journal =
        State() + "/" + nlohmann::json::parse(ran.out).at("plan").get<std::string>() + ".journal";
  }
  [[nodiscard]] Words Apply(const std::string& timeout) const {
    Words words = ApplyWords(plan);
    words.insert(words.end(), {"--timeout", timeout});
    return words;
  }
  [[nodiscard]] bool HasBegun() const {
    std::error_code none;
    return std::filesystem::file_size(journal, none) > 1000 && !none;
  }
  void CheckWhole() const {
    // The cluster may have other groups.
    const Ran diff = Offsetctl({"diff", from, to, "--group", ".*-" + run, "--timeout", "30s"});
    CHECK_MESSAGE(diff.code == 0, diff.out);
    const Ran verified = Run("verify", {plan, "--to", to, "--timeout", "30s"});
    CHECK_MESSAGE(verified.code == 0, verified.out);
  }
};

/// Runs the plan, calls `strike` once its writes have begun, and `mend` when it has ended.
void CheckGoesOn(ManyGroups& groups,
                 const std::function<void()>& strike,
                 const std::function<void()>& mend) {
  groups.Plan();
  Running run(groups.Apply("1s"));
  REQUIRE(Eventually([&] { return run.Over() || groups.HasBegun(); }, kBound));
  strike();
  const Ran first = run.Wait();
  MESSAGE("the run that was struck ended with ", first.code);
  CHECK((first.code == 0 || first.code == 3 || first.code == 5 || first.code == 7));
  mend();
  const Ran again = Offsetctl(groups.Apply("30s"));
  CHECK_MESSAGE(again.code == 0, again.out);
  groups.CheckWhole();
}

}  // namespace

TEST_CASE(
    "M03 M06 the source's server is killed in the middle of a run: the same command goes on") {
  OwnServer zookeeper("zookeeper");
  ManyGroups groups(zookeeper.address(), KafkaBrokers());
  CheckGoesOn(
      groups, [&] { zookeeper.Kill(); }, [&] { zookeeper.Start(); });
}

TEST_CASE(
    "M03 M06 the target's broker is killed in the middle of a run: the same command goes on") {
  OwnServer kafka("kafka");
  ManyGroups groups(ZooKeeperServer(), kafka.address());
  CheckGoesOn(
      groups, [&] { kafka.Kill(); }, [&] { kafka.Start(); });
}

TEST_CASE("M07 the target's broker stands still past the timeout, then answers: nothing is lost") {
  const OwnServer kafka("kafka");
  ManyGroups groups(ZooKeeperServer(), kafka.address());
  groups.Plan();
  Running run(groups.Apply("3s"));
  REQUIRE(Eventually([&] { return run.Over() || groups.HasBegun(); }, kBound));
  kafka.Freeze();
  // Past the calls under way, and past those that look for a coordinator after them.
  static_cast<void>(Eventually([&] { return run.Over(); }, std::chrono::seconds(8)));
  kafka.Thaw();
  const Ran first = run.Wait();
  CHECK_MESSAGE((first.code == 0 || first.code == 3 || first.code == 7), first.err);
  CHECK(Migrating::Told(first).size() == kGroups * kPartitions);
  const Ran again = Offsetctl(groups.Apply("30s"));
  CHECK_MESSAGE(again.code == 0, again.out);
  groups.CheckWhole();
}

TEST_CASE("M03 a migration between two servers that is killed at random points goes on") {
  std::mt19937 random = SeededRandom();
  int kills = 0;
  for (int round = 0; round < (Long() ? 100 : 3); ++round) {
    ManyGroups groups(ZooKeeperServer(), KafkaBrokers());
    groups.Plan();
    for (int kill = 0; kill < 2; ++kill) {
      Running run(groups.Apply("30s"));
      const bool late = random() % 4 != 0;  // Else wherever it is by now.
      if (late) {
        REQUIRE(Eventually([&] { return run.Over() || groups.HasBegun(); }, kBound));
      }
      run.Signal(SIGKILL);
      if (run.Wait().code == 128 + SIGKILL) ++kills;
    }
    const Ran rest = Offsetctl(groups.Apply("30s"));
    CHECK_MESSAGE(rest.code == 0, rest.out);
    groups.CheckWhole();
    CHECK(groups.client.Get(groups.Offsets(groups.Group(1)) + "/2")->data == "102");
  }
  std::printf("kills %d\n", kills);
  CHECK(kills >= 1);
}

TEST_CASE("M06 rights are missing on a part of the tree: those groups are named, the others move") {
  ManyGroups groups(ZooKeeperServer(), KafkaBrokers());
  const std::string closed = groups.Offsets(groups.Group(3));
  const ZooKeeperClient owner(ZooKeeperServer(), "owner:secret");
  owner.SetAcl(closed, ZOO_CREATOR_ALL_ACL);
  const Ran ran = groups.Execute({"--out-of-range", "keep"});
  CHECK(ran.code == 3);
  const auto report = nlohmann::json::parse(ran.out);
  CHECK(report["changed"] == kPartitions * (kGroups - 1));
  CHECK_MESSAGE(ran.OutHas(groups.Group(3)), ran.out);
  CHECK_MESSAGE(ran.OutHas("rights"), ran.out);
  CHECK(Migrating::Stored(groups.to, groups.Group(3)).empty());
  CHECK(Migrating::Stored(groups.to, groups.Group(4)).size() == kPartitions);
}

TEST_CASE("M06 a broker refuses the positions of one topic: they are told, the others move") {
  ManyGroups groups(ZooKeeperServer(), KafkaBrokers());
  const std::vector<TopicPartition> closed = {{"closed-" + groups.run, 1}};
  EnsureTopics(KafkaBrokers(), closed);
  LetOnlyDescribe(KafkaBrokers(), kGuest, closed[0].topic);
  for (const char* partition : {"/0", "/1"}) {
    groups.client.Create(
        groups.chroot + "/consumers/" + groups.Group(3) + "/offsets/" + closed[0].topic + partition,
        "7");
  }
  const std::string login = groups.Path("guest.properties");
  WriteFile(login, "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n");
  groups.to =
      "kafka://" + std::string(kGuest) + ":guest-secret@" + KafkaSaslBrokers() + "?config=" + login;
  const Ran ran = groups.Execute({"--out-of-range", "keep"});
  CHECK_MESSAGE(ran.code == 3, ran.err);
  CHECK(nlohmann::json::parse(ran.out)["changed"] == kPartitions * kGroups);
  CHECK_MESSAGE(ran.OutHas("Topic authorization failed"), ran.out);
  auto told = Migrating::Told(ran);
  CHECK(told[groups.Group(3) + "/" + closed[0].topic + "/0"] == "failed new");
  CHECK(told[groups.Group(3) + "/" + closed[0].topic + "/1"] == "failed new");
  CHECK(told[groups.Group(3) + "/orders-" + groups.run + "/0"] == "written new");
  groups.to = "kafka://" + KafkaBrokers();
  CHECK(Migrating::Stored(groups.to, groups.Group(3)).size() == kPartitions);
}

TEST_CASE("M05 groups that come to life between plan and apply are refused, the others move") {
  ManyGroups groups(ZooKeeperServer(), KafkaBrokers());
  groups.Plan();
  groups.client.Create(
      groups.chroot + "/consumers/" + groups.Group(3) + "/ids/old_host-1", "{}", ZOO_EPHEMERAL);
  const LiveMember member(KafkaBrokers(), groups.Group(5), "orders-" + groups.run);
  const Ran ran = Offsetctl(groups.Apply("30s"));
  CHECK_MESSAGE(ran.code == 3, ran.err);
  CHECK(nlohmann::json::parse(ran.out)["changed"] == kPartitions * (kGroups - 2));
  auto told = Migrating::Told(ran);
  const std::string first = "/orders-" + groups.run + "/0";
  CHECK(told[groups.Group(3) + first] == "refused live-source");
  CHECK(told[groups.Group(5) + first] == "refused live-target");
  CHECK(told[groups.Group(4) + first] == "written new");
  CHECK(Migrating::Stored(groups.to, groups.Group(3)).empty());
  CHECK(Migrating::Stored(groups.to, groups.Group(5)).empty());
}

}  // namespace offsetstore::testing
