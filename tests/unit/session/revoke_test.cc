// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <future>

#include "driver.h"
#include "fault_store.h"
#include "offsetstore/open.h"

namespace offsetstore::testing {
namespace {

Driver::Setup LateCommits() {
  auto setup = OnePartition();
  setup.options.commit_records = 1000;
  setup.options.commit_interval = std::chrono::hours(1);
  return setup;
}

TEST_CASE("a revoke waits for what is in flight, commits it, and gives the claim back") {
  Driver driver(LateCommits());
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, 3);
  driver.session().Revoking({kAt});
  CHECK_FALSE(driver.session().Delivered(kAt, Position(3), Position(4)));
  auto worker = std::async(std::launch::async, [&] {
    for (Ticket& ticket : tickets) ticket.Done();
  });
  CHECK(driver.Revoke({kAt})[0].code == OutcomeCode::kApplied);
  worker.get();
  CHECK(driver.StoredNow(kAt) == 3);
  const auto reads = driver.store().Fetch(
      "g", {.partitions = {kAt}, .topics = {}}, Deadline::After(std::chrono::seconds(5)));
  REQUIRE(reads);
  CHECK(reads->front().claim->released);
}

TEST_CASE("a drain ends at its bound, and what is not done is not committed") {
  auto setup = LateCommits();
  setup.options.drain_timeout = Duration(50);
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, 3);
  tickets[0].Done();
  const auto outcomes = driver.Revoke({kAt});
  CHECK(outcomes[0].code == OutcomeCode::kFailed);
  CHECK(outcomes[0].error->code == ErrorCode::kDeadlineExceeded);
  CHECK_FALSE(tickets[1].Held());
  const auto stored = driver.StoredNow(kAt);
  CHECK((stored == 0 || stored == 1));
}

TEST_CASE("a lost partition commits nothing") {
  Driver driver(LateCommits());
  driver.Assign({kAt});
  driver.Process(kAt, 5);
  driver.session().Lost({kAt});
  CHECK(driver.session().Close(Deadline::After(std::chrono::seconds(5))));
  CHECK(driver.StoredNow(kAt) == 0);
}

TEST_CASE("close commits and releases everything") {
  Driver driver(LateCommits());
  driver.Assign({kAt});
  driver.Process(kAt, 5);
  CHECK(driver.session().Close(Deadline::After(std::chrono::seconds(5))));
  CHECK(driver.StoredNow(kAt) == 5);
}

TEST_CASE("a late release never wipes the next owner's claim") {
  auto setup = LateCommits();
  const auto world = setup.world;
  const auto client = setup.client;
  auto bare = OpenMemoryStore({.space = {}, .world = world});
  REQUIRE(bare);
  const auto faults = std::make_shared<FaultStore>(WithLayers(*std::move(bare), {}));
  const auto gate = std::make_shared<Gate>();
  faults->Script(FaultStore::Op::kRelease, BlockBefore(gate));
  setup.store = faults;
  Driver first(std::move(setup));
  first.Assign({kAt});
  auto poll = std::async(std::launch::async, [&] { return first.Revoke({kAt}); });
  REQUIRE(gate->WaitForArrivals(1));
  Driver next({.world = world, .client = client, .options = Driver::Fast(), .store = {}});
  next.Assign({kAt});
  gate->Open();
  poll.get();
  next.Process(kAt, 2);
  CHECK(next.Stored(kAt, 2));
}

TEST_CASE("a revoke whose last commit hangs does not answer with the commit before it") {
  auto setup = LateCommits();
  auto bare = OpenMemoryStore({.space = {}, .world = setup.world});
  REQUIRE(bare);
  const auto faults = std::make_shared<FaultStore>(WithLayers(*std::move(bare), {}));
  const auto gate = std::make_shared<Gate>();
  setup.store = faults;
  setup.options.commit_records = 1;
  setup.options.drain_timeout = Duration(100);
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  driver.Process(kAt, 5);
  REQUIRE(driver.Stored(kAt, 5));
  faults->Script(FaultStore::Op::kCommit, BlockBefore(gate));
  driver.Process(kAt, 2);
  const auto outcomes = driver.Revoke({kAt});
  gate->Open();
  REQUIRE(outcomes.size() == 1);
  CHECK(outcomes[0].code == OutcomeCode::kFailed);
  REQUIRE(outcomes[0].error);
  CHECK(outcomes[0].error->code == ErrorCode::kDeadlineExceeded);
}

TEST_CASE("a revoke with the store down ends at its bound and says so") {
  auto setup = LateCommits();
  auto bare = OpenMemoryStore({.space = {}, .world = setup.world});
  REQUIRE(bare);
  const auto faults = std::make_shared<FaultStore>(WithLayers(*std::move(bare), {}));
  setup.store = faults;
  setup.options.drain_timeout = Duration(100);
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  driver.Process(kAt, 5);
  faults->SetDown(true);
  CHECK(driver.Revoke({kAt})[0].code == OutcomeCode::kFailed);
  faults->SetDown(false);
  CHECK(driver.StoredNow(kAt) == 0);
}

}  // namespace
}  // namespace offsetstore::testing
