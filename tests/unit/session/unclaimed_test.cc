// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A session over a store without claims, as Kafka's own.
#include <doctest/doctest.h>

#include "driver.h"
#include "fault_store.h"
#include "offsetstore/layers/dual.h"
#include "offsetstore/open.h"

namespace offsetstore::testing {
namespace {

/// Memory without claims; it holds 7.
struct Unclaimed {
  Unclaimed() {
    auto bare = OpenMemoryStore({"", NewMemoryWorld()});
    REQUIRE(bare);
    StoreInfo info = (*bare)->Info();
    info.capabilities = {};
    info.limits.atomic_batch = 0;
    info.limits.metadata_bytes = 0;
    auto faulty = std::make_unique<FaultStore>(*std::move(bare), info);
    faults = faulty.get();
    store = WithLayers(std::move(faulty), {});
    REQUIRE(Set(*store, "g", kAt, 7).Ok());
    client->SetRange(kAt, 0, 1000);
  }

  /// A consumer on it.
  Driver::Setup With(SessionOptions options) {
    return {
        .world = {}, .client = client, .options = std::move(options), .store = std::move(store)};
  }
  /// One without a group.
  Driver::Setup Static() {
    auto options = Driver::Fast();
    options.static_assignment = true;
    return With(options);
  }

  FaultStore* faults = nullptr;
  std::unique_ptr<OffsetStore> store;
  std::shared_ptr<FakeClient> client = std::make_shared<FakeClient>();
};

/// A member of a group that has committed 8.
struct AtWork : Unclaimed {
  explicit AtWork(SessionOptions options = Driver::Fast()) : driver(With(std::move(options))) {
    driver.Assign({kAt});
    driver.Process(kAt, 1);
    REQUIRE(driver.Stored(kAt, 8));
    commits = faults->Calls(FaultStore::Op::kCommit);
  }

  /// Whether a commit was tried since, `count` times.
  [[nodiscard]] bool Tried(std::size_t count) const {
    return faults->WaitForCalls(FaultStore::Op::kCommit, commits + count);
  }

  Driver driver;
  std::size_t commits = 0;  ///< So far.
};

TEST_CASE("a log that was made anew takes the stored position back without claims too") {
  Unclaimed fixture;
  REQUIRE(Set(*fixture.store, "g", kAt, 5000).Ok());
  auto options = Driver::Fast();
  options.out_of_range = OutOfRange::kEarliest;
  const FaultStore* faults = fixture.faults;
  Driver driver(fixture.With(options));
  driver.Assign({kAt});
  CHECK(driver.reading.at(kAt) == Position(0));
  driver.Process(kAt, 2);
  CHECK(driver.Stored(kAt, 2));
  CHECK(driver.events().Count(EventKind::kWentBack) == 0);
  CHECK(faults->Calls(FaultStore::Op::kCommit) < 20);
}

TEST_CASE("a store without claims is told once where a partition goes on, and nobody else is") {
  Unclaimed fixture;
  const std::size_t before = fixture.faults->Calls(FaultStore::Op::kCommit);
  const FaultStore* faults = fixture.faults;
  Driver driver(fixture.With(Driver::Fast()));
  driver.Assign({kAt});
  REQUIRE(faults->WaitForCalls(FaultStore::Op::kCommit, before + 1));
  CHECK(faults->History().back().moves[0].to == Position(7));
  driver.Process(kAt, 2);
  CHECK(driver.Stored(kAt, 9));
  CHECK(driver.events().Count(EventKind::kCommitted) >= 1);
  CHECK(driver.events().Last(EventKind::kCommitted)->position == Position(9));
  std::size_t repeats = 0;
  for (const auto& call : faults->History()) {
    if (call.op == FaultStore::Op::kCommit && call.moves[0].to == Position(7)) ++repeats;
  }
  CHECK(repeats == 2);  // The test's own set, and the one.
  driver.Revoke({kAt});
}

TEST_CASE("a store without claims: a member in doubt commits no more until the group has decided") {
  AtWork fixture;
  Driver& driver = fixture.driver;
  FaultStore* faults = fixture.faults;
  auto in_hand = driver.Read(kAt, 2);
  faults->Script(FaultStore::Op::kCommit, InDoubtLate());
  in_hand[0].Done();
  REQUIRE(driver.WaitFor<Rejoin>());
  CHECK(driver.session().State().partitions[0].phase == PartitionState::Phase::kFenced);
  const std::size_t commits = faults->Calls(FaultStore::Op::kCommit);
  CHECK_FALSE(in_hand[1].Held());
  in_hand[1].Done();
  CHECK(driver.Revoke({kAt})[0].code == OutcomeCode::kFenced);
  CHECK(faults->Calls(FaultStore::Op::kCommit) == commits);
  // The new generation starts from what is stored.
  driver.Assign({kAt});
  CHECK(driver.reading.at(kAt) == Position(8));
  driver.Process(kAt, 2);
  CHECK(driver.Stored(kAt, 10));
}

/// What a member store answers while its group rebalances.
Fault Rebalance(Fault fault) {
  fault.error.retry = Retry::kAfterNewClaim;
  return fault;
}

TEST_CASE(
    "a store without claims: a commit that meets a rebalance is made again, and is no fence") {
  Fault fault;
  SUBCASE("refused by the coordinator") {
    fault = FailPartitions(ErrorCode::kUnavailable);
  }
  SUBCASE("not sent") {
    fault = FailCall(ErrorCode::kUnavailable);
  }
  auto options = Driver::Fast();
  options.commit_interval = Duration::zero();
  AtWork fixture(options);
  Driver& driver = fixture.driver;
  FaultStore* faults = fixture.faults;
  faults->Script(FaultStore::Op::kCommit, Rebalance(fault).Times(3));
  auto tickets = driver.Read(kAt, 2);
  tickets[0].Done();
  REQUIRE(fixture.Tried(1));
  CHECK(tickets[1].Held());
  tickets[1].Done();
  CHECK(driver.Stored(kAt, 10));
  CHECK(driver.session().State().store_up);
  for (const EventKind kind : {EventKind::kFenced, EventKind::kRejoin, EventKind::kStoreDown}) {
    CHECK(driver.events().Count(kind) == 0);
  }
  CHECK(driver.Revoke({kAt})[0].Ok());
}

TEST_CASE(
    "a store without claims: a quiet consumer hears that the store is back, whoever asked it") {
  AtWork fixture;
  Driver& driver = fixture.driver;
  FaultStore* faults = fixture.faults;
  const TopicPartition other{"orders", 1};
  fixture.client->SetRange(other, 0, 1000);
  faults->Script(FaultStore::Op::kFetch, FailCall(ErrorCode::kUnavailable).Times(kForever));
  driver.Assign({other});
  REQUIRE(driver.SawOrSees<Pause>());
  CHECK_FALSE(driver.session().State().store_up);
  // Nobody is left who would ask for a position.
  driver.Revoke({other});
  faults->Clear();
  CHECK(driver.WaitFor<Resume>());
  CHECK(driver.session().State().store_up);
}

TEST_CASE("a store without claims: a topic that a broker does not show yet is not the store's") {
  AtWork fixture;
  Driver& driver = fixture.driver;
  const TopicPartition fresh{"fresh", 0};
  CHECK(driver.Assign({fresh}).empty());
  REQUIRE(Eventually([&] { return driver.events().Count(EventKind::kClient) > 0; }));
  CHECK(driver.session().State().store_up);
  fixture.client->SetRange(fresh, 0, 10);
  CHECK(driver.WaitFor<Add>());
  CHECK(driver.events().Count(EventKind::kStoreDown) == 0);
}

TEST_CASE(
    "a store without claims: a rebalance without end is asked for at the pace of the backoff") {
  auto options = Driver::Fast();
  options.backoff = Duration(50);
  options.commit_interval = Duration(1);
  options.drain_timeout = Duration(200);
  AtWork fixture(options);
  Driver& driver = fixture.driver;
  FaultStore* faults = fixture.faults;
  faults->Script(FaultStore::Op::kCommit,
                 Rebalance(FailCall(ErrorCode::kUnavailable)).Times(kForever));
  const auto begin = std::chrono::steady_clock::now();
  // The window fills, and only that pauses.
  driver.Process(kAt, kWindow);
  REQUIRE(driver.SawOrSees<Pause>());
  REQUIRE(fixture.Tried(4));
  CHECK(driver.session().State().store_up);
  // A revocation does not wait for it.
  const Outcome outcome = driver.Revoke({kAt})[0];
  REQUIRE(outcome.code == OutcomeCode::kFailed);
  CHECK(outcome.error->code == ErrorCode::kUnavailable);
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(faults->Calls(FaultStore::Op::kCommit) - fixture.commits <= 2 + took / Duration(50));
  CHECK(driver.events().Count(EventKind::kFenced) == 0);
  CHECK(driver.StoredNow(kAt) == 8);
}

TEST_CASE("a store without claims: a partition that is lost within a rebalance commits nothing") {
  AtWork fixture;
  Driver& driver = fixture.driver;
  FaultStore* faults = fixture.faults;
  faults->Script(FaultStore::Op::kCommit,
                 Rebalance(FailCall(ErrorCode::kUnavailable)).Times(kForever));
  driver.Process(kAt, 1);
  REQUIRE(fixture.Tried(1));
  driver.session().Lost({kAt});
  faults->Clear();
  CHECK(driver.session().Close(Deadline::After(std::chrono::seconds(5))));
  CHECK(driver.StoredNow(kAt) == 8);
}

TEST_CASE("a store without claims: a static consumer in doubt goes on from what it reads") {
  Unclaimed fixture;
  FaultStore* faults = fixture.faults;
  Driver driver(fixture.Static());
  driver.Assign({kAt});
  Fault doubt;
  SUBCASE("applied") {
    doubt = InDoubtApplied();
  }
  SUBCASE("lost") {
    doubt = InDoubtLost();
  }
  faults->Script(FaultStore::Op::kCommit, doubt);
  driver.Process(kAt, 3);
  CHECK(driver.Stored(kAt, 10));
  CHECK(
      Eventually([&] { return driver.session().State().partitions[0].committed == Position(10); }));
  CHECK(driver.events().Count(EventKind::kInDoubt) == 1);
  CHECK(driver.events().Count(EventKind::kRejoin) == 0);
  CHECK(driver.Revoke({kAt})[0].Ok());
}

TEST_CASE("a store without claims: a full window in doubt opens again once that is settled") {
  Unclaimed fixture;
  FaultStore* faults = fixture.faults;
  Driver driver(fixture.Static());
  driver.Assign({kAt});
  CheckOpensAfterDoubt(driver, *faults, kAt, 7);
}

TEST_CASE("a dual's secondary gets the position of a partition on which nothing happens") {
  Unclaimed fixture;
  const auto world = NewMemoryWorld();
  auto second = OpenMemoryStore({"", world});
  REQUIRE(second);
  auto joined = JoinStores(std::move(fixture.store), WithLayers(*std::move(second), {}), {});
  REQUIRE(joined);
  Driver driver({.world = {},
                 .client = fixture.client,
                 .options = Driver::Fast(),
                 .store = *std::move(joined)});
  driver.Assign({kAt});
  auto beside = OpenMemoryStore({"", world});
  REQUIRE(beside);
  CHECK(Eventually([&] {
    const auto reads = (*beside)->Fetch("g", {{kAt}, {}}, Deadline::After(std::chrono::seconds(5)));
    const auto* entry = reads ? std::get_if<Entry>(&reads->front().slot) : nullptr;
    return entry != nullptr && entry->position == Position(7);
  }));
  CHECK(driver.events().Count(EventKind::kCommitted) == 0);
}

}  // namespace
}  // namespace offsetstore::testing
