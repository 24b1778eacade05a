// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate/second_look.h"

#include "estate.h"

namespace offsetstore::cli {
namespace {

using testing::Estate;

/// A run of three groups of two partitions, and what a second look says of it.
struct Looked {
  testing::Planned planned;
  SecondLook look;
  ExitCode first = ExitCode::kDone;

  Estate& estate() { return planned.estate; }

  ExitCode RunAndLook(const std::function<void()>& between) {
    const auto reader = migration::PlanReader::Open(planned.plan);
    REQUIRE(reader);
    RunReport report((*reader)->header(), OutputForm::kTable, false, true);
    const auto take = [&](const migration::GroupRun& run) {
      look.Take(run);
      return report.Show(run);
    };
    REQUIRE(migration::Apply(**reader, estate().sides(), estate().run_options, take));
    first = report.Code();
    between();
    RunArguments arguments;
    arguments.second_look = Duration(1);
    return look.End({planned.plan}, estate().sides(), arguments, report, ExitCode::kDone);
  }
};

TEST_CASE("a second look finds what somebody else has written since") {
  Looked looked;
  SUBCASE("where all was as planned") {}
  SUBCASE("where another group was refused") {
    Estate::Set(looked.estate().target, "b", {"orders", 0}, 9);
  }
  const ExitCode code = looked.RunAndLook([&] {
    Estate::Set(looked.estate().target, "a", {"orders", 0}, 6);
  });
  CHECK(code == ExitCode::kVerification);
}

TEST_CASE("a second look does not complain of what the run itself told") {
  Looked looked;
  Estate::Set(looked.estate().target, "b", {"orders", 0}, 9);
  CHECK(looked.RunAndLook([] {}) == ExitCode::kPartly);
  CHECK(looked.first == ExitCode::kPartly);
}

TEST_CASE("a second look that cannot read is told, and is not taken for a good one") {
  Looked looked;
  CHECK(looked.RunAndLook([&] { looked.estate().target.SetDown(true); }) == ExitCode::kPartly);
  CHECK(looked.first == ExitCode::kDone);
}

TEST_CASE("a second look leaves alone what an earlier run wrote: its consumers may be at work") {
  Looked looked;
  CHECK(looked.RunAndLook([] {}) == ExitCode::kDone);
  const auto moved = [&] { Estate::Set(looked.estate().target, "a", {"orders", 0}, 6); };
  looked.look = {};
  CHECK(looked.RunAndLook(moved) == ExitCode::kDone);
}

}  // namespace
}  // namespace offsetstore::cli
