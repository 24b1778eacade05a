// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/planner.h"

#include <chrono>
#include <thread>

#include "estate.h"
#include "offsetstore/backends/memory.h"

namespace offsetstore::testing {
namespace {

const TopicPartition kOrders7 = {"orders", 7};
const TopicPartition kAudit0 = {"audit", 0};

TEST_CASE("a plan names every wanted partition once, sorted, and writes nothing") {
  Estate estate;
  Estate::Set(estate.source, "b", kOrders7, 7);
  Estate::Set(estate.source, "b", kOrders0, 5);
  Estate::Set(estate.source, "a", kAudit0, 9);
  const auto groups = estate.Plan();
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].from == "a");
  REQUIRE(groups[1].steps.size() == 2);
  CHECK(groups[1].steps[0].from == kOrders0);
  CHECK(groups[1].steps[1].from == kOrders7);
  CHECK(estate.target.Calls(FaultStore::Op::kCommit) == 0);
}

TEST_CASE("a rate holds for the first groups too, when planned and when written") {
  Estate estate;
  for (int i = 0; i < 4; ++i) {
    Estate::Set(estate.source, "g" + std::to_string(i), kOrders0, 5);
  }
  const auto takes_long = [](const auto& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    // Three waits of a tenth of a second, each begun by a group.
    return std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(300);
  };
  const std::string plan = estate.PlanFile();
  estate.plan_options.pace.groups_per_second = 10;
  CHECK(takes_long([&] { CHECK(estate.Plan().size() == 4); }));
  estate.run_options.pace.groups_per_second = 10;
  CHECK(takes_long([&] { CHECK(estate.Apply(plan)->written == 4); }));
}

TEST_CASE("groups and topics are chosen and renamed") {
  Estate estate;
  Estate::Set(estate.source, "pay", kOrders0, 5);
  Estate::Set(estate.source, "pay", kAudit0, 6);
  Estate::Set(estate.source, "other", kOrders0, 7);
  auto& scope = estate.plan_options.scope;
  scope.group = [](std::string_view group) { return group == "pay"; };
  scope.topic = [](std::string_view topic) { return topic == "orders"; };
  scope.group_names["pay"] = "pay-v2";
  scope.topic_names["orders"] = "orders-v2";
  const auto groups = estate.Plan();
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].to == "pay-v2");
  REQUIRE(groups[0].steps.size() == 1);
  CHECK(groups[0].steps[0].to == TopicPartition{"orders-v2", 0});
}

TEST_CASE("two groups that would become one end the planning, two topics their group") {
  Estate estate;
  Estate::Set(estate.source, "a", kOrders0, 5);
  Estate::Set(estate.source, "b", kOrders0, 6);
  auto& scope = estate.plan_options.scope;
  const auto drop = [](const mig::GroupPlan&) { return Status(); };
  SUBCASE("groups") {
    scope.group_names["a"] = "b";
    const Status planned = mig::MakePlan(estate.sides(), estate.plan_options, drop);
    REQUIRE_FALSE(planned);
    CHECK(planned.error().code == ErrorCode::kInvalidArgument);
  }
  SUBCASE("topics") {
    Estate::Set(estate.source, "a", kAudit0, 5);
    scope.topic_names["audit"] = "orders";
    const auto groups = estate.Plan();
    CHECK(groups[0].error);
    CHECK_FALSE(groups[1].error);
  }
}

TEST_CASE("what is asked for by name and is not there ends the planning") {
  Estate estate;
  Estate::Set(estate.source, "a", kOrders0, 5);
  auto& scope = estate.plan_options.scope;
  std::string word;
  SUBCASE("a group") {
    scope.group = [](std::string_view name) { return name == "typo"; };
    word = "no group matches";
  }
  SUBCASE("a topic") {
    scope.topic = [](std::string_view name) { return name == "typo"; };
    word = "no topic matches";
  }
  SUBCASE("a group with a new name") {
    scope.group_names["typo"] = "b";
    word = "no group 'typo'";
  }
  SUBCASE("a topic with a new name") {
    scope.topic_names["typo"] = "audit";
    word = "no topic 'typo'";
  }
  SUBCASE("anything") {
    Estate::Remove(estate.source, "a", kOrders0);
    word = "no groups with positions";
  }
  const auto drop = [](const mig::GroupPlan&) { return Status(); };
  const Status planned = mig::MakePlan(estate.sides(), estate.plan_options, drop);
  REQUIRE_FALSE(planned);
  CHECK(planned.error().code == ErrorCode::kInvalidArgument);
  CHECK(planned.error().message.find(word) != std::string::npos);
  estate.plan_options.must_match = false;
  CHECK(mig::MakePlan(estate.sides(), estate.plan_options, drop));
}

TEST_CASE("times are not asked for where the source keeps none") {
  Estate estate;
  Estate::Set(estate.source, "a", kOrders0, 5);
  StoreInfo info = estate.source.Info();
  info.capabilities.keeps_commit_time = false;
  auto memory = OpenMemoryStore({});
  REQUIRE(memory);
  FaultStore timeless(*std::move(memory), info);
  mig::Sides sides = estate.sides();
  sides.source = {&timeless};
  SUBCASE("since") {
    estate.plan_options.rules.newer_than = Time{};
  }
  SUBCASE("before") {
    estate.plan_options.rules.older_than = Time{};
  }
  const auto drop = [](const mig::GroupPlan&) { return Status(); };
  const Status planned = mig::MakePlan(sides, estate.plan_options, drop);
  REQUIRE_FALSE(planned);
  CHECK(planned.error().code == ErrorCode::kInvalidArgument);
  CHECK(planned.error().message.find("does not say when") != std::string::npos);
}

TEST_CASE("a group that cannot be read stops no other") {
  Estate estate;
  for (const char* group : {"a", "b", "c"}) Estate::Set(estate.source, group, kOrders0, 5);
  estate.plan_options.pace.parallel = 1;
  estate.source.Script(FaultStore::Op::kFetch, PassThrough());
  estate.source.Script(FaultStore::Op::kFetch, FailCall(ErrorCode::kPermissionDenied));
  const auto groups = estate.Plan();
  REQUIRE(groups.size() == 3);
  CHECK_FALSE(groups[0].error);
  REQUIRE(groups[1].error);
  CHECK(groups[1].error->code == ErrorCode::kPermissionDenied);
  CHECK_FALSE(groups[2].error);
}

TEST_CASE("a watch that cannot be asked is not an empty group") {
  Estate estate;
  Estate::Set(estate.source, "a", kOrders0, 5);
  estate.source_watch.error = MakeError(ErrorCode::kUnavailable, "no coordinator");
  CHECK(estate.Plan()[0].error);
  estate.plan_options.rules.allow_live = true;
  CHECK_FALSE(estate.Plan()[0].error);
}

TEST_CASE("a claim that nobody gave back makes its source group live") {
  Estate estate;
  Estate::Set(estate.source, "a", kOrders0, 5);
  const std::vector<ClaimRequest> requests = {{kOrders0, Any{}, Nonce::Random()}};
  REQUIRE(estate.source.Claim("a",
                              requests,
                              ThisProcess(Owner::Kind::kMember, "consumer"),
                              Deadline::After(std::chrono::seconds(5))));
  const auto groups = estate.Plan();
  CHECK(ToString(groups[0].steps[0].reason) == "live-source");
  CHECK(groups[0].steps[0].why.find("consumer") != std::string::npos);
}

TEST_CASE("what moved between two samples has a writer that registers nowhere") {
  Estate estate;
  for (const char* group : {"a", "b"}) Estate::Set(estate.source, group, kOrders0, 5);
  estate.plan_options.sample_interval = std::chrono::milliseconds(1);
  estate.plan_options.pace.parallel = 1;
  // The two fetches of the first sample pass; the writer comes before the second look at 'b'.
  const auto gate = std::make_shared<Gate>();
  estate.source.Script(FaultStore::Op::kFetch, PassThrough(2));
  estate.source.Script(FaultStore::Op::kFetch, BlockBefore(gate));
  std::vector<mig::GroupPlan> groups;
  std::jthread planner([&] { groups = estate.Plan(); });
  const bool arrived = gate->WaitForArrivals(1);
  if (arrived) Estate::Set(estate.source, "b", kOrders0, 6);
  gate->Open();
  planner.join();
  REQUIRE(arrived);
  REQUIRE(groups.size() == 2);
  CHECK(ToString(groups[0].steps[0].action) == "write");
  CHECK(ToString(groups[1].steps[0].reason) == "live-source");
}

TEST_CASE("the log of each topic is asked for once, and rules") {
  Estate estate;
  estate.with_logs = true;
  estate.logs.topics["orders"].emplace(0, mig::LogRange{Position(0), Position(9)});
  for (const char* group : {"a", "b"}) Estate::Set(estate.source, group, kOrders0, 5);
  Estate::Set(estate.source, "b", kOrders7, 5);
  Estate::Set(estate.source, "b", kAudit0, 5);
  const auto groups = estate.Plan();
  CHECK(ToString(groups[0].steps[0].action) == "write");
  CHECK(ToString(groups[1].steps[0].reason) == "no-such-topic");
  CHECK(ToString(groups[1].steps[1].action) == "write");
  CHECK(ToString(groups[1].steps[2].reason) == "no-such-partition");
}

TEST_CASE("more groups than a batch are all planned, in order") {
  Estate estate;
  estate.plan_options.pace.batch = 3;
  for (char name = 'a'; name <= 'k'; ++name) {
    Estate::Set(estate.source, std::string(1, name), kOrders0, name);
  }
  const auto groups = estate.Plan();
  REQUIRE(groups.size() == 11);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    CHECK(groups[i].from == std::string(1, static_cast<char>('a' + i)));
  }
}

TEST_CASE("a planning that is stopped ends with an error") {
  Estate estate;
  Estate::Set(estate.source, "a", kOrders0, 5);
  std::stop_source stop;
  stop.request_stop();
  estate.plan_options.pace.stop = stop.get_token();
  const auto drop = [](const mig::GroupPlan&) { return Status(); };
  CHECK_FALSE(mig::MakePlan(estate.sides(), estate.plan_options, drop));
}

TEST_CASE("names that are exchanged or handed on within one store are refused") {
  Estate estate;
  mig::Sides sides = estate.sides();
  const auto plan = [&](const std::map<std::string, std::string>& groups,
                        const std::map<std::string, std::string>& topics) {
    estate.plan_options.scope.group_names = groups;
    estate.plan_options.scope.topic_names = topics;
    return mig::MakePlan(
        sides, estate.plan_options, [](const mig::GroupPlan&) { return Status(); });
  };
  for (const char* group : {"a", "b"}) Estate::Set(estate.source, group, {"orders", 0}, 5);
  CHECK(plan({{"a", "b"}, {"b", "a"}}, {}));  // In another store nothing is in the way.
  sides.target = sides.source;
  for (const bool topics : {false, true}) {
    CAPTURE(topics);
    const std::map<std::string, std::string> chain = {{"a", "b"}, {"b", "c"}};
    const Status refused = topics ? plan({}, chain) : plan(chain, {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kInvalidArgument);
    CHECK(refused.error().message.find("one after the other") != std::string::npos);
  }
}

}  // namespace
}  // namespace offsetstore::testing
