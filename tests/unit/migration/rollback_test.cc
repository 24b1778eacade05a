// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include "estate.h"
#include "offsetstore/backends/memory.h"

namespace offsetstore::testing {
namespace {

struct Applied {
  Estate estate;
  std::string journal = estate.run_options.journal_path;

  Applied() {
    Estate::Set(estate.source, "a", kOrders0, 5);
    Estate::Set(estate.source, "a", kOrders1, 6);
    Estate::Set(estate.target, "a", kOrders1, 2, "before");
    estate.plan_options.rules.on_conflict = mig::OnConflict::kMax;
    const auto totals = estate.Apply(estate.PlanFile());
    REQUIRE(totals);
    REQUIRE(totals->written == 2);
  }
};

TEST_CASE("a rollback puts back what was there, and nothing where nothing was") {
  Applied applied;
  const auto totals = applied.estate.RollBack();
  REQUIRE(totals);
  CHECK(totals->written == 2);
  CHECK(Estate::Get(applied.estate.target, "a", kOrders0) == -1);
  CHECK(Estate::Get(applied.estate.target, "a", kOrders1) == 2);
  const auto reads =
      applied.estate.target.Fetch("a", {{kOrders1}, {}}, Deadline::After(std::chrono::seconds(5)));
  REQUIRE(reads);
  CHECK(std::get<Entry>(reads->front().slot).metadata == "before");
}

TEST_CASE("a rollback can be taken back, and be repeated") {
  Applied applied;
  REQUIRE(applied.estate.RollBack());
  REQUIRE(applied.estate.RollBack());  // of the rollback's own journal
  CHECK(Estate::Get(applied.estate.target, "a", kOrders0) == 5);
  CHECK(Estate::Get(applied.estate.target, "a", kOrders1) == 6);
  applied.estate.run_options.journal_path = applied.journal;
  REQUIRE(applied.estate.RollBack());
  applied.estate.run_options.journal_path = applied.journal;
  const auto again = applied.estate.RollBack();
  REQUIRE(again);
  CHECK(again->kept == 2);
  CHECK(Estate::Get(applied.estate.target, "a", kOrders0) == -1);
}

TEST_CASE("a plan whose run was taken back is run no more") {
  Applied applied;
  Estate& estate = applied.estate;
  bool taken_back = false;
  SUBCASE("not while nothing was written back") {
    estate.target_watch.live["a"] = "one member";
  }
  SUBCASE("once something was") {
    taken_back = true;
  }
  REQUIRE(estate.RollBack());
  estate.target_watch.live.clear();
  estate.run_options.journal_path = applied.journal;
  const auto again = estate.Apply(estate.Path("plan"));
  REQUIRE(again.has_value() == !taken_back);
  if (!taken_back) return;
  CHECK(again.error().code == ErrorCode::kInvalidArgument);
  CHECK(again.error().message.find("was taken back") != std::string::npos);
  CHECK(Estate::Get(estate.target, "a", kOrders0) == -1);
  // The mark stands behind what a crash cut, and hides no snapshot.
  REQUIRE(mig::SnapshotReader::Open(applied.journal));
}

TEST_CASE("a copy within one store is not taken back once it is the last one") {
  auto opened = OpenMemoryStore({});
  REQUIRE(opened);
  OffsetStore& store = **opened;
  Estate::Set(store, "old", kOrders0, 5);
  Estate::Set(store, "old", kOrders1, 6);
  const TempDir dir;
  const mig::Sides sides{{&store}, {&store}};
  const auto run = [&](const mig::PlanHeader& header, const auto& make) {
    const std::string path = (dir.path() / header.id).string();
    const auto writer = mig::PlanWriter::Create(path, header);
    REQUIRE(writer);
    REQUIRE(make([&](const mig::GroupPlan& group) { return (*writer)->Add(group); }));
    REQUIRE((*writer)->Finish());
    const auto plan = mig::PlanReader::Open(path);
    REQUIRE(plan);
    mig::RunOptions options;
    options.journal_path = path + ".journal";
    const auto totals =
        mig::Apply(**plan, sides, options, [](const mig::GroupRun&) { return Status(); });
    REQUIRE(totals);
    return *totals;
  };
  const mig::PlanHeader copy = mig::NewPlan(store.Info(), store.Info());
  mig::PlanOptions options;
  options.scope.group_names["old"] = "new";
  const auto copied =
      run(copy, [&](const mig::EmitGroup& emit) { return mig::MakePlan(sides, options, emit); });
  REQUIRE(copied.written == 2);
  Estate::Remove(store, "old", kOrders0);
  const auto snapshot = mig::SnapshotReader::Open((dir.path() / copy.id).string() + ".journal");
  REQUIRE(snapshot);
  const auto back = run(mig::NewRollback(**snapshot), [&](const mig::EmitGroup& emit) {
    return mig::PlanRollback(**snapshot, sides, {}, {}, emit);
  });
  CHECK(back.refused == 1);
  CHECK(back.written == 1);
  CHECK(Estate::Get(store, "new", kOrders0) == 5);
  CHECK(Estate::Get(store, "new", kOrders1) == -1);
  CHECK(Estate::Get(store, "old", kOrders1) == 6);
}

TEST_CASE("a rollback that does not know all of a run takes nothing of it back") {
  Planned planned;
  Estate& estate = planned.estate;
  const std::string journal = estate.run_options.journal_path;
  estate.run_options.pace.batch = 1;
  estate.run_options.at = [](std::string_view point) {
    if (point == "done") throw Killed();
  };
  CHECK_THROWS_AS((void)estate.Apply(planned.plan), Killed);
  estate.run_options.at = {};
  const auto snapshot = mig::SnapshotReader::Open(journal);
  REQUIRE(snapshot);
  const std::string path = estate.Path("early");
  const auto writer = mig::PlanWriter::Create(path, mig::NewRollback(**snapshot));
  REQUIRE(writer);
  REQUIRE(mig::PlanRollback(**snapshot, estate.sides(), {}, {}, [&](const mig::GroupPlan& group) {
    return (*writer)->Add(group);
  }));
  REQUIRE((*writer)->Finish());
  REQUIRE(estate.Apply(planned.plan));  // It goes on, with the other groups.
  estate.run_options.taken_back_path = journal;
  estate.run_options.journal_path = estate.Path("early-journal");
  const auto totals = estate.Apply(path);
  REQUIRE_FALSE(totals);
  CHECK(totals.error().message.find("went on") != std::string::npos);
  planned.CheckWhole();
}

TEST_CASE("what a rollback brought back is removed by no rollback of that: it may be the last") {
  Applied applied;
  Estate& estate = applied.estate;
  Estate::Remove(estate.target, "a", kOrders0);
  const mig::GroupPlan gone = [&] {
    mig::GroupPlan plan{"a", "a", {}, {}};
    mig::Step step;
    step.from = step.to = kOrders0;
    step.target.slot = Entry{Position(5), {}, {}, {}, {}, {}, {}};
    step.Become(mig::Action::kRemove, mig::Reason::kNew);
    plan.steps.push_back(step);
    return plan;
  }();
  // A run that removed it, one that brought it back, and one that takes that back.
  const std::string removal = estate.Path("removal");
  const mig::PlanHeader header = mig::NewPlan(estate.target.Info(), estate.target.Info());
  {
    const auto journal = mig::Journal::Open(removal, header, mig::Journal::Runs::kOnce);
    REQUIRE(journal);
    REQUIRE((*journal)->Before(gone, {true}));
    REQUIRE((*journal)->Sync());
  }
  estate.run_options.journal_path = removal;
  REQUIRE(estate.RollBack());
  REQUIRE(Estate::Get(estate.target, "a", kOrders0) == 5);
  const auto back = estate.RollBack();
  REQUIRE(back);
  CHECK(back->refused == 1);
  CHECK(Estate::Get(estate.target, "a", kOrders0) == 5);
}

TEST_CASE("what moved since the run is not taken back") {
  Applied applied;
  Estate::Set(applied.estate.target, "a", kOrders0, 77);
  const auto totals = applied.estate.RollBack();
  REQUIRE(totals);
  CHECK(totals->refused == 1);
  CHECK(totals->written == 1);
  CHECK(Estate::Get(applied.estate.target, "a", kOrders0) == 77);
}

TEST_CASE("a group with consumers at work is not taken back unless that is allowed") {
  Applied applied;
  SUBCASE("registered") {
    applied.estate.target_watch.live["a"] = "one member";
  }
  SUBCASE("by its claims") {
    const std::vector<ClaimRequest> requests = {{kOrders0, Any{}, Nonce::Random()},
                                                {kOrders1, Any{}, Nonce::Random()}};
    REQUIRE(applied.estate.target.Claim("a",
                                        requests,
                                        ThisProcess(Owner::Kind::kMember, "consumer"),
                                        Deadline::After(std::chrono::seconds(5))));
  }
  const auto totals = applied.estate.RollBack();
  REQUIRE(totals);
  CHECK(totals->refused == 2);
  CHECK(Estate::Get(applied.estate.target, "a", kOrders0) == 5);
  applied.estate.run_options.journal_path = applied.journal;
  applied.estate.plan_options.rules.allow_live = true;
  applied.estate.run_options.allow_live = true;
  const auto forced = applied.estate.RollBack();
  REQUIRE(forced);
  CHECK(forced->written == 2);
}

TEST_CASE("a journal belongs to its plan, and its damage is named") {
  Applied applied;
  SUBCASE("another plan") {
    Estate::Set(applied.estate.source, "b", kOrders0, 5);
    const auto totals = applied.estate.Apply(applied.estate.PlanFile("second"));
    REQUIRE_FALSE(totals);
    CHECK(totals.error().message.find("another plan") != std::string::npos);
  }
  SUBCASE("in use") {
    auto reader = mig::PlanReader::Open(applied.estate.Path("plan"));
    REQUIRE(reader);
    const auto other =
        mig::Journal::Open(applied.journal, (*reader)->header(), mig::Journal::Runs::kOnce);
    REQUIRE(other);
    const auto totals = applied.estate.Apply(applied.estate.Path("plan"));
    REQUIRE_FALSE(totals);
    CHECK(totals.error().code == ErrorCode::kUnavailable);
    CHECK(totals.error().message.find("in use") != std::string::npos);
  }
  SUBCASE("a line from elsewhere") {
    std::ofstream(applied.journal, std::ios::app) << "junk\n";
    const auto totals = applied.estate.RollBack();
    REQUIRE_FALSE(totals);
    CHECK(totals.error().code == ErrorCode::kCorrupt);
  }
  SUBCASE("a last line that a crash cut is left out") {
    std::ofstream(applied.journal, std::ios::app) << R"({"before":{"gro)";
    const auto totals = applied.estate.RollBack();
    REQUIRE(totals);
    CHECK(totals->written == 2);
  }
}

}  // namespace
}  // namespace offsetstore::testing
