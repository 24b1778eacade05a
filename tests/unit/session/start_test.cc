// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <future>

#include "driver.h"
#include "fault_store.h"
#include "offsetstore/open.h"

namespace offsetstore::testing {
namespace {

const TopicPartition kFirst{"orders", 0};
const TopicPartition kSecond{"orders", 1};

Driver::Setup TwoPartitions() {
  Driver::Setup setup;
  setup.client->SetRange(kFirst, 5, 100);
  setup.client->SetRange(kSecond, 7, 200);
  return setup;
}

std::unique_ptr<OffsetStore> OpenMemory(const std::shared_ptr<MemoryWorld>& world) {
  auto bare = OpenMemoryStore({.space = {}, .world = world});
  REQUIRE(bare);
  return WithLayers(*std::move(bare), {});
}

TEST_CASE("the start is resolved once for every partition of the topic, before anything is read") {
  auto setup = TwoPartitions();
  setup.options.start.policy = StartPolicy::kLatest;
  const auto client = setup.client;
  const auto world = setup.world;
  Driver driver(std::move(setup));
  const auto actions = driver.Assign({kFirst});
  REQUIRE(actions.size() == 1);
  CHECK(std::get<Add>(actions[0]).position == Position(100));
  // Also for the partition that this member was not given.
  CHECK(driver.StoredNow(kSecond) == 200);

  SUBCASE("a restart after a crash before the first commit goes on from there") {
    client->SetRange(kFirst, 5, 150);
    Driver again({.world = world, .client = client, .options = Driver::Fast(), .store = {}});
    again.Assign({kFirst, kSecond});
    CHECK(again.reading.at(kFirst) == Position(100));
    CHECK(again.reading.at(kSecond) == Position(200));
  }
}

TEST_CASE("a partition that appears later starts at its earliest record, also with latest") {
  auto setup = TwoPartitions();
  setup.options.start.policy = StartPolicy::kLatest;
  Driver driver(std::move(setup));
  driver.Assign({kFirst});
  const TopicPartition late{"orders", 2};
  driver.client().SetRange(late, 0, 40);
  driver.Assign({late});
  CHECK(driver.reading.at(late) == Position(0));
}

TEST_CASE("a store that is away at the assignment is asked until it is there, and no rebalance") {
  auto setup = TwoPartitions();
  setup.options.assign_bound = Duration(20);
  const auto faults = std::make_shared<FaultStore>(OpenMemory(setup.world));
  faults->SetDown(true);
  setup.store = faults;
  Driver driver(std::move(setup));
  CHECK(driver.Assign({kFirst}).empty());
  // Polls that bring nothing are all that this session hears of its poll thread.
  CHECK(Eventually([&] {
    CHECK_FALSE(driver.session().HasActions());
    return faults->Calls(FaultStore::Op::kFetch) >= 6;
  }));
  faults->SetDown(false);
  CHECK(driver.WaitFor<Add>());
}

TEST_CASE("two members that start at once agree on one start") {
  auto setup = TwoPartitions();
  setup.options.start.policy = StartPolicy::kLatest;
  const auto world = setup.world;
  const auto client = setup.client;
  auto faults = std::make_shared<FaultStore>(OpenMemory(world));
  const auto gate = std::make_shared<Gate>();
  faults->Script(FaultStore::Op::kCommit, BlockBefore(gate));
  setup.store = faults;
  Driver slow(std::move(setup));
  auto poll = std::async(std::launch::async, [&] { return slow.Assign({kFirst}); });
  REQUIRE(gate->WaitForArrivals(1));

  auto options = Driver::Fast();
  options.start.policy = StartPolicy::kLatest;
  Driver quick({.world = world, .client = client, .options = options, .store = {}});
  quick.Assign({kSecond});
  client->SetRange(kFirst, 5, 130);
  gate->Open();
  poll.get();
  CHECK(slow.reading.at(kFirst) == Position(100));
  CHECK(quick.reading.at(kSecond) == Position(200));
}

TEST_CASE("a start that lost against another's is given up, also where it names a later record") {
  auto setup = TwoPartitions();
  setup.options.start.policy = StartPolicy::kLatest;
  const auto world = setup.world;
  const auto client = setup.client;
  auto faults = std::make_shared<FaultStore>(OpenMemory(world));
  const auto gate = std::make_shared<Gate>();
  faults->Script(FaultStore::Op::kCommit, BlockBefore(gate));
  setup.store = faults;
  client->SetRange(kFirst, 5, 130);
  Driver slow(std::move(setup));
  auto poll = std::async(std::launch::async, [&] { return slow.Assign({kFirst}); });
  REQUIRE(gate->WaitForArrivals(1));

  // The other one asked before those 30 records came, committed that, and is gone again.
  client->SetRange(kFirst, 5, 100);
  auto options = Driver::Fast();
  options.start.policy = StartPolicy::kLatest;
  Driver quick({.world = world, .client = client, .options = options, .store = {}});
  quick.Assign({kFirst, kSecond});
  SUBCASE("the other one holds a claim") {}
  SUBCASE("the other one gave its claims back") {
    quick.Revoke({kFirst, kSecond});
  }
  client->SetRange(kFirst, 5, 130);
  gate->Open();
  poll.get();
  CHECK(slow.reading.at(kFirst) == Position(100));
  CHECK(slow.StoredNow(kFirst) == 100);
}

TEST_CASE("a claim answered after its partition was lost is not taken for the next assignment's") {
  auto setup = TwoPartitions();
  const auto world = setup.world;
  const auto client = setup.client;
  auto faults = std::make_shared<FaultStore>(OpenMemory(world));
  const auto gate = std::make_shared<Gate>();
  faults->Script(FaultStore::Op::kClaim, BlockAfter(gate));
  setup.store = faults;
  setup.options.assign_bound = Duration(50);
  Driver late(std::move(setup));
  CHECK(late.Assign({kFirst}).empty());
  REQUIRE(gate->WaitForArrivals(1));
  late.session().Lost({kFirst});
  {
    Driver other({.world = world, .client = client, .options = Driver::Fast(), .store = {}});
    other.Assign({kFirst});
    other.Process(kFirst, 3);
    CHECK(other.Stored(kFirst, 8));
    other.Revoke({kFirst});
  }
  CHECK(late.Assign({kFirst}).empty());
  gate->Open();
  const auto add = late.WaitFor<Add>();
  REQUIRE(add);
  CHECK(add->position == Position(8));
  late.Process(kFirst, 1);
  CHECK(late.Stored(kFirst, 9));
  CHECK(late.events().Count(EventKind::kFenced) == 0);
}

TEST_CASE("start=fail ends the run and writes nothing") {
  auto setup = TwoPartitions();
  setup.options.start.policy = StartPolicy::kFail;
  Driver driver(std::move(setup));
  driver.Assign({kFirst});
  const auto stop = driver.seen.empty() ? driver.WaitFor<Stop>() : std::get<Stop>(driver.seen[0]);
  REQUIRE(stop);
  CHECK(stop->error.code == ErrorCode::kOutOfRange);
  CHECK_FALSE(driver.StoredNow(kFirst));
}

TEST_CASE("a store that is down at the start parks the partition and never resolves the policy") {
  auto setup = TwoPartitions();
  auto faults = std::make_shared<FaultStore>(OpenMemory(setup.world));
  faults->SetDown(true);
  setup.store = faults;
  setup.options.assign_bound = Duration(50);
  Driver driver(std::move(setup));
  CHECK(driver.Assign({kFirst}).empty());
  CHECK(driver.session().State().partitions[0].phase == PartitionState::Phase::kParked);
  CHECK(Eventually([&] { return driver.events().Count(EventKind::kStoreDown) == 1; }));
  CHECK(driver.client().resolved() == 0);
  CHECK(driver.client().woken() == 0);
  faults->SetDown(false);
  // Before anything is taken: what was taken already needs no waking.
  CHECK(Eventually([&] { return driver.client().woken() > 0; }));
  const auto add = driver.WaitFor<Add>();
  REQUIRE(add);
  CHECK(add->position == Position(5));
  CHECK(Eventually([&] { return driver.events().Count(EventKind::kStoreUp) == 1; }));
}

TEST_CASE("a parked partition that is revoked is withdrawn") {
  auto setup = TwoPartitions();
  auto faults = std::make_shared<FaultStore>(OpenMemory(setup.world));
  const auto gate = std::make_shared<Gate>();
  faults->Script(FaultStore::Op::kClaim, BlockBefore(gate));
  setup.store = faults;
  setup.options.assign_bound = Duration(50);
  Driver driver(std::move(setup));
  CHECK(driver.Assign({kFirst}).empty());
  CHECK(driver.Revoke({kFirst})[0].Ok());
  gate->Open();
  // The claim that landed late is given back, and no Add comes.
  CHECK(faults->WaitForCalls(FaultStore::Op::kRelease, 1));
  CHECK(driver.session().TakeActions().empty());
}

TEST_CASE("a late claim follows only what the assignment saw: the next owner is not robbed") {
  auto setup = TwoPartitions();
  const auto world = setup.world;
  const auto client = setup.client;
  auto faults = std::make_shared<FaultStore>(OpenMemory(world));
  const auto gate = std::make_shared<Gate>();
  faults->Script(FaultStore::Op::kClaim, BlockBefore(gate));
  setup.store = faults;
  setup.options.assign_bound = Duration(50);
  Driver slow(std::move(setup));
  CHECK(slow.Assign({kFirst}).empty());
  Driver next({.world = world, .client = client, .options = Driver::Fast(), .store = {}});
  next.Assign({kFirst});
  gate->Open();
  REQUIRE(slow.WaitFor<Rejoin>());
  next.Process(kFirst, 3);
  CHECK(next.Stored(kFirst, 8));
  CHECK(next.events().Count(EventKind::kFenced) == 0);
}

TEST_CASE(
    "a claim without a position starts by the policy of this start, not as a late partition") {
  auto setup = TwoPartitions();
  setup.options.start.policy = StartPolicy::kLatest;
  const auto store = OpenMemory(setup.world);
  const ClaimRequest request{.at = kFirst, .expect = Any{}, .nonce = Nonce::Random()};
  REQUIRE(store->Claim("g",
                       std::vector{request},
                       ThisProcess(Owner::Kind::kMember),
                       Deadline::After(std::chrono::seconds(5))));
  Driver driver(std::move(setup));
  driver.Assign({kFirst});
  CHECK(driver.reading.at(kFirst) == Position(100));
  CHECK(driver.Stored(kFirst, 100));
}

TEST_CASE("a position below the log is refused, and the error counts what is missing") {
  auto setup = TwoPartitions();
  const auto world = setup.world;
  CHECK(Set(*OpenMemory(world), "g", kFirst, 2).Ok());
  SUBCASE("fail") {
    Driver driver(std::move(setup));
    driver.Assign({kFirst});
    REQUIRE(driver.seen.size() == 1);
    const Error& error = std::get<Stop>(driver.seen[0]).error;
    CHECK(error.code == ErrorCode::kOutOfRange);
    CHECK(error.message.find("up to 3 records") != std::string::npos);
    CHECK(driver.StoredNow(kFirst) == 2);
  }
  SUBCASE("earliest") {
    setup.options.out_of_range = OutOfRange::kEarliest;
    Driver driver(std::move(setup));
    driver.Assign({kFirst});
    CHECK(driver.reading.at(kFirst) == Position(5));
    CHECK(driver.Stored(kFirst, 5));
    CHECK(Eventually([&] { return driver.events().Count(EventKind::kOutOfRange) == 1; }));
  }
}

TEST_CASE("a position beyond the end is refused only when the high watermark says so twice") {
  auto setup = TwoPartitions();
  CHECK(Set(*OpenMemory(setup.world), "g", kFirst, 120).Ok());
  SUBCASE("it is a read_committed reader's last stable offset that lags") {
    setup.client->SetRange(kFirst, 5, 130);
    setup.client->SetStableEnd(kFirst, 100);
    Driver driver(std::move(setup));
    driver.Assign({kFirst});
    CHECK(driver.reading.at(kFirst) == Position(120));
  }
  SUBCASE("latest rewinds to the end") {
    setup.options.out_of_range = OutOfRange::kLatest;
    Driver driver(std::move(setup));
    driver.Assign({kFirst});
    CHECK(driver.reading.at(kFirst) == Position(100));
    CHECK(driver.Stored(kFirst, 100));
  }
}

TEST_CASE("a topic that was made anew is told by its older leader epoch") {
  auto setup = TwoPartitions();
  const auto store = OpenMemory(setup.world);
  Move move;
  move.at = kFirst;
  move.to = Position(50);
  move.leader_epoch = 9;
  REQUIRE(store->Commit("g",
                        std::vector{move},
                        ThisProcess(Owner::Kind::kMember),
                        Atomicity::kEach,
                        Deadline::After(std::chrono::seconds(5))));
  setup.client->SetLeaderEpoch(kFirst, 3);
  Driver driver(std::move(setup));
  driver.Assign({kFirst});
  REQUIRE(driver.seen.size() == 1);
  CHECK(std::get<Stop>(driver.seen[0]).error.code == ErrorCode::kOutOfRange);
}

TEST_CASE("a position of another Kafka cluster is a conflict that names both") {
  auto setup = TwoPartitions();
  const auto world = setup.world;
  const auto client = setup.client;
  {
    Driver first(std::move(setup));
    first.Assign({kFirst});
    first.Process(kFirst, 1);
    CHECK(first.Stored(kFirst, 6));
  }
  client->SetClusterId("cluster-b");
  SUBCASE("refused") {
    Driver second({.world = world, .client = client, .options = Driver::Fast(), .store = {}});
    second.Assign({kFirst});
    REQUIRE(second.seen.size() == 1);
    const Error& error = std::get<Stop>(second.seen[0]).error;
    CHECK(error.code == ErrorCode::kConflict);
    CHECK(error.message.find("cluster-a") != std::string::npos);
    CHECK(error.message.find("cluster-b") != std::string::npos);
  }
  SUBCASE("adopted") {
    auto options = Driver::Fast();
    options.adopt_cluster = true;
    Driver second({.world = world, .client = client, .options = options, .store = {}});
    second.Assign({kFirst});
    CHECK(second.reading.at(kFirst) == Position(6));
  }
}

TEST_CASE("a topic that a broker does not show yet is asked for again; a static assignment ends") {
  const TopicPartition fresh{"fresh", 0};
  Driver::Setup setup = OnePartition();
  SUBCASE("in a group") {
    Driver driver(std::move(setup));
    CHECK(driver.Assign({fresh}).empty());
    CHECK(driver.session().State().store_up);
    driver.client().SetRange(fresh, 0, 10);
    CHECK(driver.WaitFor<Add>());
    CHECK(driver.reading.at(fresh) == Position(0));
  }
  SUBCASE("static") {
    setup.options.static_assignment = true;
    Driver driver(std::move(setup));
    driver.Assign({fresh});
    CHECK(driver.SawOrSees<Stop>());
  }
}

}  // namespace
}  // namespace offsetstore::testing
