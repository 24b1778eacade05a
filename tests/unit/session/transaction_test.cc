// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Positions that move in a transaction of the caller's own, of which the session only hears.
#include <doctest/doctest.h>

#include <algorithm>
#include <future>

#include "driver.h"
#include "fault_store.h"
#include "offsetstore/open.h"

namespace offsetstore::testing {
namespace {

const std::size_t kFive = 5;

Driver::Setup ByCaller() {
  auto setup = OnePartition();
  setup.options.moves_by_caller = true;
  return setup;
}

/// What the caller's transaction does to the position.
Outcome Commit(Driver& driver, const Move& move) {
  const auto outcomes = driver.store().Commit("g",
                                              std::vector{move},
                                              ThisProcess(Owner::Kind::kMember, "tester"),
                                              Atomicity::kEach,
                                              Deadline::After(std::chrono::seconds(5)));
  REQUIRE(outcomes);
  return outcomes->front();
}

void Finish(std::vector<Ticket>& tickets) {
  for (Ticket& ticket : tickets) ticket.Done();
}

Move NextMove(Driver& driver, const std::vector<Ticket>& tickets) {
  auto move = driver.session().NextMove(kAt, tickets.back(), tickets.size());
  REQUIRE_MESSAGE(move, ToString(move.error()));
  return *std::move(move);
}

std::optional<ClaimToken> ClaimOf(Driver& driver) {
  return driver.session().State().partitions.at(0).claim;
}

const Error kRefused = MakeError(ErrorCode::kInternal, "the handler failed");
const Error kUnknown = MakeError(ErrorCode::kInDoubt, "COMMIT was not answered");

TEST_CASE("a move in the caller's transaction carries claim, stored position and target") {
  Driver driver(ByCaller());
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, kFive);
  const Move move = NextMove(driver, tickets);
  CHECK(move.claim == ClaimOf(driver));
  CHECK(move.from == From(Position(0)));
  CHECK(move.to == Position(5));
  CHECK(move.kind == Kind::kAdvance);
  CHECK(Commit(driver, move).code == OutcomeCode::kApplied);
  Finish(tickets);
  driver.session().Moved(move);
  CHECK(driver.session().State().partitions[0].committed == Position(5));
  CHECK(driver.session().State().partitions[0].in_flight == 0);
  auto more = driver.Read(kAt, 2);
  CHECK(NextMove(driver, more).from == From(Position(5)));
}

TEST_CASE("of itself such a session commits nothing, whatever is done") {
  Driver driver(ByCaller());
  driver.Assign({kAt});
  driver.Process(kAt, 5);
  driver.session().CommitSoon();
  driver.session().ReachedEnd(kAt, Position(9));
  // A check of the claim comes after the commits of its turn.
  driver.Revoke({kAt});
  CHECK(driver.session().Close(Deadline::After(std::chrono::seconds(5))));
  CHECK(driver.StoredNow(kAt) == 0);
}

TEST_CASE("a window that was full takes records again once they moved") {
  Driver driver(ByCaller());
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, 64);
  REQUIRE(tickets.size() == 64);
  CHECK(driver.WaitFor<Pause>());
  const Move move = NextMove(driver, tickets);
  REQUIRE(Commit(driver, move).Ok());
  Finish(tickets);
  driver.session().Moved(move);
  CHECK(driver.WaitFor<Resume>());
  CHECK(driver.Read(kAt, 64).size() == 64);
}

TEST_CASE("only the next records of a partition may move") {
  Driver driver(ByCaller());
  driver.Assign({kAt});
  const auto tickets = driver.Read(kAt, kFive);
  const auto refused = driver.session().NextMove(kAt, tickets.back(), 4);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kInvalidArgument);
  CHECK(driver.session().NextMove(kAt, tickets[2], 3));
}

TEST_CASE("after a rollback it goes on from what is stored, under a new claim") {
  Driver driver(ByCaller());
  driver.Assign({kAt});
  auto first = driver.Read(kAt, 2);
  const Move moved = NextMove(driver, first);
  REQUIRE(Commit(driver, moved).Ok());
  Finish(first);
  driver.session().Moved(moved);

  auto tickets = driver.Read(kAt, kFive);
  const Move move = NextMove(driver, tickets);
  driver.session().RolledBack(move, kRefused);
  CHECK_FALSE(tickets[0].Held());
  CHECK_FALSE(driver.session().Delivered(kAt, Position(7), Position(8)));
  REQUIRE(Eventually([&] { return driver.events().Count(EventKind::kMoved) == 1; }));
  CHECK_FALSE(driver.session().Delivered(kAt, Position(7), Position(8)));
  const auto back = driver.WaitFor<MoveTo>();
  REQUIRE(back);
  CHECK(back->position == Position(2));
  CHECK(driver.events().Count(EventKind::kRolledBack) == 1);
  // The transaction was not over after all: it is fenced.
  CHECK(Commit(driver, move).code == OutcomeCode::kFenced);
  tickets = driver.Read(kAt, kFive);
  REQUIRE(tickets.size() == kFive);
  const Move again = NextMove(driver, tickets);
  CHECK(again.from == From(Position(2)));
  CHECK(Commit(driver, again).code == OutcomeCode::kApplied);
}

TEST_CASE("a COMMIT in doubt is settled by a conditional claim, and what is stored decides") {
  Driver driver(ByCaller());
  driver.Assign({kAt});
  const auto before = ClaimOf(driver);
  auto tickets = driver.Read(kAt, kFive);
  const Move move = NextMove(driver, tickets);
  std::int64_t goes_on_at = 0;
  SUBCASE("it was applied") {
    REQUIRE(Commit(driver, move).Ok());
    goes_on_at = 5;
  }
  SUBCASE("it was lost") {}
  driver.session().RolledBack(move, kUnknown);
  const auto next = driver.WaitFor<MoveTo>();
  REQUIRE(next);
  CHECK(next->position == Position(goes_on_at));
  CHECK(driver.events().Count(EventKind::kInDoubt) == 1);
  CHECK(ClaimOf(driver)->counter > before->counter);
  CHECK(driver.StoredNow(kAt) == goes_on_at);
}

TEST_CASE("A03 a doubt that cannot be settled yet pauses: nothing is handed out meanwhile") {
  auto setup = ByCaller();
  auto bare = OpenMemoryStore({.space = {}, .world = setup.world});
  REQUIRE(bare);
  const auto faults = std::make_shared<FaultStore>(WithLayers(*std::move(bare), {}));
  setup.store = faults;
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, kFive);
  const Move move = NextMove(driver, tickets);
  faults->Script(FaultStore::Op::kClaim, FailCall(ErrorCode::kUnavailable).Times(3));
  driver.session().RolledBack(move, kUnknown);
  CHECK_FALSE(driver.session().Delivered(kAt, Position(5), Position(6)));
  const auto next = driver.WaitFor<MoveTo>();
  REQUIRE(next);
  CHECK(next->position == Position(0));
  CHECK(driver.events().Count(EventKind::kStoreDown) == 1);
}

TEST_CASE("a store that went back is told, and it goes on from there") {
  Driver driver(ByCaller());
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, kFive);
  const Move move = NextMove(driver, tickets);
  REQUIRE(Commit(driver, move).Ok());
  Finish(tickets);
  driver.session().Moved(move);
  Move back = move;
  back.kind = Kind::kRewind;
  back.to = Position(3);
  back.from.reset();
  REQUIRE(Commit(driver, back).Ok());
  tickets = driver.Read(kAt, kFive);
  const Move next = NextMove(driver, tickets);
  CHECK(Commit(driver, next).code == OutcomeCode::kConflict);
  driver.session().RolledBack(next, kRefused);
  const auto found = driver.WaitFor<MoveTo>();
  REQUIRE(found);
  CHECK(found->position == Position(3));
  CHECK(driver.events().Count(EventKind::kWentBack) == 1);
}

TEST_CASE(
    "an operator's set in the middle of a transaction: it is fenced, and goes on from there") {
  Driver driver(ByCaller());
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, kFive);
  const Move move = NextMove(driver, tickets);
  REQUIRE(Set(driver.store(), "g", kAt, 100).Ok());
  CHECK(Commit(driver, move).code == OutcomeCode::kFenced);
  driver.session().RolledBack(move, kRefused);
  const auto next = driver.WaitFor<MoveTo>();
  REQUIRE(next);
  CHECK(next->position == Position(100));
  const auto late = driver.session().NextMove(kAt, tickets.back(), tickets.size());
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::kFenced);
}

TEST_CASE("a transaction's partition is not claimed anew while it is open") {
  auto setup = ByCaller();
  setup.options.static_assignment = true;
  setup.options.claim_check = Duration(5);
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  const auto first = ClaimOf(driver);
  CHECK(Eventually([&] { return ClaimOf(driver)->counter > first->counter + 2; }));
  auto tickets = driver.Read(kAt, kFive);
  const Move move = NextMove(driver, tickets);
  // Other calls of the session's thread go on.
  const auto started = std::chrono::steady_clock::now();
  CHECK(Eventually(
      [&] { return std::chrono::steady_clock::now() - started > std::chrono::milliseconds(50); }));
  CHECK(Commit(driver, move).code == OutcomeCode::kApplied);
  Finish(tickets);
  driver.session().Moved(move);
  const auto last = ClaimOf(driver);
  CHECK(last == move.claim);
  CHECK(Eventually([&] { return ClaimOf(driver)->counter > last->counter; }));
}

TEST_CASE("a transaction waits for a claim of this session that is under way, and names that one") {
  auto setup = ByCaller();
  setup.options.static_assignment = true;
  setup.options.claim_check = Duration(5);
  auto bare = OpenMemoryStore({.space = {}, .world = setup.world});
  REQUIRE(bare);
  const auto faults = std::make_shared<FaultStore>(WithLayers(*std::move(bare), {}));
  setup.store = faults;
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  const auto tickets = driver.Read(kAt, kFive);
  const auto gate = std::make_shared<Gate>();
  faults->Script(FaultStore::Op::kClaim, BlockAfter(gate));
  REQUIRE(gate->WaitForArrivals(1));
  const auto before = ClaimOf(driver);
  auto moving = std::async(std::launch::async, [&] {
    return driver.session().NextMove(kAt, tickets.back(), tickets.size());
  });
  CHECK(moving.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
  gate->Open();
  const auto move = moving.get();
  REQUIRE_MESSAGE(move, ToString(move.error()));
  CHECK(move->claim->counter > before->counter);
  CHECK(Commit(driver, *move).code == OutcomeCode::kApplied);
}

TEST_CASE("a revocation waits for the open transaction, and gives the claim back after it") {
  Driver driver(ByCaller());
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, kFive);
  const Move move = NextMove(driver, tickets);
  driver.session().Revoking({kAt});
  bool commits = false;
  SUBCASE("committed") {
    commits = true;
  }
  SUBCASE("rolled back") {}
  auto worker = std::async(std::launch::async, [&] {
    if (commits && Commit(driver, move).Ok()) {
      Finish(tickets);
      driver.session().Moved(move);
    } else {
      driver.session().RolledBack(move, kRefused);
      tickets.clear();
    }
  });
  const Outcome outcome = driver.Revoke({kAt})[0];
  worker.get();
  CHECK_MESSAGE(outcome.Ok(), ToString(outcome.code));
  CHECK(driver.StoredNow(kAt) == (commits ? 5 : 0));
  const auto reads = driver.store().Fetch(
      "g", {.partitions = {kAt}, .topics = {}}, Deadline::After(std::chrono::seconds(5)));
  REQUIRE(reads);
  CHECK(reads->front().claim->released);
}

TEST_CASE("a partition lost in the middle of a transaction is nobody's business any more") {
  Driver driver(ByCaller());
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, kFive);
  const Move move = NextMove(driver, tickets);
  driver.session().Lost({kAt});
  CHECK_FALSE(tickets[0].Held());
  driver.session().Moved(move);
  driver.session().RolledBack(move, kRefused);
  CHECK(driver.session().State().partitions.empty());
}

/// A store without claims, where the group's generation fences the caller's transactions.
Driver::Setup ByGroup() {
  Driver::Setup setup = ByCaller();
  setup.options.fenced_by_group = true;
  auto bare = OpenMemoryStore({.space = {}, .world = setup.world});
  REQUIRE(bare);
  StoreInfo info = (*bare)->Info();
  info.capabilities.fenced_commits = false;
  info.capabilities.conditional_commits = false;
  setup.store = std::make_shared<FaultStore>(*std::move(bare), info);
  return setup;
}

TEST_CASE(
    "fenced by the group: a move carries no claim, and after a rollback what is read decides") {
  Driver driver(ByGroup());
  driver.Assign({kAt});
  auto first = driver.Read(kAt, 2);
  const Move moved = NextMove(driver, first);
  CHECK_FALSE(moved.claim);
  REQUIRE(Commit(driver, moved).Ok());
  Finish(first);
  driver.session().Moved(moved);
  std::int64_t goes_on_at = 2;
  auto tickets = driver.Read(kAt, kFive);
  const Move move = NextMove(driver, tickets);
  SUBCASE("it was rolled back") {
    driver.session().RolledBack(move, kRefused);
  }
  SUBCASE("its commit was not answered, and was applied") {
    REQUIRE(Commit(driver, move).Ok());
    goes_on_at = 7;
    driver.session().RolledBack(move, kUnknown);
  }
  CHECK_FALSE(tickets[0].Held());
  const auto back = driver.WaitFor<MoveTo>();
  REQUIRE(back);
  CHECK(back->position == Position(goes_on_at));
  CHECK(driver.Read(kAt, kFive).size() == kFive);
}

TEST_CASE("fenced by the group: a start whose commit is in doubt makes the member join again") {
  auto setup = ByGroup();
  auto& store = static_cast<FaultStore&>(*setup.store);
  store.Script(FaultStore::Op::kCommit, InDoubtLate());
  Driver driver(setup);
  driver.Assign({kAt});
  CHECK(driver.SawOrSees<Rejoin>());
  CHECK(store.Calls(FaultStore::Op::kCommit) == 1);
}

TEST_CASE("fenced by the group: without a group it is refused") {
  auto setup = ByGroup();
  setup.options.static_assignment = true;
  const auto session = Session::Open(setup.store, setup.client, setup.options);
  REQUIRE_FALSE(session);
  CHECK(session.error().code == ErrorCode::kUnsupported);
}

TEST_CASE("a store that cannot fence a move within a transaction is refused, and why") {
  auto setup = ByCaller();
  auto bare = OpenMemoryStore({.space = {}, .world = setup.world});
  REQUIRE(bare);
  StoreInfo info = (*bare)->Info();
  info.capabilities.fenced_commits = false;
  const auto store = std::make_shared<FaultStore>(*std::move(bare), info);
  const auto session = Session::Open(store, setup.client, setup.options);
  REQUIRE_FALSE(session);
  CHECK(session.error().code == ErrorCode::kUnsupported);
  CHECK(session.error().message.find("no claims") != std::string::npos);
}

}  // namespace
}  // namespace offsetstore::testing
