// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/layers/retry.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "fake_clock.h"
#include "fault_store.h"
#include "recorded_metrics.h"
#include "stub_store.h"

namespace offsetstore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Op = FaultStore::Op;

/// A retry layer over a store that fails by script, on a clock that jumps.
struct RetryFixture {
  explicit RetryFixture(RetryPolicy policy = {.attempts = 4}) {
    auto bare = std::make_unique<StubStore>();
    stub = bare.get();
    auto faulty = std::make_unique<FaultStore>(std::move(bare));
    faults = faulty.get();
    store = WithRetry(std::move(faulty), policy, clock, &metrics);
  }

  Answers<Outcome> Commit(std::vector<Move> moves, Atomicity atomicity = Atomicity::kEach) {
    return store->Commit("g", moves, Owner{}, atomicity, clock.In(seconds(30)));
  }

  RecordedMetrics metrics;
  FakeClock clock;
  StubStore* stub = nullptr;
  FaultStore* faults = nullptr;
  std::unique_ptr<OffsetStore> store;
};

std::vector<OutcomeCode> Codes(const Answers<Outcome>& outcomes) {
  std::vector<OutcomeCode> codes;
  REQUIRE(outcomes);
  codes.reserve(outcomes->size());
  for (const Outcome& outcome : *outcomes) codes.push_back(outcome.code);
  return codes;
}

TEST_CASE("a call that failed safely is made again until it works") {
  RetryFixture fixture;
  fixture.faults->Script(Op::kFetch, FailCall(ErrorCode::kUnavailable).Times(2));
  CHECK(fixture.store->Fetch("g", {}, fixture.clock.In(seconds(30))));
  CHECK(fixture.faults->Calls(Op::kFetch) == 3);
}

TEST_CASE("the attempts have an end, and the last answer is given") {
  RetryFixture fixture;
  fixture.faults->Script(Op::kListGroups, FailCall(ErrorCode::kUnavailable, "first").Times(3));
  fixture.faults->Script(Op::kListGroups, FailCall(ErrorCode::kDeadlineExceeded, "last"));
  const auto groups = fixture.store->ListGroups({}, fixture.clock.In(seconds(30)));
  REQUIRE_FALSE(groups);
  CHECK(groups.error().message == "last");
  CHECK(fixture.faults->Calls(Op::kListGroups) == 4);
}

TEST_CASE("each attempt after the first is counted, and the series are announced before") {
  RetryFixture fixture;
  CHECK(fixture.metrics.announced.count("offsetstore_retries_total{operation=\"remove\"}") == 1);
  CHECK(fixture.metrics.counts.empty());
  fixture.faults->Script(Op::kCommit, FailCall(ErrorCode::kUnavailable).Times(2));
  CHECK(fixture.Commit(Moves(1)));
  fixture.faults->Script(Op::kFetch, FailCall(ErrorCode::kUnavailable).Times(4));
  CHECK_FALSE(fixture.store->Fetch("g", {}, fixture.clock.In(seconds(30))));
  CHECK(fixture.metrics.counts == std::map<std::string, std::uint64_t>{
                                      {"offsetstore_retries_total{operation=\"commit\"}", 2},
                                      {"offsetstore_retries_total{operation=\"fetch\"}", 3}});
}

TEST_CASE("one attempt means no retry") {
  RetryFixture fixture({.attempts = 1});
  fixture.faults->SetDown(true);
  CHECK_FALSE(fixture.Commit(Moves(1)));
  CHECK(fixture.faults->Calls(Op::kCommit) == 1);
  CHECK(fixture.clock.Sleeps().empty());
}

TEST_CASE("what is not safe is never repeated") {
  for (const ErrorCode code : {ErrorCode::kInvalidArgument,
                               ErrorCode::kPermissionDenied,
                               ErrorCode::kInDoubt,
                               ErrorCode::kCorrupt,
                               ErrorCode::kInternal}) {
    RetryFixture fixture;
    fixture.faults->Script(Op::kCommit, FailCall(code));
    CHECK(fixture.Commit(Moves(1)).error().code == code);
    CHECK(fixture.faults->Calls(Op::kCommit) == 1);
  }
}

TEST_CASE("doubt is never repeated, even where a backend calls it safe") {
  RetryFixture fixture;
  Fault doubt = FailCall(ErrorCode::kInDoubt);
  doubt.error.retry = Retry::kSafe;
  fixture.faults->Script(Op::kCommit, doubt);
  CHECK_FALSE(fixture.Commit(Moves(1)));
  doubt.effect = Fault::Effect::kFailPartitions;
  fixture.faults->Script(Op::kCommit, doubt);
  CHECK(Codes(fixture.Commit(Moves(1))) == std::vector{OutcomeCode::kFailed});
  CHECK(fixture.faults->Calls(Op::kCommit) == 2);
}

TEST_CASE("only the partitions that failed safely are sent again, and merged in order") {
  RetryFixture fixture;
  fixture.faults->Script(Op::kCommit,
                         FailPartitions(ErrorCode::kUnavailable, {{"t", 1}, {"t", 3}}));
  fixture.faults->Script(Op::kCommit, FailPartitions(ErrorCode::kUnavailable, {{"t", 3}}));
  const auto outcomes = fixture.Commit(Moves(5));
  CHECK(Codes(outcomes) == std::vector(5, OutcomeCode::kApplied));
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK((*outcomes)[i].at == TopicPartition{"t", static_cast<int>(i)});
  }
  const auto history = fixture.faults->History();
  REQUIRE(history.size() == 3);
  CHECK(history[1].partitions == std::vector<TopicPartition>{{"t", 1}, {"t", 3}});
  CHECK(history[2].partitions == std::vector<TopicPartition>{{"t", 3}});
  CHECK(history[2].moves[0].to == Position(13));
}

TEST_CASE("beside a partition that is sent again one in doubt is left alone") {
  RetryFixture fixture;
  fixture.stub->on_commit = [&](std::span<const Move> moves) {
    auto outcomes = *StubStore::AllApplied(moves);
    if (fixture.stub->calls > 1) return outcomes;
    outcomes[0] = internal::Failed(moves[0].at, MakeError(ErrorCode::kInDoubt, "cut"));
    outcomes[1] = internal::Failed(moves[1].at, MakeError(ErrorCode::kUnavailable, "busy"));
    outcomes[2].code = OutcomeCode::kFenced;
    return outcomes;
  };
  const auto outcomes = fixture.Commit(Moves(3));
  CHECK(Codes(outcomes) ==
        std::vector{OutcomeCode::kFailed, OutcomeCode::kApplied, OutcomeCode::kFenced});
  CHECK((*outcomes)[0].error->code == ErrorCode::kInDoubt);
  CHECK(fixture.faults->History()[1].partitions == std::vector<TopicPartition>{{"t", 1}});
}

TEST_CASE("a repeat that fails as a whole is the answer of the partitions it was for") {
  RetryFixture fixture;
  fixture.faults->Script(Op::kCommit, FailPartitions(ErrorCode::kUnavailable, {{"t", 1}}));
  fixture.faults->Script(Op::kCommit, FailCall(ErrorCode::kPermissionDenied, "revoked"));
  const auto outcomes = fixture.Commit(Moves(2));
  CHECK(Codes(outcomes) == std::vector{OutcomeCode::kApplied, OutcomeCode::kFailed});
  CHECK((*outcomes)[1].at == TopicPartition{"t", 1});
  CHECK((*outcomes)[1].error->message == "revoked");
  CHECK(fixture.faults->Calls(Op::kCommit) == 2);
}

TEST_CASE("a repeat that fails safely as a whole is repeated too") {
  RetryFixture fixture;
  fixture.faults->Script(Op::kCommit, FailPartitions(ErrorCode::kUnavailable, {{"t", 1}}));
  fixture.faults->Script(Op::kCommit, FailCall(ErrorCode::kUnavailable).Times(2));
  CHECK(Codes(fixture.Commit(Moves(2))) == std::vector(2, OutcomeCode::kApplied));
  CHECK(fixture.faults->Calls(Op::kCommit) == 4);
}

TEST_CASE("claims, releases and removals are repeated partition by partition") {
  RetryFixture fixture;
  const std::vector<TopicPartition> second = {{"t", 1}};
  const Deadline deadline = fixture.clock.In(seconds(30));
  for (const Op op : {Op::kClaim, Op::kRelease, Op::kRemove}) {
    fixture.faults->Script(op, FailPartitions(ErrorCode::kUnavailable, second));
  }
  const std::vector requests = {ClaimOf("t", 0), ClaimOf("t", 1)};
  const auto claims = fixture.store->Claim("g", requests, Owner{}, deadline);
  REQUIRE(claims);
  CHECK((*claims)[1].outcome.Ok());
  CHECK((*claims)[1].token.nonce == requests[1].nonce);
  const std::vector<Claimed> held = {{{"t", 0}, {1, {}}}, {{"t", 1}, {1, {}}}};
  CHECK(Codes(fixture.store->Release("g", held, deadline)) ==
        std::vector(2, OutcomeCode::kApplied));
  const std::vector removals = {RemovalOf("t", 0), RemovalOf("t", 1)};
  CHECK(Codes(fixture.store->Remove("g", removals, Owner{}, deadline)) ==
        std::vector(2, OutcomeCode::kApplied));
  CHECK(fixture.faults->Calls(Op::kClaim) == 2);
  CHECK(fixture.faults->Calls(Op::kRelease) == 2);
  CHECK(fixture.faults->Calls(Op::kRemove) == 2);
  const auto history = fixture.faults->History();
  for (const std::size_t repeat : {1U, 3U, 5U}) CHECK(history[repeat].partitions == second);
}

TEST_CASE("of named partitions only the unreadable ones are read again") {
  RetryFixture fixture;
  const Selection selection{{{"t", 0}, {"t", 1}, {"t", 2}}, {}};
  fixture.faults->Script(Op::kFetch, FailPartitions(ErrorCode::kUnavailable, {{"t", 1}}));
  const auto reads = fixture.store->Fetch("g", selection, fixture.clock.In(seconds(30)));
  REQUIRE(reads);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK((*reads)[i].at == selection.partitions[i]);
    CHECK(std::holds_alternative<Absent>((*reads)[i].slot));
  }
  CHECK(fixture.faults->History()[1].partitions == std::vector<TopicPartition>{{"t", 1}});
}

TEST_CASE("an unreadable partition that nobody named is left as it is") {
  RetryFixture fixture;
  fixture.stub->on_fetch = [](const Selection&) {
    return std::vector<Read>{{{"t", 0}, MakeError(ErrorCode::kUnavailable, "busy"), {}}};
  };
  for (const Selection& selection : {Selection{}, Selection{{}, {"t"}}}) {
    const auto reads = fixture.store->Fetch("g", selection, fixture.clock.In(seconds(30)));
    REQUIRE(reads);
    CHECK(std::holds_alternative<Error>((*reads)[0].slot));
  }
  CHECK(fixture.faults->Calls(Op::kFetch) == 2);
}

TEST_CASE("a batch is repeated as a whole") {
  RetryFixture fixture;
  fixture.faults->Script(Op::kCommit, FailPartitions(ErrorCode::kUnavailable, {{"t", 1}}));
  CHECK(Codes(fixture.Commit(Moves(3), Atomicity::kAll)) == std::vector(3, OutcomeCode::kApplied));
  const auto history = fixture.faults->History();
  REQUIRE(history.size() == 2);
  CHECK(history[1].partitions.size() == 3);
  CHECK(history[1].atomicity == Atomicity::kAll);
}

TEST_CASE("a batch with a partition in doubt, fenced or in conflict is not repeated") {
  for (const auto code : {OutcomeCode::kFailed, OutcomeCode::kFenced, OutcomeCode::kConflict}) {
    RetryFixture fixture;
    fixture.stub->on_commit = [&](std::span<const Move> moves) {
      auto outcomes = *StubStore::AllApplied(moves);
      outcomes[0] = internal::Failed(moves[0].at, MakeError(ErrorCode::kUnavailable, "busy"));
      outcomes[1].code = code;
      if (code == OutcomeCode::kFailed) outcomes[1].error = MakeError(ErrorCode::kInDoubt, "cut");
      return outcomes;
    };
    CHECK(Codes(fixture.Commit(Moves(2), Atomicity::kAll))[1] == code);
    CHECK(fixture.faults->Calls(Op::kCommit) == 1);
  }
}

TEST_CASE("waits double up to their bound, jittered down to a half") {
  RetryFixture fixture(
      {.attempts = 6, .backoff = milliseconds(100), .backoff_max = milliseconds(500)});
  fixture.faults->SetDown(true);
  CHECK_FALSE(fixture.Commit(Moves(1)));
  const auto sleeps = fixture.clock.Sleeps();
  const std::vector<int> full = {100, 200, 400, 500, 500};
  REQUIRE(sleeps.size() == full.size());
  for (std::size_t i = 0; i < full.size(); ++i) {
    CHECK(sleeps[i] <= milliseconds(full[i]));
    CHECK(sleeps[i] >= milliseconds(full[i] / 2));
  }
}

TEST_CASE("clients that failed together do not come back together") {
  RetryFixture fixture({.attempts = 50, .backoff = seconds(1), .backoff_max = seconds(1)});
  fixture.faults->SetDown(true);
  CHECK_FALSE(fixture.store->ListGroups({}, fixture.clock.In(seconds(1000))));
  auto sleeps = fixture.clock.Sleeps();
  std::sort(sleeps.begin(), sleeps.end());
  CHECK(sleeps.front() != sleeps.back());
}

TEST_CASE("a wait that would reach the deadline is not begun") {
  RetryFixture fixture({.attempts = 100, .backoff = milliseconds(100), .backoff_max = seconds(1)});
  fixture.faults->SetDown(true);
  const Deadline deadline = fixture.clock.In(seconds(3));
  const auto outcomes = fixture.store->Commit("g", Moves(1), Owner{}, Atomicity::kEach, deadline);
  REQUIRE_FALSE(outcomes);
  CHECK(outcomes.error().code == ErrorCode::kUnavailable);
  CHECK(fixture.clock.Now() < deadline.time());
  CHECK(fixture.faults->Calls(Op::kCommit) > 3);
  CHECK(fixture.faults->Calls(Op::kCommit) < 12);
}

TEST_CASE("no wait at all is a policy too") {
  RetryFixture fixture({.attempts = 3, .backoff = Duration(0), .backoff_max = Duration(0)});
  fixture.faults->SetDown(true);
  CHECK_FALSE(fixture.Commit(Moves(1)));
  CHECK(fixture.faults->Calls(Op::kCommit) == 3);
}

TEST_CASE("a close is forwarded once") {
  RetryFixture fixture;
  fixture.faults->Script(Op::kClose, FailCall(ErrorCode::kUnavailable));
  CHECK_FALSE(fixture.store->Close(fixture.clock.In(seconds(1))));
  CHECK(fixture.faults->Calls(Op::kClose) == 1);
}

}  // namespace
}  // namespace offsetstore::testing
