// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>

#include "estate.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("a group that cannot be written stops no other, and a second run does it") {
  Planned planned;
  planned.estate.target.Script(FaultStore::Op::kCommit, PassThrough());
  planned.estate.target.Script(FaultStore::Op::kCommit, FailCall(ErrorCode::kPermissionDenied));
  auto totals = planned.estate.Apply(planned.plan);
  REQUIRE(totals);
  CHECK(totals->written == 4);
  CHECK(totals->failed == 2);
  CHECK(planned.estate.runs[1].results[0].code == ErrorCode::kPermissionDenied);
  totals = planned.estate.Apply(planned.plan);
  REQUIRE(totals);
  CHECK(totals->written == 2);
  CHECK(totals->already_there == 4);
  planned.CheckWhole();
}

TEST_CASE("one refused partition stops no other of its group") {
  Planned planned;
  planned.estate.target.Script(FaultStore::Op::kCommit,
                               FailPartitions(ErrorCode::kInvalidArgument, {kOrders1}));
  const auto totals = planned.estate.Apply(planned.plan);
  REQUIRE(totals);
  CHECK(totals->written == 5);
  CHECK(totals->failed == 1);
}

TEST_CASE("a lost answer is settled by reading back where it was applied, and in doubt where not") {
  Planned planned;
  SUBCASE("applied") {
    planned.estate.target.Script(FaultStore::Op::kCommit, InDoubtApplied());
    const auto totals = planned.estate.Apply(planned.plan);
    REQUIRE(totals);
    CHECK(totals->written == 6);
  }
  SUBCASE("lost") {
    planned.estate.target.Script(FaultStore::Op::kCommit, InDoubtLost());
    auto totals = planned.estate.Apply(planned.plan);
    REQUIRE(totals);
    CHECK(totals->written == 4);
    CHECK(totals->in_doubt == 2);
    totals = planned.estate.Apply(planned.plan);
    REQUIRE(totals);
    CHECK(totals->written == 2);
  }
  SUBCASE("late") {
    planned.estate.target.Script(FaultStore::Op::kCommit, InDoubtLate());
    auto totals = planned.estate.Apply(planned.plan);
    REQUIRE(totals);
    CHECK(totals->in_doubt == 2);
    totals = planned.estate.Apply(planned.plan);
    REQUIRE(totals);
    CHECK(totals->written == 2);
    // The late original meets the claim that the second run left and does nothing.
    const auto late = planned.estate.target.ApplyLate();
    CHECK(std::none_of(late.begin(), late.end(), [](const Outcome& outcome) {
      return outcome.code == OutcomeCode::kApplied;
    }));
  }
  planned.CheckWhole();
}

TEST_CASE("a value that cannot be read back is in doubt, and not called written") {
  Planned planned;
  planned.estate.target.Script(FaultStore::Op::kFetch, PassThrough(3));
  planned.estate.target.Script(FaultStore::Op::kFetch, FailCall(ErrorCode::kUnavailable));
  auto totals = planned.estate.Apply(planned.plan);
  REQUIRE(totals);
  CHECK(totals->written == 4);
  CHECK(totals->in_doubt == 2);
  CHECK(totals->mismatched == 0);
  totals = planned.estate.Apply(planned.plan);
  REQUIRE(totals);
  CHECK(totals->already_there == 6);
}

TEST_CASE("a write that somebody follows at once is not as planned") {
  Planned planned;
  planned.estate.run_options.at = [&](std::string_view point) {
    if (point == "written") Estate::Set(planned.estate.target, "a", kOrders0, 77);
  };
  const auto totals = planned.estate.Apply(planned.plan);
  REQUIRE(totals);
  CHECK(totals->mismatched == 1);
  CHECK(totals->written == 5);
}

TEST_CASE("a side that is away fails every group, changes nothing, and the run can be repeated") {
  Planned planned;
  SUBCASE("source") {
    planned.estate.source.SetDown(true);
  }
  SUBCASE("target") {
    planned.estate.target.SetDown(true);
  }
  auto totals = planned.estate.Apply(planned.plan);
  REQUIRE(totals);
  CHECK(totals->failed == 6);
  planned.estate.source.SetDown(false);
  planned.estate.target.SetDown(false);
  CHECK(Estate::Get(planned.estate.target, "a", kOrders0) == -1);
  totals = planned.estate.Apply(planned.plan);
  REQUIRE(totals);
  CHECK(totals->written == 6);
  planned.CheckWhole();
}

TEST_CASE("killed at any point, a run goes on and ends as if nothing had happened") {
  for (const std::string point : {"journalled", "written", "read back", "done"}) {
    for (int batch = 1; batch <= 3; ++batch) {
      CAPTURE(point);
      CAPTURE(batch);
      Planned planned;
      planned.estate.run_options.pace.batch = 1;
      int left = batch;
      planned.estate.run_options.at = [&](std::string_view at) {
        if (at == point && --left == 0) throw Killed();
      };
      CHECK_THROWS_AS((void)planned.estate.Apply(planned.plan), Killed);
      planned.estate.run_options.at = {};
      const auto totals = planned.estate.Apply(planned.plan);
      REQUIRE(totals);
      CHECK(totals->written + totals->already_there == 6);
      planned.CheckWhole();
      // The snapshot of the first run, not of the second, is what a rollback goes back to.
      REQUIRE(planned.estate.RollBack());
      for (const char* group : {"a", "b", "c"}) {
        CHECK(Estate::Get(planned.estate.target, group, kOrders0) == -1);
      }
    }
  }
}

TEST_CASE("a journal of which a crash left no whole line is begun anew") {
  Planned planned;
  std::ofstream(planned.estate.run_options.journal_path) << R"({"format":"offsets)";
  const auto totals = planned.estate.Apply(planned.plan);
  REQUIRE(totals);
  CHECK(totals->written == 6);
  REQUIRE(planned.estate.RollBack());
  CHECK(Estate::Get(planned.estate.target, "a", kOrders0) == -1);
}

TEST_CASE("a group that was done is left alone by the next run, wherever its consumer is by then") {
  Planned planned;
  REQUIRE(planned.estate.Apply(planned.plan));
  Estate::Set(planned.estate.target, "a", kOrders0, 500);
  const auto totals = planned.estate.Apply(planned.plan);
  REQUIRE(totals);
  CHECK(totals->already_there == 6);
  CHECK(Estate::Get(planned.estate.target, "a", kOrders0) == 500);
}

}  // namespace
}  // namespace offsetstore::testing
