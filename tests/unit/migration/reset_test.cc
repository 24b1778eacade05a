// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/reset.h"

#include <doctest/doctest.h>

#include <sstream>

#include "log_fixture.h"
#include "offsetstore/migration/load.h"

namespace offsetstore::migration {
namespace {

using testing::FakeCluster;
using testing::Soon;
using testing::StoreWith;

/// orders: 0 holds [10, 100), 1 holds [0, 50); the group stands at 40 and at 70, beyond the end.
struct Scene {
  FakeCluster cluster;
  std::unique_ptr<OffsetStore> store = StoreWith("g", {{{"orders", 0}, 40}, {{"orders", 1}, 70}});

  Scene() {
    cluster.Put({"orders", 0}, 10, 100);
    cluster.Put({"orders", 1}, 0, 50);
    cluster.Put({"orders", 2}, 5, 5);
  }
  [[nodiscard]] ResetPlan Plan(const ResetTarget& target,
                               const std::vector<TopicScope>& scope = {},
                               const std::string& to = "g") {
    const ResetView view{*store, &cluster, &cluster, &cluster};
    return PlanReset(view, "g", to, scope, target, Soon());
  }
};

std::int64_t To(const ResetPlan& plan, std::size_t i) {
  REQUIRE_MESSAGE(!plan.error, (plan.error ? plan.error->message : ""));
  REQUIRE(plan.steps.size() > i);
  REQUIRE_MESSAGE(plan.steps[i].to,
                  (plan.steps[i].error ? plan.steps[i].error->message : "no error"));
  return plan.steps[i].to->value();
}

TEST_CASE("earliest and latest are the log's ends, of the partitions that are stored") {
  Scene scene;
  ResetPlan plan = scene.Plan({.to = ResetTo::kEarliest});
  CHECK(plan.steps.size() == 2);
  CHECK(To(plan, 0) == 10);
  CHECK(To(plan, 1) == 0);
  plan = scene.Plan({.to = ResetTo::kLatest});
  CHECK(To(plan, 0) == 100);
  CHECK(To(plan, 1) == 50);
  CHECK(plan.steps[0].note.empty());
}

TEST_CASE("a topic means every partition that it has, a list those that it names") {
  Scene scene;
  ResetPlan plan = scene.Plan({.to = ResetTo::kEarliest}, {{"orders", {}}});
  REQUIRE(plan.steps.size() == 3);
  CHECK(To(plan, 2) == 5);
  CHECK(std::holds_alternative<Absent>(plan.steps[2].saw.slot));
  plan = scene.Plan({.to = ResetTo::kEarliest}, {{"orders", {1}}, {"orders", {1, 0}}});
  REQUIRE(plan.steps.size() == 2);
  CHECK(plan.steps[0].at == TopicPartition{"orders", 1});
}

TEST_CASE("an offset and a shift are moved into the log, and say so") {
  Scene scene;
  ResetPlan plan = scene.Plan({.to = ResetTo::kOffset, .number = 7});
  CHECK(To(plan, 0) == 10);
  CHECK(plan.steps[0].note == "7 is before the log's start: moved to 10");
  CHECK(To(plan, 1) == 7);
  CHECK(plan.steps[1].note.empty());
  plan = scene.Plan({.to = ResetTo::kShift, .number = -35});
  CHECK(To(plan, 0) == 10);
  CHECK(To(plan, 1) == 35);
  plan = scene.Plan({.to = ResetTo::kShift, .number = Position::kMax});
  CHECK(To(plan, 0) == 100);
  CHECK(To(plan, 1) == 50);
}

TEST_CASE("a topic that cannot be read as a whole is an error of its own, and stops no other") {
  std::istringstream file(
      R"({"format":"offsetstore-positions","version":1}
{"group":"g","topic":"bad","state":"unreadable","error":{"code":"Corrupt","message":"odd"}}
{"group":"g","topic":"orders","partition":0,"state":"stored","position":40}
{"end":true,"rows":2}
)");
  auto loaded = LoadAsStore(file, {});
  REQUIRE_MESSAGE(loaded, loaded.error().message);
  Scene scene;
  scene.store = std::move(loaded->store);
  const ResetPlan plan = scene.Plan({.to = ResetTo::kLatest});
  REQUIRE(plan.steps.size() == 2);
  REQUIRE(plan.steps[0].error);
  CHECK(plan.steps[0].error->code == ErrorCode::kCorrupt);
  CHECK(To(plan, 1) == 100);
}

TEST_CASE("a shift without a position is an error of its partition alone") {
  Scene scene;
  const ResetPlan plan = scene.Plan({.to = ResetTo::kShift, .number = 1}, {{"orders", {2, 0}}});
  REQUIRE(plan.steps.size() == 2);
  CHECK_FALSE(plan.steps[0].to);
  REQUIRE(plan.steps[0].error);
  CHECK(plan.steps[0].error->message.find("no position to start from") != std::string::npos);
  CHECK(To(plan, 1) == 41);
}

TEST_CASE("current keeps what is within the log; without a position it is the end") {
  Scene scene;
  const ResetPlan plan = scene.Plan({.to = ResetTo::kCurrent}, {{"orders", {}}});
  CHECK(To(plan, 0) == 40);
  CHECK_FALSE(plan.steps[0].Changes());
  CHECK(To(plan, 1) == 50);
  CHECK(plan.steps[1].Changes());
  CHECK(To(plan, 2) == 5);
  CHECK(plan.steps[2].note == "had none: the log's end");
}

TEST_CASE("a time is what the brokers answer; no later record is the end, and said") {
  Scene scene;
  scene.cluster.by_time.emplace(TopicPartition{"orders", 0}, Position(33));
  scene.cluster.by_time.emplace(TopicPartition{"orders", 1}, Position(50));
  const Time time{std::chrono::milliseconds(1234)};
  const ResetPlan plan = scene.Plan({.to = ResetTo::kTime, .time = time});
  CHECK(scene.cluster.asked_time == time);
  CHECK(To(plan, 0) == 33);
  CHECK(To(plan, 1) == 50);
  CHECK(plan.steps[1].note == "no record is that young: the log's end");
}

TEST_CASE("a time that one leader does not answer is an error of its partition alone") {
  Scene scene;
  scene.cluster.by_time.emplace(TopicPartition{"orders", 0},
                                MakeError(ErrorCode::kUnavailable, "broker 1 is down"));
  scene.cluster.by_time.emplace(TopicPartition{"orders", 1}, Position(3));
  const ResetPlan plan = scene.Plan({.to = ResetTo::kTime});
  REQUIRE(plan.steps[0].error);
  CHECK(plan.steps[0].error->message == "broker 1 is down");
  CHECK(To(plan, 1) == 3);
}

TEST_CASE("a file says which partitions and where") {
  Scene scene;
  const auto file = StoreWith("g", {{{"orders", 1}, 20}, {{"gone", 0}, 1}});
  const ResetPlan plan = scene.Plan({.to = ResetTo::kFile, .file = file.get()});
  REQUIRE(plan.steps.size() == 2);
  CHECK(plan.steps[0].at.topic == "gone");
  REQUIRE(plan.steps[0].error);
  CHECK(plan.steps[0].error->code == ErrorCode::kOutOfRange);
  CHECK(To(plan, 1) == 20);
  const ResetPlan named = scene.Plan({.to = ResetTo::kFile, .file = file.get()}, {{"orders", {0}}});
  REQUIRE(named.steps[0].error);
  CHECK(named.steps[0].error->message == "the file holds nothing for orders[0]");
}

TEST_CASE("a topic or a partition that is not there stops no other") {
  Scene scene;
  const ResetPlan plan = scene.Plan({.to = ResetTo::kEarliest}, {{"gone", {}}, {"orders", {0, 9}}});
  REQUIRE(plan.steps.size() == 3);
  REQUIRE(plan.steps[0].error);
  CHECK(plan.steps[0].error->message == "there is no topic 'gone' in the cluster");
  CHECK(plan.steps[0].at.partition == ResetStep::kWholeTopic);
  CHECK(To(plan, 1) == 10);
  REQUIRE(plan.steps[2].error);
  CHECK(plan.steps[2].error->message == "topic 'orders' has no partition 9, but 3 partitions");
}

TEST_CASE("another group gets what is reckoned from this one") {
  Scene scene;
  const ResetPlan plan = scene.Plan({.to = ResetTo::kShift, .number = 5}, {}, "copy");
  CHECK(plan.group == "copy");
  CHECK(To(plan, 0) == 45);
  CHECK(std::holds_alternative<Absent>(plan.steps[0].saw.slot));
  CHECK(std::get<Entry>(plan.steps[0].current).position == Position(40));
}

TEST_CASE("the group that is written must not be at work; the one that is read may be") {
  Scene scene;
  scene.cluster.live["g"] = "its state in Kafka is Stable";
  const ResetPlan refused = scene.Plan({.to = ResetTo::kLatest});
  REQUIRE(refused.error);
  CHECK(refused.error->code == ErrorCode::kFenced);
  CHECK(refused.error->message.starts_with(
      "group 'g' is in use (its state in Kafka is Stable): its consumers"));
  CHECK(refused.steps.empty());
  CHECK(To(scene.Plan({.to = ResetTo::kLatest}, {}, "copy"), 0) == 100);
}

TEST_CASE("without a cluster an offset is written unchecked, and a log's end cannot be found") {
  const auto store = StoreWith("g", {{{"orders", 0}, 40}});
  const ResetView view{*store};
  const ResetPlan plan =
      PlanReset(view, "g", "g", {}, {.to = ResetTo::kShift, .number = -50}, Soon());
  CHECK(To(plan, 0) == 0);
  CHECK(plan.steps[0].note.ends_with("not checked against the log"));
  const ResetPlan latest = PlanReset(view, "g", "g", {}, {.to = ResetTo::kLatest}, Soon());
  REQUIRE(latest.error);
  CHECK(latest.error->code == ErrorCode::kInvalidArgument);
}

TEST_CASE("logs that cannot be asked are an error, never a clamp") {
  Scene scene;
  scene.cluster.error = MakeError(ErrorCode::kUnavailable, "no broker answers");
  const ResetPlan plan = scene.Plan({.to = ResetTo::kOffset, .number = 5});
  REQUIRE(plan.steps.size() == 2);
  for (const ResetStep& step : plan.steps) {
    CHECK_FALSE(step.to);
    REQUIRE(step.error);
    CHECK(step.error->code == ErrorCode::kUnavailable);
  }
}

}  // namespace
}  // namespace offsetstore::migration
