// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"
#include "fault_store.h"
#include "offsetstore/open.h"
#include "offsetstore/process.h"

namespace offsetstore::testing {
namespace {

Driver::Setup StaticPartition() {
  auto setup = OnePartition();
  setup.options.static_assignment = true;
  return setup;
}

void ClaimAs(const std::shared_ptr<MemoryWorld>& world, const Owner& owner) {
  auto bare = OpenMemoryStore({.space = {}, .world = world});
  REQUIRE(bare);
  const auto store = WithLayers(*std::move(bare), {});
  const ClaimRequest request{.at = kAt, .expect = Any{}, .nonce = Nonce::Random()};
  const auto answers =
      store->Claim("g", std::vector{request}, owner, Deadline::After(std::chrono::seconds(5)));
  REQUIRE(answers);
  REQUIRE(answers->front().outcome.Ok());
}

/// The identity of a process that ran and is gone.
std::string DeadProcess() {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string identity = ProcessIdentity();
    const bool sent = ::write(ends[1], identity.data(), identity.size()) > 0;
    ::_exit(sent ? 0 : 1);
  }
  ::close(ends[1]);
  char buffer[512];
  const ssize_t size = ::read(ends[0], buffer, sizeof buffer);
  ::close(ends[0]);
  REQUIRE(size > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return {buffer, static_cast<std::size_t>(size)};
}

TEST_CASE("a held claim is respected by a static start, which says who holds it") {
  auto setup = StaticPartition();
  Owner holder = ThisProcess(Owner::Kind::kMember, "someone-else");
  ClaimAs(setup.world, holder);
  SUBCASE("refused") {
    Driver driver(std::move(setup));
    driver.Assign({kAt});
    REQUIRE(driver.seen.size() == 1);
    const Error& error = std::get<Stop>(driver.seen[0]).error;
    CHECK(error.code == ErrorCode::kFenced);
    CHECK(error.message.find("someone-else") != std::string::npos);
  }
  SUBCASE("takeover") {
    setup.options.takeover = true;
    Driver driver(std::move(setup));
    driver.Assign({kAt});
    CHECK(driver.reading.contains(kAt));
  }
}

TEST_CASE("the same owner whose process is gone is taken at once") {
  auto setup = StaticPartition();
  Owner holder = ThisProcess(Owner::Kind::kMember, "tester");
  holder.process = DeadProcess();
  ClaimAs(setup.world, holder);
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  CHECK(driver.reading.contains(kAt));
}

TEST_CASE("the same owner whose process runs is respected") {
  auto setup = StaticPartition();
  ClaimAs(setup.world, ThisProcess(Owner::Kind::kMember, "tester"));
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  REQUIRE(driver.seen.size() == 1);
  CHECK(std::get<Stop>(driver.seen[0]).error.code == ErrorCode::kFenced);
}

TEST_CASE("the same owner on another machine is watched for two beats") {
  auto setup = StaticPartition();
  const auto world = setup.world;
  Owner holder = ThisProcess(Owner::Kind::kMember, "tester");
  holder.process = "another-boot/pid:[1]/7/7";
  ClaimAs(world, holder);
  setup.options.claim_check = Duration(200);
  SUBCASE("it stands still and is taken") {
    Driver driver(std::move(setup));
    driver.Assign({kAt});
    if (driver.seen.empty()) REQUIRE(driver.WaitFor<Add>());
    CHECK(driver.reading.contains(kAt));
  }
  SUBCASE("it moves and is respected") {
    setup.options.assign_bound = Duration(1);
    Driver driver(std::move(setup));
    CHECK(driver.Assign({kAt}).empty());
    std::optional<Stop> stop;
    CHECK(Eventually([&] {
      ClaimAs(world, holder);
      for (const Action& action : driver.session().TakeActions()) {
        if (const Stop* one = std::get_if<Stop>(&action)) stop = *one;
      }
      return stop.has_value();
    }));
    CHECK(stop->error.message.find("alive") != std::string::npos);
  }
}

TEST_CASE("a static holder beats: its counter grows, its commits go on") {
  Driver driver(StaticPartition());
  driver.Assign({kAt});
  const auto first = driver.session().State().partitions[0].claim;
  CHECK(Eventually(
      [&] { return driver.session().State().partitions[0].claim->counter >= first->counter + 3; }));
  driver.Process(kAt, 4);
  CHECK(driver.Stored(kAt, 4));
}

/// A static holder over a store that fails by script.
struct Scripted {
  Scripted() {
    auto setup = StaticPartition();
    auto bare = OpenMemoryStore({.space = {}, .world = setup.world});
    REQUIRE(bare);
    store = std::make_shared<FaultStore>(*std::move(bare));
    setup.store = store;
    driver = std::make_unique<Driver>(std::move(setup));
    driver->Assign({kAt});
    REQUIRE(driver->reading.contains(kAt));
  }
  /// What the session told of the release; none where it told nothing.
  std::optional<std::string> Released() const {
    static_cast<void>(Eventually([&] { return Last().has_value(); }));
    return Last() ? std::optional(Last()->text) : std::nullopt;
  }
  [[nodiscard]] std::optional<Event> Last() const {
    return driver->events().Last(EventKind::kReleased);
  }
  std::shared_ptr<FaultStore> store;
  std::unique_ptr<Driver> driver;
};

TEST_CASE("a beat on its way while the partition is revoked does not keep the claim") {
  Scripted scripted;
  const auto gate = std::make_shared<Gate>();
  scripted.store->Script(FaultStore::Op::kClaim, BlockAfter(gate));
  REQUIRE(gate->WaitForArrivals(1));
  scripted.driver->session().Revoking({kAt});
  gate->Open();
  const auto outcomes = scripted.driver->Revoke({kAt});
  CHECK(outcomes.front().Ok());
  CHECK(scripted.Released() == "");
}

TEST_CASE("a session takes back a claim of its own that it could not give back") {
  Scripted scripted;
  SUBCASE("the store refused the release") {
    scripted.store->Script(FaultStore::Op::kRelease, FailCall(ErrorCode::kUnavailable));
  }
  SUBCASE("a beat landed unheard before it") {
    scripted.store->Script(FaultStore::Op::kClaim, InDoubtApplied());
    scripted.store->Script(FaultStore::Op::kClaim,
                           FailCall(ErrorCode::kUnavailable).Times(kForever));
    REQUIRE(scripted.store->WaitForCalls(FaultStore::Op::kClaim,
                                         scripted.store->Calls(FaultStore::Op::kClaim) + 1));
  }
  static_cast<void>(scripted.driver->Revoke({kAt}));
  CHECK(scripted.Released().value_or("").find("was not given back") != std::string::npos);
  scripted.store->Clear();
  scripted.driver->reading.clear();
  scripted.driver->Assign({kAt});
  CHECK(scripted.driver->reading.contains(kAt));
  scripted.driver->Process(kAt, 3);
  CHECK(scripted.driver->Stored(kAt, 3));
}

TEST_CASE("a static consumer that is fenced by a member ends and names it") {
  auto setup = StaticPartition();
  const auto world = setup.world;
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  ClaimAs(world, ThisProcess(Owner::Kind::kMember, "taker"));
  const auto stop = driver.WaitFor<Stop>();
  REQUIRE(stop);
  CHECK(stop->error.code == ErrorCode::kFenced);
  CHECK(stop->error.message.find("taker") != std::string::npos);
}

TEST_CASE("an operator's set moves a static consumer too") {
  Driver driver(StaticPartition());
  driver.Assign({kAt});
  driver.Process(kAt, 5);
  CHECK(driver.Stored(kAt, 5));
  CHECK(Set(driver.store(), "g", kAt, 300).Ok());
  const auto move = driver.WaitFor<MoveTo>();
  REQUIRE(move);
  CHECK(move->position == Position(300));
}

}  // namespace
}  // namespace offsetstore::testing
