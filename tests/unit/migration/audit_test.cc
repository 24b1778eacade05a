// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/audit.h"

#include <fstream>
#include <vector>

#include "estate.h"
#include "full_disk.h"

namespace offsetstore::testing {
namespace {

Status CannotTell(const mig::GroupRun& /*run*/) {
  return MakeError(ErrorCode::kUnavailable, "the disk of the history is full");
}

struct Audited {
  Estate estate;
  std::string path = estate.Path("history");
  std::vector<mig::Change> changes;
  std::size_t damaged = 0;

  /// Moves one position, and writes down what was done.
  void MoveOne(const std::string& group, std::int64_t position) {
    Estate::Set(estate.source, group, {"orders", 0}, position);
    estate.run_options.journal_path = estate.Path("journal-" + group);
    const std::string plan = estate.PlanFile("plan-" + group);
    auto reader = mig::PlanReader::Open(plan);
    REQUIRE(reader);
    REQUIRE(estate.Apply(plan));
    const auto audit = mig::Audit::Open(path);
    REQUIRE(audit);
    for (const mig::GroupRun& run : estate.runs) REQUIRE((*audit)->Add((*reader)->header(), run));
    REQUIRE((*audit)->Sync());
  }
  /// Runs a plan again and again; what it did is written down by `tell`, or into the history.
  bool Run(const std::string& plan, const mig::EmitRun& tell) {
    const auto reader = mig::PlanReader::Open(plan);
    REQUIRE(reader);
    return mig::Apply(**reader, estate.sides(), estate.run_options, tell).has_value();
  }
  bool Run(const std::string& plan) {
    const mig::PlanHeader header = (*mig::PlanReader::Open(plan))->header();
    const auto audit = mig::Audit::Open(path);
    REQUIRE(audit);
    return Run(plan, [&](const mig::GroupRun& done) { return (*audit)->Add(header, done); });
  }
  void ReadAll() {
    changes.clear();
    damaged = 0;
    REQUIRE(mig::ReadAudit(
        path,
        [this](const mig::Change& change) { changes.push_back(change); },
        [this](const Error&) { ++damaged; }));
  }
};

TEST_CASE("each change stands in the history, and what was only looked at does not") {
  Audited audited;
  audited.ReadAll();
  CHECK(audited.changes.empty());
  audited.MoveOne("a", 5);
  audited.MoveOne("b", 6);  // its plan finds 'a' as it should be
  audited.ReadAll();
  REQUIRE(audited.changes.size() == 2);
  CHECK(audited.changes[0].group == "a");
  CHECK_FALSE(audited.changes[0].before);
  CHECK(audited.changes[0].after == 5);
  CHECK(audited.changes[0].outcome == "written");
  CHECK_FALSE(audited.changes[0].user.empty());
  CHECK(audited.changes[1].group == "b");
}

TEST_CASE("what a run wrote before it was interrupted is in the history once it went on, once") {
  Audited audited;
  Estate& estate = audited.estate;
  for (const char* group : {"a", "b"}) Estate::Set(estate.source, group, {"orders", 0}, 5);
  estate.run_options.pace.batch = 1;
  const std::string plan = estate.PlanFile();
  CHECK_FALSE(audited.Run(plan, CannotTell));
  REQUIRE(Estate::Get(estate.target, "a", {"orders", 0}) == 5);
  for (int again = 0; again < 2; ++again) CHECK(audited.Run(plan));
  audited.ReadAll();
  REQUIRE(audited.changes.size() == 2);
  CHECK(audited.changes[0].group == "a");
  CHECK(audited.changes[0].outcome == "already-there");
  CHECK(audited.changes[0].after == 5);
  CHECK(audited.changes[1].group == "b");
  CHECK(audited.changes[1].outcome == "written");
}

TEST_CASE("what an interrupted run wrote is told whatever the run after it meets") {
  Audited audited;
  Estate& estate = audited.estate;
  Estate::Set(estate.source, "a", {"orders", 0}, 5);
  const std::string plan = estate.PlanFile();
  std::string outcome = "already-there";
  SUBCASE("the target is away for one run") {
    CHECK_FALSE(audited.Run(plan, CannotTell));
    estate.target.SetDown(true);
    CHECK(audited.Run(plan));
    estate.target.SetDown(false);
  }
  SUBCASE("somebody has moved it") {
    CHECK_FALSE(audited.Run(plan, CannotTell));
    Estate::Set(estate.target, "a", {"orders", 0}, 9);
    outcome = "in-doubt";
  }
  SUBCASE("the history could not be synced") {
    estate.run_options.sync_told = [] { return CannotTell({}); };
    CHECK_FALSE(audited.Run(plan, [](const mig::GroupRun&) { return Status(); }));
    estate.run_options.sync_told = {};
  }
  for (int again = 0; again < 2; ++again) CHECK(audited.Run(plan));
  audited.ReadAll();
  REQUIRE(audited.changes.size() == 1);
  CHECK(audited.changes[0].outcome == outcome);
  CHECK(audited.changes[0].after == 5);
}

TEST_CASE("a group of which nothing can be told keeps no other of its batch from being told") {
  Audited audited;
  for (const char* group : {"a", "b"}) {
    Estate::Set(audited.estate.source, group, {"orders", 0}, 5);
  }
  std::vector<std::string> told;
  CHECK_FALSE(audited.Run(audited.estate.PlanFile(), [&](const mig::GroupRun& run) {
    told.push_back(run.plan.to);
    return run.plan.to == "a" ? CannotTell(run) : Status();
  }));
  CHECK(told == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a history whose disk is full gathers nothing that it would write twice") {
  Audited audited;
  audited.MoveOne("a", 5);
  const mig::PlanHeader header = (*mig::PlanReader::Open(audited.estate.Path("plan-a")))->header();
  const mig::GroupRun run = audited.estate.runs.at(0);
  const auto audit = mig::Audit::Open(audited.path);
  REQUIRE(audit);
  {
    const FullDisk full(1);
    for (int i = 0; i < 10; ++i) CHECK_FALSE((*audit)->Add(header, run));
  }
  REQUIRE((*audit)->Add(header, run));
  audited.ReadAll();
  CHECK(audited.changes.size() == 3);  // what was there, what was kept, what was told again
  CHECK(audited.damaged == 0);
}

TEST_CASE("a change is in the history before its group counts as done, also where it is killed") {
  Audited audited;
  Estate::Set(audited.estate.source, "a", {"orders", 0}, 5);
  const auto reader = mig::PlanReader::Open(audited.estate.PlanFile());
  REQUIRE(reader);
  const auto audit = mig::Audit::Open(audited.path);
  REQUIRE(audit);
  std::size_t told = 0;
  audited.estate.run_options.at = [&](std::string_view point) {
    if (point != "done") return;
    audited.ReadAll();  // as whoever looks after a kill here: nothing was synced or closed
    told = audited.changes.size();
  };
  const auto add = [&](const mig::GroupRun& run) {
    return (*audit)->Add((*reader)->header(), run);
  };
  REQUIRE(mig::Apply(**reader, audited.estate.sides(), audited.estate.run_options, add));
  CHECK(told == 1);
}

TEST_CASE(
    "a line of the history that a crash cut, or somebody edited, is told and hides no other") {
  Audited audited;
  audited.MoveOne("a", 5);
  SUBCASE("cut") {
    std::ofstream(audited.path, std::ios::app) << R"({"time_ms":17)";
  }
  SUBCASE("edited") {
    std::ofstream(audited.path, std::ios::app) << "{}\n";
  }
  audited.MoveOne("b", 6);
  audited.ReadAll();
  CHECK(audited.changes.size() == 2);
  CHECK(audited.damaged == 1);
}

}  // namespace
}  // namespace offsetstore::testing
