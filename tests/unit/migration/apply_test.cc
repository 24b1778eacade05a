// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "estate.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("a plan is done as it says, read back, and done only once") {
  Estate estate;
  Estate::Set(estate.source, "a", kOrders0, 5, "note");
  Estate::Set(estate.source, "a", kOrders1, 6);
  Estate::Set(estate.source, "b", kOrders0, 7);
  Estate::Set(estate.target, "b", kOrders0, 7);
  const std::string plan = estate.PlanFile();
  auto totals = estate.Apply(plan);
  REQUIRE(totals);
  CHECK(totals->groups == 2);
  CHECK(totals->written == 2);
  CHECK(totals->kept == 1);
  CHECK(Estate::Get(estate.target, "a", kOrders0) == 5);
  CHECK(Estate::Get(estate.target, "a", kOrders1) == 6);
  const auto reads =
      estate.target.Fetch("a", {{kOrders0}, {}}, Deadline::After(std::chrono::seconds(5)));
  REQUIRE(reads);
  CHECK(std::get<Entry>(reads->front().slot).metadata == "note");

  const std::size_t commits = estate.target.Calls(FaultStore::Op::kCommit);
  totals = estate.Apply(plan);
  REQUIRE(totals);
  CHECK(totals->written == 0);
  CHECK(totals->already_there == 2);
  CHECK(estate.target.Calls(FaultStore::Op::kCommit) == commits);
}

TEST_CASE(
    "a partition whose source or target moved since the plan is refused, the others are done") {
  Estate estate;
  Estate::Set(estate.source, "a", kOrders0, 5);
  Estate::Set(estate.source, "a", kOrders1, 6);
  const std::string plan = estate.PlanFile();
  SUBCASE("source") {
    Estate::Set(estate.source, "a", kOrders0, 8);
  }
  SUBCASE("target") {
    Estate::Set(estate.target, "a", kOrders0, 8);
  }
  const std::int64_t before = Estate::Get(estate.target, "a", kOrders0);
  const auto totals = estate.Apply(plan);
  REQUIRE(totals);
  CHECK(totals->refused == 1);
  CHECK(totals->written == 1);
  CHECK(ToString(estate.runs[0].results[0].reason) == "moved");
  CHECK(Estate::Get(estate.target, "a", kOrders0) == before);
  CHECK(Estate::Get(estate.target, "a", kOrders1) == 6);
}

TEST_CASE("a claim that came between plan and apply is a move too") {
  Estate estate;
  Estate::Set(estate.source, "a", kOrders0, 5);
  Estate::Set(estate.target, "a", kOrders0, 3);
  estate.plan_options.rules.on_conflict = mig::OnConflict::kMax;
  const std::string plan = estate.PlanFile();
  const std::vector<ClaimRequest> requests = {{kOrders0, Any{}, Nonce::Random()}};
  REQUIRE(estate.target.Claim("a",
                              requests,
                              ThisProcess(Owner::Kind::kMember, "consumer"),
                              Deadline::After(std::chrono::seconds(5))));
  const auto totals = estate.Apply(plan);
  REQUIRE(totals);
  CHECK(totals->refused == 1);
  CHECK(Estate::Get(estate.target, "a", kOrders0) == 3);
}

TEST_CASE("a writer that comes between the last look and the write is noticed by the store") {
  Estate estate;
  Estate::Set(estate.source, "a", kOrders0, 5);
  const std::string plan = estate.PlanFile();
  estate.run_options.at = [&](std::string_view point) {
    if (point == "journalled") Estate::Set(estate.target, "a", kOrders0, 9);
  };
  const auto totals = estate.Apply(plan);
  REQUIRE(totals);
  CHECK(totals->refused == 1);
  CHECK(Estate::Get(estate.target, "a", kOrders0) == 9);
}

TEST_CASE("a writer that comes after the write is a mismatch") {
  Estate estate;
  Estate::Set(estate.source, "a", kOrders0, 5);
  const std::string plan = estate.PlanFile();
  estate.run_options.at = [&](std::string_view point) {
    if (point == "written") Estate::Set(estate.target, "a", kOrders0, 9);
  };
  const auto totals = estate.Apply(plan);
  REQUIRE(totals);
  CHECK(totals->mismatched == 1);
}

TEST_CASE("a group that becomes live between plan and apply is refused, on either side") {
  Estate estate;
  Estate::Set(estate.source, "a", kOrders0, 5);
  Estate::Set(estate.source, "b", kOrders0, 5);
  const std::string plan = estate.PlanFile();
  SUBCASE("source") {
    estate.source_watch.live["a"] = "one member";
  }
  SUBCASE("target") {
    estate.target_watch.live["a"] = "one member";
  }
  const auto totals = estate.Apply(plan);
  REQUIRE(totals);
  CHECK(totals->refused == 1);
  CHECK(totals->written == 1);
  CHECK(Estate::Get(estate.target, "a", kOrders0) == -1);
}

TEST_CASE("verify says what is there, what is not and what is something else") {
  Estate estate;
  Estate::Set(estate.source, "a", kOrders0, 5);
  Estate::Set(estate.source, "a", kOrders1, 6);
  Estate::Set(estate.source, "b", kOrders0, 7);
  const std::string plan = estate.PlanFile();
  REQUIRE(estate.Apply(plan));
  auto totals = estate.Verify(plan);
  REQUIRE(totals);
  CHECK(totals->already_there == 3);
  Estate::Set(estate.target, "a", kOrders1, 9);
  totals = estate.Verify(plan);
  REQUIRE(totals);
  CHECK(totals->already_there == 2);
  CHECK(totals->mismatched == 1);
  CHECK(estate.runs[0].results[1].why == "stored is 9");
}

TEST_CASE("a run that is stopped has finished its batch, and goes on later") {
  Estate estate;
  for (char name = 'a'; name <= 'h'; ++name) {
    Estate::Set(estate.source, std::string(1, name), kOrders0, name);
  }
  const std::string plan = estate.PlanFile();
  std::stop_source stop;
  estate.run_options.pace.batch = 3;
  estate.run_options.pace.stop = stop.get_token();
  estate.run_options.at = [&](std::string_view point) {
    if (point == "journalled") stop.request_stop();
  };
  REQUIRE_FALSE(estate.Apply(plan));
  CHECK(estate.runs.size() == 3);
  CHECK(Estate::Get(estate.target, "c", kOrders0) == 'c');
  CHECK(Estate::Get(estate.target, "d", kOrders0) == -1);
  estate.run_options.pace.stop = {};
  const auto totals = estate.Apply(plan);
  REQUIRE(totals);
  CHECK(totals->already_there == 3);
  CHECK(totals->written == 5);
}

}  // namespace
}  // namespace offsetstore::testing
