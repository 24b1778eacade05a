// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/layers/metered.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "stub_store.h"

namespace offsetstore::testing {
namespace {

class Counters final : public Metrics {
 public:
  void Count(std::string_view name, std::uint64_t by) noexcept override {
    counts[std::string(name)] += by;
  }
  void Observe(std::string_view name, double value) noexcept override {
    ++observations[std::string(name)];
    if (value < 0) ++negative;
  }
  std::map<std::string, std::uint64_t> counts;
  std::map<std::string, int> observations;
  int negative = 0;
};

struct Fixture {
  Counters counters;
  Layered layered = Layered::Make([this](std::unique_ptr<OffsetStore> below) {
    return WithMetrics(std::move(below), counters, "s");
  });
};

using Counts = std::map<std::string, std::uint64_t>;

TEST_CASE("each outcome of a commit is counted by its name") {
  Fixture fixture;
  fixture.layered.stub->on_commit = [](std::span<const Move> moves) {
    std::vector<Outcome> outcomes;
    outcomes.reserve(moves.size());
    for (std::size_t i = 0; i < moves.size(); ++i) {
      outcomes.push_back(internal::Applied(moves[i].at));
      outcomes.back().code = static_cast<OutcomeCode>(i % 7);
    }
    return outcomes;
  };
  CHECK(fixture.layered.store->Commit("g", Moves(9), Owner{}, Atomicity::kEach, Soon()));
  CHECK(fixture.counters.counts == Counts{{"s_commit_applied_total", 2},
                                          {"s_commit_applied_below_durability_total", 2},
                                          {"s_commit_already_applied_total", 1},
                                          {"s_commit_fenced_total", 1},
                                          {"s_commit_conflict_total", 1},
                                          {"s_commit_not_applied_total", 1},
                                          {"s_commit_failed_total", 1}});
}

TEST_CASE("reads are counted by what they found") {
  Fixture fixture;
  fixture.layered.stub->on_fetch = [](const Selection&) {
    return std::vector<Read>{{{"t", 0}, Absent{}, {}},
                             {{"t", 1}, Entry{}, {}},
                             {{"t", 2}, Entry{}, {}},
                             {{"t", 3}, MakeError(ErrorCode::kCorrupt, ""), {}}};
  };
  CHECK(fixture.layered.store->Fetch("g", {}, Soon()));
  CHECK(fixture.counters.counts == Counts{{"s_fetch_absent_total", 1},
                                          {"s_fetch_entry_total", 2},
                                          {"s_fetch_unreadable_total", 1}});
}

TEST_CASE("every call is timed, and an error of the whole call is counted") {
  Fixture fixture;
  OffsetStore& store = *fixture.layered.store;
  fixture.layered.stub->on_remove = [](auto) { return MakeError(ErrorCode::kUnavailable, "down"); };
  CHECK(store.ListGroups({}, Soon()));
  CHECK(store.Fetch("g", {}, Soon()));
  CHECK(store.Claim("g", std::vector{ClaimOf("t", 0)}, Owner{}, Soon()));
  CHECK(store.Commit("g", std::vector{MoveTo("t", 0, 1)}, Owner{}, Atomicity::kEach, Soon()));
  CHECK(store.Release("g", std::vector{Claimed{{"t", 0}, {}}}, Soon()));
  CHECK_FALSE(store.Remove("g", std::vector{RemovalOf("t", 0)}, Owner{}, Soon()));
  CHECK(store.Close(Soon()));
  for (const char* call :
       {"list_groups", "fetch", "claim", "commit", "release", "remove", "close"}) {
    CHECK(fixture.counters.observations[std::string("s_") + call + "_seconds"] == 1);
  }
  CHECK(fixture.counters.negative == 0);
  CHECK(fixture.counters.counts == Counts{{"s_claim_applied_total", 1},
                                          {"s_commit_applied_total", 1},
                                          {"s_release_applied_total", 1},
                                          {"s_remove_errors_total", 1}});
}

}  // namespace
}  // namespace offsetstore::testing
