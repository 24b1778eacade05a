// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/audit.h"

#include <fstream>
#include <vector>

#include "estate.h"

namespace offsetstore::testing {
namespace {

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
  const auto run = [&](const mig::EmitRun& emit) {
    const auto reader = mig::PlanReader::Open(plan);
    REQUIRE(reader);
    return mig::Apply(**reader, estate.sides(), estate.run_options, emit).has_value();
  };
  CHECK_FALSE(run([](const mig::GroupRun&) {
    return Status(MakeError(ErrorCode::kUnavailable, "the disk of the history is full"));
  }));
  REQUIRE(Estate::Get(estate.target, "a", {"orders", 0}) == 5);
  const mig::PlanHeader header = (*mig::PlanReader::Open(plan))->header();
  for (int again = 0; again < 2; ++again) {
    const auto audit = mig::Audit::Open(audited.path);
    REQUIRE(audit);
    CHECK(run([&](const mig::GroupRun& done) { return (*audit)->Add(header, done); }));
  }
  audited.ReadAll();
  REQUIRE(audited.changes.size() == 2);
  CHECK(audited.changes[0].group == "a");
  CHECK(audited.changes[0].outcome == "already-there");
  CHECK(audited.changes[0].after == 5);
  CHECK(audited.changes[1].group == "b");
  CHECK(audited.changes[1].outcome == "written");
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
