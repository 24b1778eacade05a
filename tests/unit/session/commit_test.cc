// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <atomic>
#include <utility>

#include "driver.h"
#include "fault_store.h"
#include "offsetstore/forwarding_store.h"
#include "offsetstore/open.h"
#include "recorded_metrics.h"

namespace offsetstore::testing {
namespace {

std::shared_ptr<FaultStore> Faulty(const Driver::Setup& setup) {
  auto bare = OpenMemoryStore({.space = {}, .world = setup.world});
  REQUIRE(bare);
  return std::make_shared<FaultStore>(WithLayers(*std::move(bare), {}));
}

TEST_CASE("a position is committed after its records are done, never before") {
  Driver driver(OnePartition());
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, 3);
  tickets[1].Done();
  tickets[2].Done();
  driver.session().CommitSoon();
  CHECK(driver.Stored(kAt, 0));
  tickets[0].Done();
  CHECK(driver.Stored(kAt, 3));
}

TEST_CASE("events are measured by group and kind") {
  RecordedMetrics metrics;
  {
    auto setup = OnePartition();
    setup.options.metrics = &metrics;
    Driver driver(std::move(setup));
    driver.Assign({kAt});
    driver.Process(kAt, 3);
    REQUIRE(driver.Stored(kAt, 3));
    driver.Revoke({kAt});
  }
  const auto count = [&](const std::string& event) {
    return metrics
        .counts[R"(offsetstore_session_events_total{group="g",event=")" + event + R"("})"];
  };
  CHECK(count("assigned") == 1);
  CHECK(count("committed") >= 1);
  CHECK(count("released") == 1);
  CHECK(metrics.counts.size() == metrics.announced.size());
}

TEST_CASE("nothing is committed past a record that was given up") {
  Driver driver(OnePartition());
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, 3);
  tickets[0].Done();
  tickets[1] = Ticket();
  tickets[2].Done();
  CHECK(driver.Stored(kAt, 1));
  driver.Revoke({kAt});
  CHECK(driver.StoredNow(kAt) == 1);
}

TEST_CASE("commit by count, by interval, and on demand") {
  auto setup = OnePartition();
  SUBCASE("count") {
    setup.options.commit_records = 10;
    setup.options.commit_interval = Duration(0);
    Driver driver(std::move(setup));
    driver.Assign({kAt});
    driver.Process(kAt, 10);
    CHECK(driver.Stored(kAt, 10));
    driver.Process(kAt, 9);
    driver.session().CommitSoon();
    CHECK(driver.Stored(kAt, 19));
  }
  SUBCASE("interval") {
    setup.options.commit_records = 0;
    Driver driver(std::move(setup));
    driver.Assign({kAt});
    driver.Process(kAt, 7);
    CHECK(driver.Stored(kAt, 7));
  }
}

TEST_CASE("control records at the end are committed over") {
  Driver driver(OnePartition());
  driver.Assign({kAt});
  driver.Process(kAt, 5);
  driver.session().ReachedEnd(kAt, Position(9));
  CHECK(driver.Stored(kAt, 9));
}

TEST_CASE("a store that goes down pauses, keeps what is done, and resumes") {
  auto setup = OnePartition();
  const auto faults = Faulty(setup);
  setup.store = faults;
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  driver.Process(kAt, 2);
  CHECK(driver.Stored(kAt, 2));
  faults->SetDown(true);
  driver.Process(kAt, 2);
  REQUIRE(driver.WaitFor<Pause>());
  CHECK_FALSE(driver.session().State().store_up);
  faults->SetDown(false);
  REQUIRE(driver.WaitFor<Resume>());
  CHECK(driver.Stored(kAt, 4));
  CHECK(driver.session().State().store_up);
  CHECK(driver.reading.at(kAt) == Position(4));
}

TEST_CASE("a store that went back is told, and at least once goes on") {
  auto setup = OnePartition();
  const auto faults = Faulty(setup);
  setup.store = faults;
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  driver.Process(kAt, 5);
  CHECK(driver.Stored(kAt, 5));
  // A restored backup: an older position under the same claim.
  const auto claim = driver.session().State().partitions[0].claim;
  Move back;
  back.at = kAt;
  back.to = Position(2);
  back.kind = Kind::kRewind;
  back.claim = claim;
  REQUIRE(faults->Commit("g",
                         std::vector{back},
                         ThisProcess(Owner::Kind::kMember),
                         Atomicity::kEach,
                         Deadline::After(std::chrono::seconds(5))));
  driver.Process(kAt, 1);
  CHECK(driver.Stored(kAt, 6));
  CHECK(Eventually([&] { return driver.events().Count(EventKind::kWentBack) == 1; }));
}

/// A store whose replicas may be late.
class ReplicatedStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Answers<Outcome> Commit(std::string_view group,
                          std::span<const Move> moves,
                          const Owner& by,
                          Atomicity atomicity,
                          Deadline deadline) override {
    auto outcomes = ForwardingStore::Commit(group, moves, by, atomicity, deadline);
    if (!late || !outcomes) return outcomes;
    for (Outcome& outcome : *outcomes) {
      if (outcome.code == OutcomeCode::kApplied)
        outcome.code = OutcomeCode::kAppliedBelowDurability;
    }
    return outcomes;
  }
  std::atomic<bool> late{true};
};

TEST_CASE("a commit below the declared durability goes on, and is not the last durable one") {
  auto setup = OnePartition();
  auto bare = OpenMemoryStore({.space = {}, .world = setup.world});
  REQUIRE(bare);
  const auto store = std::make_shared<ReplicatedStore>(WithLayers(*std::move(bare), {}));
  setup.store = store;
  Driver driver(std::move(setup));
  const auto acknowledged = [&](std::int64_t position) {
    return Eventually([&] {
      return driver.session().State().partitions.front().committed == Position(position);
    });
  };
  driver.Assign({kAt});
  driver.Process(kAt, 3);
  REQUIRE(acknowledged(3));
  REQUIRE(Eventually([&] { return driver.events().Count(EventKind::kCommitted) > 0; }));
  CHECK(driver.events().Last(EventKind::kCommitted)->text == "below the declared durability");
  CHECK_FALSE(driver.session().State().last_commit);
  store->late = false;
  driver.Process(kAt, 2);
  REQUIRE(acknowledged(5));
  const auto durable = driver.session().State().last_commit;
  REQUIRE(durable);
  store->late = true;
  driver.Process(kAt, 1);
  REQUIRE(acknowledged(6));
  CHECK(driver.session().State().last_commit == durable);
}

TEST_CASE("an error that no retry mends ends the run") {
  auto setup = OnePartition();
  const auto faults = Faulty(setup);
  setup.store = faults;
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  faults->Script(FaultStore::Op::kCommit, FailPartitions(ErrorCode::kPermissionDenied));
  driver.Process(kAt, 1);
  const auto stop = driver.WaitFor<Stop>();
  REQUIRE(stop);
  CHECK(stop->error.code == ErrorCode::kPermissionDenied);
}

TEST_CASE("a record that is not done for the stall time is reported once, with its position") {
  auto setup = OnePartition();
  setup.options.stall_timeout = Duration(40);
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, 2);
  tickets[0].Done();
  CHECK(Eventually([&] { return driver.events().Count(EventKind::kStalled) == 1; }));
  const auto event = driver.events().Last(EventKind::kStalled);
  CHECK(event->position == Position(1));
  CHECK(event->age >= Duration(40));
}

}  // namespace
}  // namespace offsetstore::testing
