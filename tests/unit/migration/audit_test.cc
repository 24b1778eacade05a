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
