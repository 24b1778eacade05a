// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "driver.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("fenced by a member: the work is dropped, the group is asked, nothing is claimed back") {
  auto setup = OnePartition();
  const auto world = setup.world;
  const auto client = setup.client;
  Driver zombie(std::move(setup));
  zombie.Assign({kAt});
  auto tickets = zombie.Read(kAt, 10);
  Driver owner({.world = world, .client = client, .options = Driver::Fast(), .store = {}});
  owner.Assign({kAt});
  for (Ticket& ticket : tickets) ticket.Done();
  REQUIRE(zombie.WaitFor<Rejoin>());
  CHECK(zombie.session().State().partitions[0].phase == PartitionState::Phase::kFenced);
  CHECK_FALSE(zombie.session().Delivered(kAt, Position(10), Position(11)));
  owner.Process(kAt, 3);
  CHECK(owner.Stored(kAt, 3));
  CHECK(zombie.Revoke({kAt})[0].code == OutcomeCode::kFenced);
  owner.Process(kAt, 1);
  CHECK(owner.Stored(kAt, 4));
}

TEST_CASE("an idle member hears of a takeover by its claim check") {
  auto setup = OnePartition();
  const auto world = setup.world;
  const auto client = setup.client;
  Driver zombie(std::move(setup));
  zombie.Assign({kAt});
  Driver owner({.world = world, .client = client, .options = Driver::Fast(), .store = {}});
  owner.Assign({kAt});
  CHECK(zombie.WaitFor<Rejoin>());
}

TEST_CASE("no rejoin is asked for while a rebalance runs") {
  auto setup = OnePartition();
  const auto world = setup.world;
  const auto client = setup.client;
  Driver zombie(std::move(setup));
  zombie.Assign({kAt});
  zombie.session().Rebalancing(true);
  Driver owner({.world = world, .client = client, .options = Driver::Fast(), .store = {}});
  owner.Assign({kAt});
  REQUIRE(Eventually([&] { return zombie.events().Count(EventKind::kFenced) == 1; }));
  // The jitter is 300 ms at most; an owner's commits show that time passed.
  for (int i = 0; i < 20; ++i) {
    owner.Process(kAt, 1);
    CHECK(owner.Stored(kAt, i + 1));
  }
  CHECK(zombie.events().Count(EventKind::kRejoin) == 0);
  zombie.session().Rebalancing(false);
  CHECK(zombie.WaitFor<Rejoin>());
}

TEST_CASE("an operator's set moves a held partition without a rebalance") {
  Driver driver(OnePartition());
  driver.Assign({kAt});
  driver.Process(kAt, 10);
  CHECK(driver.Stored(kAt, 10));
  std::vector<Ticket> in_hand;
  SUBCASE("busy") {
    in_hand = driver.Read(kAt, 5);
  }
  SUBCASE("idle") {}
  std::int64_t target = 0;
  SUBCASE("backwards") {
    target = 4;
  }
  SUBCASE("forwards") {
    target = 500;
  }
  CHECK(Set(driver.store(), "g", kAt, target).Ok());
  for (Ticket& ticket : in_hand) ticket.Done();
  const auto move = driver.WaitFor<MoveTo>();
  REQUIRE(move);
  CHECK(move->position == Position(target));
  driver.Process(kAt, 2);
  CHECK(driver.Stored(kAt, target + 2));
  CHECK(driver.events().Count(EventKind::kRejoin) == 0);
  CHECK(driver.events().Count(EventKind::kMoved) == 1);
}

TEST_CASE("records of before an operator's set are void") {
  Driver driver(OnePartition());
  driver.Assign({kAt});
  auto before = driver.Read(kAt, 5);
  CHECK(before[0].Held());
  CHECK(Set(driver.store(), "g", kAt, 100).Ok());
  REQUIRE(driver.WaitFor<MoveTo>());
  CHECK_FALSE(before[0].Held());
  for (Ticket& ticket : before) ticket.Done();
  driver.Process(kAt, 1);
  CHECK(driver.Stored(kAt, 101));
  CHECK(driver.session().State().late_done == 5);
}

TEST_CASE(
    "what is read before a move is taken is of before it, and no gap behind the new position") {
  Driver driver(OnePartition());
  driver.Assign({kAt});
  driver.Process(kAt, 10);
  CHECK(driver.Stored(kAt, 10));
  CHECK(Set(driver.store(), "g", kAt, 4).Ok());
  // The session has moved; this poll thread does not know yet.
  REQUIRE(Eventually([&] { return driver.events().Count(EventKind::kMoved) == 1; }));
  CHECK_FALSE(driver.session().Delivered(kAt, Position(10), Position(11)));
  driver.session().ReachedEnd(kAt, Position(11));
  REQUIRE(driver.WaitFor<MoveTo>());
  driver.Process(kAt, 1);
  CHECK(driver.Stored(kAt, 5));
  CHECK(driver.events().Last(EventKind::kCommitted)->previous == Position(4));
}

TEST_CASE("an operator's delete of the topic starts it again by the policy") {
  auto setup = OnePartition();
  setup.options.start.policy = StartPolicy::kLatest;
  Driver driver(std::move(setup));
  driver.Assign({kAt});
  driver.client().SetRange(kAt, 0, 1200);
  const Removal removal{.at = kAt, .expect = Any{}, .from = {}};
  const auto outcomes = driver.store().Remove("g",
                                              std::vector{removal},
                                              ThisProcess(Owner::Kind::kOperator, "ops"),
                                              Deadline::After(std::chrono::seconds(5)));
  REQUIRE(outcomes);
  const auto move = driver.WaitFor<MoveTo>();
  REQUIRE(move);
  CHECK(move->position == Position(1200));
}

TEST_CASE("three fences by members within ten minutes end the run and name both") {
  auto setup = OnePartition();
  const auto world = setup.world;
  const auto client = setup.client;
  setup.options.owner = "service-one";
  Driver first(std::move(setup));
  auto options = Driver::Fast();
  options.owner = "service-two";
  Driver second({.world = world, .client = client, .options = options, .store = {}});
  for (int round = 0; round < 2; ++round) {
    first.Assign({kAt});
    second.Assign({kAt});
    REQUIRE(first.WaitFor<Rejoin>());
    first.Revoke({kAt});
  }
  first.Assign({kAt});
  second.Assign({kAt});
  const auto stop = first.WaitFor<Stop>();
  REQUIRE(stop);
  CHECK(stop->error.code == ErrorCode::kFenced);
  CHECK(stop->error.message.find("service-one") != std::string::npos);
  CHECK(stop->error.message.find("service-two") != std::string::npos);
}

}  // namespace
}  // namespace offsetstore::testing
