// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "fault_store.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "stub_store.h"

namespace offsetstore::testing {
namespace {

using Op = FaultStore::Op;

struct FaultFixture {
  FaultFixture() {
    auto bare = std::make_unique<StubStore>();
    stub = bare.get();
    stub->on_commit = [this](std::span<const Move> moves) {
      applied.reserve(applied.size() + moves.size());
      for (const Move& move : moves) applied.push_back(move.at.partition);
      return StubStore::AllApplied(moves);
    };
    store = std::make_unique<FaultStore>(std::move(bare));
  }

  std::vector<std::string> Commit(int count, Atomicity atomicity = Atomicity::kEach) {
    const auto outcomes = store->Commit("g", Moves(count), Owner{}, atomicity, Soon());
    if (!outcomes) return {std::string(ToString(outcomes.error().code))};
    std::vector<std::string> shown;
    shown.reserve(outcomes->size());
    for (const Outcome& outcome : *outcomes) {
      CHECK(outcome.at.partition == static_cast<int>(shown.size()));
      shown.emplace_back(outcome.error ? ToString(outcome.error->code) : ToString(outcome.code));
    }
    return shown;
  }

  StubStore* stub = nullptr;
  std::unique_ptr<FaultStore> store;
  std::vector<int> applied;
};

using Shown = std::vector<std::string>;

TEST_CASE("without a script every call goes through") {
  FaultFixture fixture;
  CHECK(fixture.Commit(2) == Shown{"applied", "applied"});
  CHECK(fixture.store->ListGroups({}, Soon()));
  CHECK(fixture.store->Fetch("g", {{{"t", 0}}, {}}, Soon()));
  CHECK(fixture.store->Claim("g", std::vector{ClaimOf("t", 0)}, Owner{}, Soon()));
  CHECK(fixture.store->Release("g", std::vector{Claimed{{"t", 0}, {}}}, Soon()));
  CHECK(fixture.store->Remove("g", std::vector{RemovalOf("t", 0)}, Owner{}, Soon()));
  CHECK(fixture.store->Close(Soon()));
  CHECK(fixture.stub->calls == 7);
  CHECK(fixture.store->History().size() == 7);
}

TEST_CASE("faults are met in order, as often as they say") {
  FaultFixture fixture;
  fixture.store->Script(Op::kCommit, FailCall(ErrorCode::kUnavailable).Times(2));
  fixture.store->Script(Op::kCommit, PassThrough());
  fixture.store->Script(Op::kCommit, FailCall(ErrorCode::kCorrupt).Times(kForever));
  CHECK(fixture.Commit(1) == Shown{"Unavailable"});
  CHECK(fixture.Commit(1) == Shown{"Unavailable"});
  CHECK(fixture.Commit(1) == Shown{"applied"});
  CHECK(fixture.Commit(1) == Shown{"Corrupt"});
  CHECK(fixture.Commit(1) == Shown{"Corrupt"});
  CHECK(fixture.applied == std::vector{0});
  fixture.store->Clear();
  CHECK(fixture.Commit(1) == Shown{"applied"});
}

TEST_CASE("a failed partition is not sent, the others are") {
  FaultFixture fixture;
  fixture.store->Script(Op::kCommit, FailPartitions(ErrorCode::kUnavailable, {{"t", 1}}));
  CHECK(fixture.Commit(3) == Shown{"applied", "Unavailable", "applied"});
  CHECK(fixture.applied == std::vector{0, 2});
}

TEST_CASE("doubt covers what was applied and what was lost") {
  FaultFixture fixture;
  fixture.store->Script(Op::kCommit, InDoubtApplied({{"t", 0}}));
  CHECK(fixture.Commit(2) == Shown{"InDoubt", "applied"});
  CHECK(fixture.applied == std::vector{0, 1});
  fixture.applied.clear();
  fixture.store->Script(Op::kCommit, InDoubtLost({{"t", 0}}));
  CHECK(fixture.Commit(2) == Shown{"InDoubt", "applied"});
  CHECK(fixture.applied == std::vector{1});
}

TEST_CASE("a late write is applied when the test says so") {
  FaultFixture fixture;
  fixture.store->Script(Op::kCommit, InDoubtLate({{"t", 1}}));
  CHECK(fixture.Commit(2) == Shown{"applied", "InDoubt"});
  CHECK(fixture.applied == std::vector{0});
  const auto late = fixture.store->ApplyLate();
  REQUIRE(late.size() == 1);
  CHECK(late[0].at == TopicPartition{"t", 1});
  CHECK(late[0].Ok());
  CHECK(fixture.applied == std::vector{0, 1});
  CHECK(fixture.store->ApplyLate().empty());
}

TEST_CASE("a batch stays whole") {
  FaultFixture fixture;
  fixture.store->Script(Op::kCommit, FailPartitions(ErrorCode::kUnavailable, {{"t", 1}}));
  CHECK(fixture.Commit(3, Atomicity::kAll) == Shown{"not_applied", "Unavailable", "not_applied"});
  fixture.store->Script(Op::kCommit, InDoubtLost({{"t", 1}}));
  CHECK(fixture.Commit(2, Atomicity::kAll) == Shown{"InDoubt", "InDoubt"});
  CHECK(fixture.applied.empty());
  fixture.store->Script(Op::kCommit, InDoubtApplied({{"t", 1}}));
  CHECK(fixture.Commit(2, Atomicity::kAll) == Shown{"InDoubt", "InDoubt"});
  CHECK(fixture.applied == std::vector{0, 1});
}

TEST_CASE("a claim and a read can fail too") {
  FaultFixture fixture;
  fixture.store->Script(Op::kClaim, InDoubtLost());
  const auto claims = fixture.store->Claim("g", std::vector{ClaimOf("t", 0)}, Owner{}, Soon());
  REQUIRE(claims);
  CHECK((*claims)[0].outcome.error->code == ErrorCode::kInDoubt);
  fixture.store->Script(Op::kFetch, FailPartitions(ErrorCode::kCorrupt, {{"t", 1}}));
  const auto reads = fixture.store->Fetch("g", {{{"t", 0}, {"t", 1}}, {}}, Soon());
  REQUIRE(reads);
  CHECK(std::holds_alternative<Absent>((*reads)[0].slot));
  CHECK(std::get<Error>((*reads)[1].slot).code == ErrorCode::kCorrupt);
}

TEST_CASE("a store that is down refuses all but a close and keeps its script") {
  FaultFixture fixture;
  fixture.store->Script(Op::kCommit, FailCall(ErrorCode::kCorrupt));
  fixture.store->SetDown(true);
  CHECK(fixture.Commit(1) == Shown{"Unavailable"});
  CHECK_FALSE(fixture.store->Fetch("g", {}, Soon()));
  CHECK(fixture.store->Close(Soon()));
  fixture.store->SetDown(false);
  CHECK(fixture.Commit(1) == Shown{"Corrupt"});
}

TEST_CASE("a call stops at a gate before or after the store") {
  FaultFixture fixture;
  const auto before = std::make_shared<Gate>();
  const auto after = std::make_shared<Gate>();
  fixture.store->Script(Op::kCommit, BlockBefore(before));
  fixture.store->Script(Op::kCommit, BlockAfter(after));
  {
    std::jthread first([&] { CHECK(fixture.Commit(1) == Shown{"applied"}); });
    REQUIRE(before->WaitForArrivals(1));
    CHECK(fixture.applied.empty());
    before->Open();
  }
  CHECK(fixture.applied.size() == 1);
  std::jthread second([&] { CHECK(fixture.Commit(1) == Shown{"applied"}); });
  REQUIRE(after->WaitForArrivals(1));
  CHECK(fixture.applied.size() == 2);
  CHECK(fixture.store->WaitForCalls(Op::kCommit, 2));
  CHECK_FALSE(fixture.store->WaitForCalls(Op::kCommit, 3, Duration(1)));
  after->Open();
}

TEST_CASE("calls are kept as they came in") {
  FaultFixture fixture;
  CHECK(fixture.Commit(2, Atomicity::kAll).size() == 2);
  CHECK(fixture.store->Calls(Op::kCommit) == 1);
  const auto history = fixture.store->History();
  REQUIRE(history.size() == 1);
  CHECK(history[0].group == "g");
  CHECK(history[0].partitions == std::vector<TopicPartition>{{"t", 0}, {"t", 1}});
  CHECK(history[0].moves.size() == 2);
  CHECK(history[0].atomicity == Atomicity::kAll);
}

TEST_CASE("other information can stand in for the store's") {
  StoreInfo info = AbleInfo();
  info.capabilities.fenced_commits = false;
  const FaultStore store(std::make_unique<StubStore>(), info);
  CHECK_FALSE(store.Info().capabilities.fenced_commits);
}

}  // namespace
}  // namespace offsetstore::testing
