// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/layers/metered.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "recorded_metrics.h"
#include "stub_store.h"

namespace offsetstore::testing {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

StoreInfo Named() {
  StoreInfo info = AbleInfo();
  info.scheme = "stub";
  info.endpoint = "here";
  info.space = "prod";
  return info;
}

struct MeteredFixture {
  explicit MeteredFixture(Metered what = Metered::kCalls)
      : layered(Layered::Make(
            [&](std::unique_ptr<OffsetStore> below) {
              return WithMetrics(std::move(below), metrics, what);
            },
            Named())) {}

  OffsetStore& store() { return *layered.store; }
  [[nodiscard]] auto Commit(int partitions) {
    return store().Commit("g", Moves(partitions), Owner{}, Atomicity::kEach, Soon());
  }

  RecordedMetrics metrics;
  Layered layered;
};

std::string Partitions(const std::string& operation, const std::string& outcome) {
  return "offsetstore_partitions_total{operation=\"" + operation + "\",outcome=\"" + outcome +
         "\"}";
}

const std::string kLast = "offsetstore_last_durable_commit_timestamp_seconds{}";

/// Partition i gets the outcome i, and those behind the last code are in doubt.
Answers<Outcome> EveryOutcome(std::span<const Move> moves) {
  std::vector<Outcome> outcomes;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    outcomes.push_back(internal::Applied(moves[i].at));
    outcomes.back().code = static_cast<OutcomeCode>(std::min<std::size_t>(i, 6));
    if (i == 6) outcomes.back().error = MakeError(ErrorCode::kUnavailable, "down");
    if (i > 6) outcomes.back().error = MakeError(ErrorCode::kInDoubt, "cut");
  }
  return outcomes;
}

TEST_CASE("each outcome of a commit is counted by its name, in doubt apart from failed") {
  MeteredFixture fixture;
  fixture.layered.stub->on_commit = &EveryOutcome;
  CHECK(fixture.Commit(9));
  CHECK(fixture.metrics.counts == Counts{{Partitions("commit", "applied"), 1},
                                         {Partitions("commit", "applied_below_durability"), 1},
                                         {Partitions("commit", "already_applied"), 1},
                                         {Partitions("commit", "fenced"), 1},
                                         {Partitions("commit", "conflict"), 1},
                                         {Partitions("commit", "not_applied"), 1},
                                         {Partitions("commit", "failed"), 1},
                                         {Partitions("commit", "in_doubt"), 2},
                                         {"offsetstore_in_doubt_total{operation=\"commit\"}", 2}});
}

TEST_CASE("a claim in doubt is counted as one") {
  MeteredFixture fixture;
  fixture.layered.stub->on_claim = [](std::span<const ClaimRequest> requests) {
    std::vector<ClaimAnswer> answers(1);
    answers[0].outcome =
        internal::Failed(requests[0].at, MakeError(ErrorCode::kInDoubt, "the answer was lost"));
    return answers;
  };
  CHECK(fixture.store().Claim("g", std::vector{ClaimOf("t", 0)}, Owner{}, Soon()));
  CHECK(fixture.metrics.counts == Counts{{Partitions("claim", "in_doubt"), 1},
                                         {"offsetstore_in_doubt_total{operation=\"claim\"}", 1}});
}

TEST_CASE("reads are counted by what they found") {
  MeteredFixture fixture;
  fixture.layered.stub->on_fetch = [](const Selection&) {
    return std::vector<Read>{{{"t", 0}, Absent{}, {}},
                             {{"t", 1}, Entry{}, {}},
                             {{"t", 2}, Entry{}, {}},
                             {{"t", 3}, MakeError(ErrorCode::kCorrupt, ""), {}}};
  };
  CHECK(fixture.store().Fetch("g", {}, Soon()));
  CHECK(fixture.metrics.counts == Counts{{Partitions("fetch", "absent"), 1},
                                         {Partitions("fetch", "entry"), 2},
                                         {Partitions("fetch", "unreadable"), 1}});
}

/// One call of each operation.
void CallEach(OffsetStore& store) {
  CHECK(store.ListGroups({}, Soon()));
  CHECK(store.Fetch("g", {}, Soon()));
  CHECK(store.Claim("g", std::vector{ClaimOf("t", 0)}, Owner{}, Soon()));
  CHECK(store.Commit("g", std::vector{MoveTo("t", 0, 1)}, Owner{}, Atomicity::kEach, Soon()));
  CHECK(store.Release("g", std::vector{Claimed{{"t", 0}, {}}}, Soon()));
  CHECK_FALSE(store.Remove("g", std::vector{RemovalOf("t", 0)}, Owner{}, Soon()));
  CHECK(store.Close(Soon()));
}

void CheckEachTimedOnce(RecordedMetrics& metrics, const std::string& name) {
  CHECK(metrics.observations.size() == 7);
  for (const char* call :
       {"list_groups", "fetch", "claim", "commit", "release", "remove", "close"}) {
    CHECK(metrics.observations[name + "{operation=\"" + call + "\"}"] == 1);
  }
  CHECK(metrics.negative == 0);
}

TEST_CASE("every call is timed, and an error of the whole call is counted by its code") {
  MeteredFixture fixture;
  fixture.layered.stub->on_remove = [](auto) { return MakeError(ErrorCode::kUnavailable, "down"); };
  CallEach(fixture.store());
  CheckEachTimedOnce(fixture.metrics, "offsetstore_operation_duration_seconds");
  CHECK(
      fixture.metrics.counts ==
      Counts{{Partitions("claim", "applied"), 1},
             {Partitions("commit", "applied"), 1},
             {Partitions("release", "applied"), 1},
             {"offsetstore_operation_errors_total{operation=\"remove\",code=\"Unavailable\"}", 1}});
}

TEST_CASE("of attempts only the time is measured, under a name of its own") {
  MeteredFixture fixture(Metered::kAttempts);
  fixture.layered.stub->on_remove = [](auto) { return MakeError(ErrorCode::kUnavailable, "down"); };
  CallEach(fixture.store());
  CheckEachTimedOnce(fixture.metrics, "offsetstore_attempt_duration_seconds");
  CHECK(fixture.metrics.announced.empty());
  CHECK(fixture.metrics.gauges.empty());
}

TEST_CASE("a close in doubt is counted as in doubt") {
  MeteredFixture fixture;
  fixture.layered.stub->on_close = [] { return Status(MakeError(ErrorCode::kInDoubt, "cut")); };
  CHECK_FALSE(fixture.store().Close(Soon()));
  CHECK(fixture.metrics.counts ==
        Counts{{"offsetstore_in_doubt_total{operation=\"close\"}", 1},
               {"offsetstore_operation_errors_total{operation=\"close\",code=\"InDoubt\"}", 1}});
}

TEST_CASE("the last durable commit is noted when the store acknowledged one, and not before") {
  MeteredFixture fixture;
  const std::chrono::duration<double> before = Now().time_since_epoch();
  fixture.layered.stub->on_commit = [](std::span<const Move> moves) {
    std::vector<Outcome> outcomes = *EveryOutcome(moves);
    outcomes.erase(outcomes.begin());
    return outcomes;
  };
  CHECK(fixture.Commit(9));  // everything but applied
  fixture.layered.stub->on_commit = [](auto) { return MakeError(ErrorCode::kUnavailable, "down"); };
  CHECK_FALSE(fixture.Commit(1));
  CHECK(fixture.metrics.gauges.empty());
  fixture.layered.stub->on_commit = nullptr;
  CHECK(fixture.store().Claim("g", std::vector{ClaimOf("t", 0)}, Owner{}, Soon()));
  CHECK(fixture.metrics.gauges.empty());
  CHECK(fixture.Commit(1));
  REQUIRE(fixture.metrics.gauges.count(kLast) == 1);
  CHECK(fixture.metrics.gauges[kLast] >= before.count());
}

TEST_CASE("the outcomes of writes and reads are announced before they happen") {
  MeteredFixture fixture;
  const auto& announced = fixture.metrics.announced;
  CHECK(announced.count(Partitions("commit", "fenced")) == 1);
  CHECK(announced.count(Partitions("claim", "in_doubt")) == 1);
  CHECK(announced.count(Partitions("fetch", "unreadable")) == 1);
  CHECK(announced.count("offsetstore_in_doubt_total{operation=\"commit\"}") == 1);
  CHECK(fixture.metrics.counts.empty());
}

TEST_CASE("a store is named by scheme, endpoint and space") {
  MeteredFixture fixture;
  CHECK(fixture.Commit(1));
  CHECK(fixture.metrics.stores == std::set<std::string>{"stub:here?space=prod"});
}

TEST_CASE("what is measured is known, once each") {
  std::set<std::string_view> names;
  for (const MetricInfo& one : KnownMetrics()) {
    CHECK(names.insert(one.name).second);
    CHECK_FALSE(one.help.empty());
    CHECK(one.name.ends_with("_total") == (one.type == MetricType::kCounter));
  }
}

}  // namespace
}  // namespace offsetstore::testing
