// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A stored position that the log does not hold, and a policy that goes on elsewhere: where, is
// stored before anything is read.
#include <doctest/doctest.h>

#include <optional>

#include "driver.h"
#include "fault_store.h"
#include "offsetstore/open.h"

namespace offsetstore::testing {
namespace {

constexpr std::int64_t kBeyond = 5000;
/// Of a log before this one: such a position is out of range at the first look.
constexpr std::int32_t kOldEpoch = 9;

/// The log of `kAt` is [10, 1000), and the store holds `stored`.
struct Outside {
  explicit Outside(std::int64_t stored, std::optional<std::int32_t> epoch = kOldEpoch) {
    setup.client->SetRange(kAt, 10, 1000);
    setup.client->SetLeaderEpoch(kAt, 3);
    setup.options.out_of_range = OutOfRange::kEarliest;
    auto bare = OpenMemoryStore({.space = {}, .world = setup.world});
    REQUIRE(bare);
    faults = std::make_shared<FaultStore>(WithLayers(*std::move(bare), {}));
    setup.store = faults;
    Move move;
    move.at = kAt;
    move.to = Position(stored);
    move.leader_epoch = epoch;
    move.topic_id = "old";
    Write(move);
  }

  void Write(const Move& move) const {
    const auto outcomes = faults->Commit("g",
                                         std::vector{move},
                                         ThisProcess(Owner::Kind::kMember),
                                         Atomicity::kEach,
                                         Deadline::After(std::chrono::seconds(5)));
    REQUIRE(outcomes);
    REQUIRE(outcomes->front().Ok());
  }

  /// A rewind under the claim that stands in the store, whoever sends it.
  void WriteUnderClaim(std::int64_t to) const {
    const auto reads = faults->Fetch(
        "g", {.partitions = {kAt}, .topics = {}}, Deadline::After(std::chrono::seconds(5)));
    REQUIRE(reads);
    Move move;
    move.at = kAt;
    move.to = Position(to);
    move.kind = Kind::kRewind;
    move.claim = reads->front().claim->token;
    Write(move);
  }

  /// Another session, after the one before it died.
  [[nodiscard]] Driver::Setup Next() const {
    return {.world = setup.world, .client = setup.client, .options = setup.options, .store = {}};
  }

  Driver::Setup setup = OnePartition();
  std::shared_ptr<FaultStore> faults;
};

/// The first batch of a caller's transaction, as `Batch` of the SQL stores takes it: an advance
/// under the claim, from what is stored.
void CheckFirstBatch(Driver& driver, std::int64_t from) {
  auto tickets = driver.Read(kAt, 5);
  REQUIRE(tickets.size() == 5);
  const auto move = driver.session().NextMove(kAt, tickets.back(), tickets.size());
  REQUIRE_MESSAGE(move, ToString(move.error()));
  CHECK(move->kind == Kind::kAdvance);
  CHECK(move->from == From(Position(from)));
  CHECK(move->to == Position(from + 5));
  const auto outcomes = driver.store().Commit("g",
                                              std::vector{*move},
                                              ThisProcess(Owner::Kind::kMember, "tester"),
                                              Atomicity::kEach,
                                              Deadline::After(std::chrono::seconds(5)));
  REQUIRE(outcomes);
  CHECK(outcomes->front().code == OutcomeCode::kApplied);
  for (Ticket& ticket : tickets) ticket.Done();
  driver.session().Moved(*move);
  CHECK(driver.StoredNow(kAt) == from + 5);
}

TEST_CASE(
    "E11 where a policy goes on is stored before the first transaction, which only advances") {
  std::int64_t stored = kBeyond;
  std::int64_t from = 10;
  bool is_static = false;
  SUBCASE("beyond the end, earliest") {}
  SUBCASE("beyond the end, earliest, static assignment") {
    is_static = true;
  }
  SUBCASE("beyond the end, latest") {
    from = 1000;
  }
  SUBCASE("passed by retention, earliest") {
    stored = 2;
  }
  SUBCASE("passed by retention, latest") {
    stored = 2;
    from = 1000;
  }
  Outside outside(stored, std::nullopt);
  outside.setup.options.moves_by_caller = true;
  outside.setup.options.static_assignment = is_static;
  if (from == 1000) outside.setup.options.out_of_range = OutOfRange::kLatest;
  Driver driver(outside.setup);
  driver.Assign({kAt});
  REQUIRE(driver.SawOrSees<Add>());
  CHECK(driver.reading.at(kAt) == Position(from));
  CHECK(driver.StoredNow(kAt) == from);
  CheckFirstBatch(driver, from);
  REQUIRE(Eventually([&] { return driver.events().Count(EventKind::kOutOfRange) == 1; }));
  const auto told = driver.events().Last(EventKind::kOutOfRange);
  CHECK(told->position == Position(from));
  CHECK(told->previous == Position(stored));
  CHECK(driver.events().Count(EventKind::kWentBack) == 0);
}

TEST_CASE("a crash before the first commit resolves the policy no second time") {
  Outside outside(kBeyond);
  outside.setup.options.out_of_range = OutOfRange::kLatest;
  SUBCASE("the session commits") {}
  SUBCASE("the caller moves") {
    outside.setup.options.moves_by_caller = true;
  }
  {
    Driver died(outside.setup);
    died.Assign({kAt});
    REQUIRE(died.SawOrSees<Add>());
    CHECK(died.reading.at(kAt) == Position(1000));
  }
  outside.setup.client->SetRange(kAt, 10, 1200);
  Driver next(outside.Next());
  next.Assign({kAt});
  CHECK(next.reading.at(kAt) == Position(1000));
  CHECK(next.events().Count(EventKind::kOutOfRange) == 0);
}

TEST_CASE("a rewind in doubt is settled by a claim on top of its own before anything is read") {
  Outside outside(kBeyond);
  outside.setup.options.moves_by_caller = true;
  SUBCASE("applied") {
    outside.faults->Script(FaultStore::Op::kCommit, InDoubtApplied());
  }
  SUBCASE("lost") {
    outside.faults->Script(FaultStore::Op::kCommit, InDoubtLost());
  }
  SUBCASE("late") {
    outside.faults->Script(FaultStore::Op::kCommit, InDoubtLate());
  }
  Driver driver(outside.setup);
  driver.Assign({kAt});
  REQUIRE(driver.SawOrSees<Add>());
  CHECK(driver.reading.at(kAt) == Position(10));
  CHECK(driver.StoredNow(kAt) == 10);
  std::optional<ClaimToken> doubtful;
  Expect last_claim = Any{};
  for (const FaultStore::Call& call : outside.faults->History()) {
    const bool rewinds = call.op == FaultStore::Op::kCommit && call.moves[0].kind == Kind::kRewind;
    if (rewinds && !doubtful) doubtful = call.moves[0].claim;
    if (call.op == FaultStore::Op::kClaim) last_claim = call.requests[0].expect;
  }
  REQUIRE(doubtful);
  CHECK(last_claim == Expect(*doubtful));
  CheckFirstBatch(driver, 10);
  // The position stands again where the late one begins: only the claim keeps it out.
  outside.WriteUnderClaim(kBeyond);
  for (const Outcome& late : outside.faults->ApplyLate()) CHECK(late.code == OutcomeCode::kFenced);
  CHECK(driver.StoredNow(kAt) == kBeyond);
  CHECK(Eventually([&] { return driver.events().Count(EventKind::kOutOfRange) == 1; }));
}

TEST_CASE("a store that is away at the rewind parks the partition until it is back") {
  Outside outside(kBeyond);
  outside.setup.options.moves_by_caller = true;
  outside.faults->Script(FaultStore::Op::kCommit, FailCall(ErrorCode::kUnavailable).Times(3));
  Driver driver(outside.setup);
  driver.Assign({kAt});
  REQUIRE(driver.SawOrSees<Add>());
  CHECK(driver.StoredNow(kAt) == 10);
  CHECK(Eventually([&] { return driver.events().Count(EventKind::kStoreUp) == 1; }));
  CHECK(driver.events().Count(EventKind::kStoreDown) == 1);
  CheckFirstBatch(driver, 10);
}

/// Stopped before it stores where it goes on.
struct InTheMiddle : Outside {
  InTheMiddle() : Outside(kBeyond) {
    setup.options.moves_by_caller = true;
    setup.options.assign_bound = Duration(50);
    faults->Script(FaultStore::Op::kCommit, BlockBefore(gate));
    driver.emplace(setup);
    CHECK(driver->Assign({kAt}).empty());
    REQUIRE(gate->WaitForArrivals(1));
  }
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  std::optional<Driver> driver;
};

TEST_CASE("a rewind that an operator's set fences moves nothing, and it goes on from there") {
  InTheMiddle middle;
  REQUIRE(Set(*middle.faults, "g", kAt, 400).Ok());
  middle.gate->Open();
  const auto add = middle.driver->WaitFor<Add>();
  REQUIRE(add);
  CHECK(add->position == Position(400));
  CHECK(middle.driver->StoredNow(kAt) == 400);
}

TEST_CASE("a rewind that a member's claim fences moves nothing, and the group decides") {
  InTheMiddle middle;
  Driver owner(middle.Next());
  owner.Assign({kAt});
  REQUIRE(owner.SawOrSees<Add>());
  CheckFirstBatch(owner, 10);
  middle.gate->Open();
  REQUIRE(middle.driver->WaitFor<Rejoin>());
  CHECK(owner.StoredNow(kAt) == 15);
  CHECK(owner.events().Count(EventKind::kFenced) == 0);
}

TEST_CASE("a position that changes under the claim before the rewind is looked at anew") {
  InTheMiddle middle;
  middle.WriteUnderClaim(400);
  middle.gate->Open();
  const auto add = middle.driver->WaitFor<Add>();
  REQUIRE(add);
  CHECK(add->position == Position(400));
  CHECK(middle.driver->StoredNow(kAt) == 400);
  CheckFirstBatch(*middle.driver, 400);
  CHECK(middle.driver->events().Count(EventKind::kOutOfRange) == 0);
}

TEST_CASE("a log that was made anew is told by its topic id, and once") {
  Outside outside(60, std::nullopt);
  outside.setup.client->SetTopicId(kAt, "new");
  {
    Driver first(outside.setup);
    first.Assign({kAt});
    CHECK(first.reading.at(kAt) == Position(10));
    first.Process(kAt, 20);
    CHECK(first.Stored(kAt, 30));
  }
  Driver second(outside.Next());
  second.Assign({kAt});
  CHECK(second.reading.at(kAt) == Position(30));
}

}  // namespace
}  // namespace offsetstore::testing
