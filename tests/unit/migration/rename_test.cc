// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/rename.h"

#include "estate.h"

namespace offsetstore::testing {
namespace {

/// One store, where group `new` holds what `old` does.
struct Copied {
  Copied() {
    for (const char* group : {"old", "new"}) {
      Estate::Set(estate.target, group, kOrders0, 5);
      Estate::Set(estate.target, group, kOrders1, 6);
    }
  }
  [[nodiscard]] mig::Sides OneStore() {
    mig::Sides sides = estate.sides();
    sides.source = sides.target;
    sides.source_watch = sides.target_watch;
    return sides;
  }
  [[nodiscard]] std::vector<mig::Step> Steps(const mig::Rules& rules = {}) {
    std::vector<mig::Step> steps;
    const auto emit = [&](mig::GroupPlan group) -> Status {
      CHECK_FALSE(group.error);
      steps = std::move(group.steps);
      return {};
    };
    REQUIRE(mig::PlanRemovalOfCopied(OneStore(), "old", "new", rules, {}, emit));
    return steps;
  }
  Estate estate;
};

TEST_CASE("what the new name holds is removed from the old one") {
  Copied copied;
  const auto steps = copied.Steps();
  REQUIRE(steps.size() == 2);
  for (const mig::Step& step : steps) CHECK(step.action == mig::Action::kRemove);
}

TEST_CASE("what the two names hold differently is not removed") {
  Copied copied;
  Estate::Set(copied.estate.target, "old", kOrders1, 7);
  const auto steps = copied.Steps();
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].action == mig::Action::kRemove);
  CHECK(steps[1].action == mig::Action::kRefuse);
  CHECK(ToString(steps[1].reason) == "moved");
}

TEST_CASE("nothing is removed while either group has consumers at work, unless that is allowed") {
  Copied copied;
  std::string group;
  SUBCASE("old") {
    group = "old";
  }
  SUBCASE("new") {
    group = "new";
  }
  copied.estate.target_watch.live[group] = "it has live members";
  for (const mig::Step& step : copied.Steps()) CHECK(step.action == mig::Action::kRefuse);
  mig::Rules rules;
  rules.allow_live = true;
  for (const mig::Step& step : copied.Steps(rules)) CHECK(step.action == mig::Action::kRemove);
}

TEST_CASE("a removal is done only while both groups are as planned") {
  Copied copied;
  const std::string path = copied.estate.Path("removal.plan");
  auto writer = mig::PlanWriter::Create(
      path, mig::NewPlan(copied.estate.target.Info(), copied.estate.target.Info()));
  REQUIRE(writer);
  REQUIRE(mig::PlanRemovalOfCopied(
      copied.OneStore(), "old", "new", {}, {}, [&](const mig::GroupPlan& group) {
        return (*writer)->Add(group);
      }));
  REQUIRE((*writer)->Finish());
  Estate::Set(copied.estate.target, "new", kOrders1, 60);
  auto reader = mig::PlanReader::Open(path);
  REQUIRE(reader);
  const auto totals =
      mig::Apply(**reader, copied.OneStore(), copied.estate.run_options, [](const mig::GroupRun&) {
        return Status();
      });
  REQUIRE(totals);
  CHECK(totals->written == 1);
  CHECK(totals->refused == 1);
  CHECK(Estate::Get(copied.estate.target, "old", kOrders0) == -1);
  CHECK(Estate::Get(copied.estate.target, "old", kOrders1) == 6);
}

}  // namespace
}  // namespace offsetstore::testing
