// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/follow.h"

#include <functional>
#include <stop_token>
#include <utility>

#include "estate.h"

namespace offsetstore::testing {
namespace {

/// A follower whose passes the test stands between.
struct Followed {
  Estate estate;
  mig::FollowOptions options;
  std::stop_source stop;
  std::vector<Result<mig::Totals>> passes;  ///< Those before the last one.
  std::vector<mig::GroupRun> last;
  std::vector<mig::GroupRun> first;
  std::function<bool()> first_fails;  ///< Whether what is written at first cannot be told now.
  std::size_t told_passes = 0;

  /// Follows; `between(n)` is called after pass n, from 1, and returns whether another one is to
  /// follow before the last.
  Result<mig::Totals> Run(const std::function<bool(std::size_t)>& between) {
    options.plan = estate.plan_options;
    options.run = estate.run_options;
    options.plan_path = estate.Path("pass.plan");
    options.interval = Duration(1);
    options.until = stop.get_token();
    options.first = [this](mig::GroupRun run) -> Status {
      if (first_fails && first_fails()) {
        return MakeError(ErrorCode::kUnavailable, "the disk of the history is full");
      }
      first.push_back(std::move(run));
      return {};
    };
    const mig::PlanHeader header = mig::NewPlan(estate.source.Info(), estate.target.Info());
    const auto emit = [this](mig::GroupRun run) -> Status {
      last.push_back(std::move(run));
      return {};
    };
    return mig::Follow(estate.sides(), header, options, emit, [&](const Result<mig::Totals>& pass) {
      passes.push_back(pass);
      if (!between(passes.size())) stop.request_stop();
    });
  }
  /// The next write of the target meets `how`, and nothing can be read back after it.
  void LoseNextWrite(Fault how) {
    estate.target.Script(FaultStore::Op::kCommit, std::move(how));
    // The plan's read, and the look before the write.
    estate.target.Script(FaultStore::Op::kFetch, PassThrough(2));
    estate.target.Script(FaultStore::Op::kFetch, FailCall(ErrorCode::kUnavailable));
  }
  [[nodiscard]] std::int64_t Held(const TopicPartition& at) {
    return Estate::Get(estate.target, "a", at);
  }
};

TEST_CASE("a follower writes what moved, in either direction, and new partitions and groups") {
  Followed followed;
  OffsetStore& source = followed.estate.source;
  Estate::Set(source, "a", kOrders0, 5);
  followed.estate.source_watch.live["a"] = "it has live members";
  const auto totals = followed.Run([&](std::size_t pass) {
    if (pass == 1) {
      CHECK(followed.Held(kOrders0) == 5);
      Estate::Set(source, "a", kOrders0, 9);
      Estate::Set(source, "a", kOrders1, 1);
    } else if (pass == 2) {
      CHECK(followed.Held(kOrders0) == 9);
      CHECK(followed.Held(kOrders1) == 1);
      Estate::Set(source, "a", kOrders0, 3);
      Estate::Set(source, "b", kOrders0, 7);
    } else {
      CHECK(followed.Held(kOrders0) == 3);
      CHECK(Estate::Get(followed.estate.target, "b", kOrders0) == 7);
      Estate::Set(source, "a", kOrders0, 4);
      followed.estate.source_watch.live.clear();
    }
    return pass < 3;
  });
  REQUIRE(totals);
  CHECK(followed.Held(kOrders0) == 4);
  CHECK(totals->written == 1);
  CHECK(totals->refused == 0);
  CHECK(followed.last.size() == 2);
  // Each partition is told of once before the last pass.
  std::size_t told = 0;
  for (const mig::GroupRun& run : followed.first) told += run.results.size();
  CHECK(told == 3);
}

TEST_CASE("a source that moves within a pass is written as it was, and by the next pass as it is") {
  Followed followed;
  OffsetStore& source = followed.estate.source;
  Estate::Set(source, "a", kOrders0, 5);
  bool moved = false;
  followed.estate.target_watch.on_look = [&] {
    if (!std::exchange(moved, true)) Estate::Set(source, "a", kOrders0, 6);
  };
  REQUIRE(followed.Run([&](std::size_t pass) {
    CHECK(followed.passes.back()->refused == 0);
    CHECK(followed.Held(kOrders0) == (pass == 1 ? 5 : 6));
    return pass < 2;
  }));
}

TEST_CASE("a pass with nothing to do writes nothing") {
  Followed followed;
  Estate::Set(followed.estate.source, "a", kOrders0, 5);
  Estate::Set(followed.estate.target, "a", kOrders0, 5);
  const std::size_t before = followed.estate.target.Calls(FaultStore::Op::kCommit);
  REQUIRE(followed.Run([&](std::size_t pass) { return pass < 3; }));
  CHECK(followed.estate.target.Calls(FaultStore::Op::kCommit) == before);
}

TEST_CASE("the last pass refuses a group whose consumers are still at work") {
  Followed followed;
  Estate::Set(followed.estate.source, "a", kOrders0, 5);
  followed.estate.source_watch.live["a"] = "it has live members";
  const auto totals = followed.Run([&](std::size_t /*pass*/) {
    Estate::Set(followed.estate.source, "a", kOrders0, 6);
    return false;
  });
  REQUIRE(totals);
  CHECK(totals->refused == 1);
  CHECK(ToString(followed.last.at(0).results.at(0).reason) == "live-source");
  CHECK(followed.Held(kOrders0) == 5);
}

TEST_CASE("the last pass refuses a group at work also where nothing is left to write") {
  Followed followed;
  Estate::Set(followed.estate.source, "a", kOrders0, 5);
  followed.estate.source_watch.live["a"] = "it has live members";
  const auto totals = followed.Run([](std::size_t /*pass*/) { return false; });
  REQUIRE(totals);
  CHECK(followed.passes.at(0)->written == 1);
  CHECK(totals->refused == 1);
  CHECK(ToString(followed.last.at(0).results.at(0).reason) == "live-source");
}

TEST_CASE("what a follower may have written is its own: a lost answer does not end the following") {
  Followed followed;
  Estate::Set(followed.estate.source, "a", kOrders0, 5);
  bool first = false;  // The write whose answer is lost is the first one.
  SUBCASE("applied, and read by nobody") {
    first = true;
  }
  SUBCASE("applied, after another one") {}
  if (first) followed.LoseNextWrite(InDoubtApplied());
  const auto totals = followed.Run([&](std::size_t pass) {
    if (pass == 1 && !first) {
      Estate::Set(followed.estate.source, "a", kOrders0, 6);
      followed.LoseNextWrite(InDoubtApplied());
    }
    if (pass == (first ? 1U : 2U)) {
      CHECK(followed.passes.back()->in_doubt == 1);
      Estate::Set(followed.estate.source, "a", kOrders0, 7);
    }
    return pass < 3;
  });
  REQUIRE(totals);
  CHECK(totals->refused == 0);
  CHECK(followed.Held(kOrders0) == 7);
}

TEST_CASE("two lost answers in a row do not end the following either") {
  Followed followed;
  Estate::Set(followed.estate.source, "a", kOrders0, 5);
  const auto totals = followed.Run([&](std::size_t pass) {
    Estate::Set(followed.estate.source, "a", kOrders0, 5 + static_cast<std::int64_t>(pass));
    if (pass == 1) followed.LoseNextWrite(InDoubtApplied());
    if (pass == 2) followed.LoseNextWrite(InDoubtLost());
    CHECK(followed.passes.back()->in_doubt == (pass == 2 || pass == 3 ? 1U : 0U));
    return pass < 4;
  });
  REQUIRE(totals);
  CHECK(totals->refused == 0);
  CHECK(followed.Held(kOrders0) == 9);
}

TEST_CASE("who writes right after a follower is not overwritten by it") {
  Followed followed;
  Estate& estate = followed.estate;
  estate.plan_options.rules.on_conflict = mig::OnConflict::kSource;
  estate.plan_options.rules.allow_rewind = true;
  Estate::Set(estate.source, "a", kOrders0, 5);
  bool done = false;
  estate.run_options.at = [&](std::string_view point) {
    if (point != "written" || std::exchange(done, true)) return;
    Estate::Set(estate.target, "a", kOrders0, 77);
  };
  const auto totals = followed.Run([&](std::size_t pass) {
    if (pass == 1) CHECK(followed.passes.back()->mismatched == 1);
    Estate::Set(estate.source, "a", kOrders0, 80);
    return pass < 2;
  });
  REQUIRE(totals);
  CHECK(totals->refused == 1);
  CHECK(followed.Held(kOrders0) == 77);
}

TEST_CASE("a follower leaves alone what somebody else wrote to the target") {
  Followed followed;
  Estate::Set(followed.estate.source, "a", kOrders0, 5);
  SUBCASE("by default") {}
  SUBCASE("also where the first look may overwrite") {
    followed.estate.plan_options.rules.on_conflict = mig::OnConflict::kSource;
    followed.estate.plan_options.rules.allow_rewind = true;
  }
  SUBCASE("also where the first look takes the larger one") {
    followed.estate.plan_options.rules.on_conflict = mig::OnConflict::kMax;
  }
  const auto totals = followed.Run([&](std::size_t pass) {
    if (pass == 1) Estate::Set(followed.estate.target, "a", kOrders0, 50);
    if (pass == 2) Estate::Set(followed.estate.source, "a", kOrders0, 60);
    return pass < 3;
  });
  REQUIRE(totals);
  CHECK(followed.passes.at(2)->refused == 1);
  CHECK(totals->refused == 1);
  CHECK(followed.Held(kOrders0) == 50);
}

TEST_CASE("a follower does not write beside consumers of the target") {
  Followed followed;
  Estate::Set(followed.estate.source, "a", kOrders0, 5);
  const auto totals = followed.Run([&](std::size_t /*pass*/) {
    followed.estate.target_watch.live["a"] = "it has live members";
    Estate::Set(followed.estate.source, "a", kOrders0, 6);
    return followed.passes.size() < 2;
  });
  REQUIRE(totals);
  CHECK(followed.passes.at(1)->refused == 1);
  CHECK(followed.Held(kOrders0) == 5);
}

TEST_CASE("what does not move is written again before the target forgets it, and only then") {
  Followed followed;
  Estate::Set(followed.estate.source, "a", kOrders0, 5);
  SUBCASE("a third of the time is over") {
    followed.options.retention = Duration(3);
    // Until it is written for the second time.
    REQUIRE(followed.Run([&](std::size_t pass) {
      return pass == 1 || (pass < 1000 && followed.passes.back()->written == 0);
    }));
    CHECK(followed.passes.back()->written == 1);
    CHECK(followed.passes.size() > 1);
  }
  SUBCASE("it is long") {
    followed.options.retention = std::chrono::hours(24);
    REQUIRE(followed.Run([&](std::size_t pass) { return pass < 5; }));
    for (std::size_t i = 1; i < followed.passes.size(); ++i) {
      CHECK(followed.passes[i]->written == 0);
    }
  }
  SUBCASE("what was found equal is written once: nobody knows how old it is") {
    Estate::Set(followed.estate.target, "a", kOrders0, 5);
    followed.options.retention = std::chrono::hours(24);
    REQUIRE(followed.Run([&](std::size_t pass) { return pass < 3; }));
    CHECK(followed.passes.at(0)->written == 1);
    CHECK(followed.passes.at(1)->written == 0);
  }
  CHECK(followed.Held(kOrders0) == 5);
}

TEST_CASE("the first change of a partition that was found equal is told, once") {
  Followed followed;
  Estate::Set(followed.estate.source, "a", kOrders0, 5);
  Estate::Set(followed.estate.target, "a", kOrders0, 5);
  followed.options.retention = std::chrono::hours(24);  // It is written again as it stands.
  REQUIRE(followed.Run([&](std::size_t pass) {
    CHECK(followed.first.size() == (pass < 2 ? 0U : 1U));
    Estate::Set(followed.estate.source, "a", kOrders0, 5 + static_cast<std::int64_t>(pass));
    return pass < 3;
  }));
  REQUIRE(followed.first.size() == 1);
  CHECK(followed.first.at(0).plan.steps.at(0).position == Position(6));
}

TEST_CASE("what a pass wrote and could not tell is told before the next one writes") {
  Followed followed;
  for (const char* group : {"a", "b"}) Estate::Set(followed.estate.source, group, kOrders0, 5);
  bool full = true;
  followed.first_fails = [&] { return full; };
  REQUIRE(followed.Run([&](std::size_t pass) {
    if (pass == 1) {
      CHECK_FALSE(followed.passes.back());
      CHECK(Estate::Get(followed.estate.target, "b", kOrders0) == 5);
      Estate::Set(followed.estate.source, "a", kOrders0, 6);
    } else if (pass == 2) {
      CHECK_FALSE(followed.passes.back());
      CHECK(followed.Held(kOrders0) == 5);
      CHECK(followed.first.empty());
      full = false;
    }
    return pass < 3;
  }));
  CHECK(followed.Held(kOrders0) == 6);
  REQUIRE(followed.first.size() == 2);
  CHECK(followed.first.at(0).plan.steps.at(0).position == Position(5));
}

TEST_CASE("a pass that fails is told, and the next one goes on") {
  Followed followed;
  Estate::Set(followed.estate.source, "a", kOrders0, 5);
  followed.estate.source.Script(FaultStore::Op::kListGroups, FailCall(ErrorCode::kUnavailable));
  REQUIRE(followed.Run([&](std::size_t pass) { return pass < 2; }));
  CHECK_FALSE(followed.passes.at(0));
  REQUIRE(followed.passes.at(1));
  CHECK(followed.passes.at(1)->written == 1);
}

TEST_CASE("the snapshot of a follower is what stood there before its first write") {
  Followed followed;
  Estate& estate = followed.estate;
  Estate::Set(estate.source, "a", kOrders0, 5);
  Estate::Set(estate.target, "a", kOrders0, 2);
  estate.plan_options.rules.on_conflict = mig::OnConflict::kSource;
  REQUIRE(followed.Run([&](std::size_t pass) {
    Estate::Set(estate.source, "a", kOrders0, 5 + static_cast<std::int64_t>(pass));
    if (pass == 2) Estate::Set(estate.source, "a", kOrders1, 1);
    return pass < 3;
  }));
  REQUIRE(followed.Held(kOrders0) == 8);
  SUBCASE("what was written again since is refused by a plain rollback") {
    const auto totals = estate.RollBack();
    REQUIRE(totals);
    CHECK(totals->refused == 1);
    CHECK(followed.Held(kOrders0) == 8);
    CHECK(followed.Held(kOrders1) == -1);
  }
  SUBCASE("and put back where that is allowed") {
    estate.plan_options.rules.allow_moved = true;
    const auto totals = estate.RollBack();
    REQUIRE(totals);
    CHECK(totals->written == 2);
    CHECK(followed.Held(kOrders0) == 2);
    CHECK(followed.Held(kOrders1) == -1);
  }
}

}  // namespace
}  // namespace offsetstore::testing
