// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "driver.h"
#include "fault_store.h"
#include "offsetstore/open.h"

namespace offsetstore::testing {
namespace {

struct Doubtful {
  Driver::Setup setup = OnePartition();
  std::shared_ptr<FaultStore> faults;

  Doubtful() {
    auto bare = OpenMemoryStore({.space = {}, .world = setup.world});
    REQUIRE(bare);
    faults = std::make_shared<FaultStore>(WithLayers(*std::move(bare), {}));
    setup.store = faults;
  }
};

TEST_CASE("a commit in doubt is settled by a conditional claim on the session's own claim") {
  Doubtful doubtful;
  const auto faults = doubtful.faults;
  Driver driver(std::move(doubtful.setup));
  driver.Assign({kAt});
  driver.Process(kAt, 1);
  CHECK(driver.Stored(kAt, 1));
  const auto before = driver.session().State().partitions[0].claim;
  SUBCASE("applied") {
    faults->Script(FaultStore::Op::kCommit, InDoubtApplied());
  }
  SUBCASE("lost") {
    faults->Script(FaultStore::Op::kCommit, InDoubtLost());
  }
  SUBCASE("late") {
    faults->Script(FaultStore::Op::kCommit, InDoubtLate());
  }
  driver.Process(kAt, 4);
  CHECK(driver.Stored(kAt, 5));
  CHECK(
      Eventually([&] { return driver.session().State().partitions[0].committed == Position(5); }));
  const auto history = faults->History();
  const auto claim = std::find_if(history.rbegin(), history.rend(), [](const auto& call) {
    return call.op == FaultStore::Op::kClaim;
  });
  REQUIRE(claim != history.rend());
  CHECK(std::get<ClaimToken>(claim->requests[0].expect) == *before);
  CHECK(driver.session().State().partitions[0].claim->counter > before->counter);
  driver.Process(kAt, 2);
  CHECK(driver.Stored(kAt, 7));
  // A late original fails its check.
  for (const Outcome& outcome : faults->ApplyLate()) CHECK(outcome.code == OutcomeCode::kFenced);
  CHECK(driver.StoredNow(kAt) == 7);
}

TEST_CASE("a window that is full of records in doubt opens again once that is settled") {
  Doubtful doubtful;
  const auto faults = doubtful.faults;
  Driver driver(std::move(doubtful.setup));
  driver.Assign({kAt});
  CheckOpensAfterDoubt(driver, *faults, kAt, 0);
}

TEST_CASE("in doubt and taken over meanwhile: fenced, the new owner keeps its claim") {
  Doubtful doubtful;
  const auto faults = doubtful.faults;
  const auto world = doubtful.setup.world;
  const auto client = doubtful.setup.client;
  const auto gate = std::make_shared<Gate>();
  Driver driver(std::move(doubtful.setup));
  driver.Assign({kAt});
  faults->Script(FaultStore::Op::kCommit, InDoubtLost());
  Fault block = BlockBefore(gate);
  faults->Script(FaultStore::Op::kClaim, block);
  driver.Process(kAt, 1);
  REQUIRE(gate->WaitForArrivals(1));
  Driver next({.world = world, .client = client, .options = Driver::Fast(), .store = {}});
  next.Assign({kAt});
  const auto held = next.session().State().partitions[0].claim;
  gate->Open();
  REQUIRE(driver.WaitFor<Rejoin>());
  next.Process(kAt, 2);
  CHECK(next.Stored(kAt, 2));
  CHECK(next.session().State().partitions[0].claim == held);
}

TEST_CASE("while a commit is in doubt no other is sent, however long the doubt lasts") {
  Doubtful doubtful;
  const auto faults = doubtful.faults;
  const auto gate = std::make_shared<Gate>();
  Driver driver(std::move(doubtful.setup));
  driver.Assign({kAt});
  const std::size_t claims = faults->Calls(FaultStore::Op::kClaim);
  faults->Script(FaultStore::Op::kCommit, InDoubtLate());
  Fault away = FailCall(ErrorCode::kUnavailable);
  away.before = gate;
  faults->Script(FaultStore::Op::kClaim, away.Times(3));
  driver.Process(kAt, 1);
  REQUIRE(gate->WaitForArrivals(1));
  const std::size_t commits = faults->Calls(FaultStore::Op::kCommit);
  driver.Process(kAt, 2);  // A commit of these is due while the doubt cannot be settled.
  gate->Open();
  REQUIRE(faults->WaitForCalls(FaultStore::Op::kClaim, claims + 4));
  CHECK(driver.Stored(kAt, 3));
  std::size_t claims_seen = 0;
  std::size_t commits_before_settled = 0;
  for (const FaultStore::Call& call : faults->History()) {
    if (call.op == FaultStore::Op::kClaim) ++claims_seen;
    if (call.op == FaultStore::Op::kCommit && claims_seen < claims + 4) ++commits_before_settled;
  }
  CHECK(commits_before_settled == commits);
  for (const Outcome& outcome : faults->ApplyLate()) CHECK(outcome.code == OutcomeCode::kFenced);
}

TEST_CASE("a settling claim that is itself in doubt is recognised as the session's own") {
  Doubtful doubtful;
  const auto faults = doubtful.faults;
  Driver driver(std::move(doubtful.setup));
  driver.Assign({kAt});
  faults->Script(FaultStore::Op::kCommit, InDoubtApplied());
  faults->Script(FaultStore::Op::kClaim, InDoubtApplied());
  driver.Process(kAt, 3);
  CHECK(driver.Stored(kAt, 3));
  driver.Process(kAt, 1);
  CHECK(driver.Stored(kAt, 4));
  CHECK(driver.events().Count(EventKind::kFenced) == 0);
}

TEST_CASE("a first claim in doubt is recognised as the session's own") {
  Doubtful doubtful;
  const auto faults = doubtful.faults;
  faults->Script(FaultStore::Op::kClaim, InDoubtApplied());
  Driver driver(std::move(doubtful.setup));
  driver.Assign({kAt});
  if (driver.seen.empty()) REQUIRE(driver.WaitFor<Add>());
  driver.Process(kAt, 2);
  CHECK(driver.Stored(kAt, 2));
}

}  // namespace
}  // namespace offsetstore::testing
