// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "driver.h"

namespace offsetstore::testing {
namespace {

Driver::Setup Window() {
  Driver::Setup setup;
  setup.client->SetRange(kAt, 0, 100'000);
  setup.options.max_uncommitted = 64;
  setup.options.commit_records = 1000;
  setup.options.commit_interval = Duration(10);
  return setup;
}

TEST_CASE("a full window pauses the partition, and acknowledged commits resume it") {
  Driver driver(Window());
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, 64);
  REQUIRE(tickets.size() == 64);
  CHECK(driver.session().HasActions());
  REQUIRE(driver.WaitFor<Pause>());
  CHECK(driver.session().State().partitions[0].phase == PartitionState::Phase::kPaused);
  for (Ticket& ticket : tickets) ticket.Done();
  REQUIRE(driver.WaitFor<Resume>());
  driver.Process(kAt, 10);
  CHECK(driver.Stored(kAt, 74));
}

TEST_CASE("a record that came in spite of the pause is asked for again, none is skipped") {
  Driver driver(Window());
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, 64);
  REQUIRE(driver.WaitFor<Pause>());
  CHECK_FALSE(driver.session().Delivered(kAt, Position(64), Position(65)));
  CHECK_FALSE(driver.session().Delivered(kAt, Position(65), Position(66)));
  for (Ticket& ticket : tickets) ticket.Done();
  const auto move = driver.WaitFor<MoveTo>();
  REQUIRE(move);
  CHECK(move->position == Position(64));
  driver.Process(kAt, 5);
  CHECK(driver.Stored(kAt, 69));
}

TEST_CASE("the end of the partition behind a refused record is not committed over it") {
  Driver driver(Window());
  driver.Assign({kAt});
  auto tickets = driver.Read(kAt, 64);
  REQUIRE(driver.WaitFor<Pause>());
  CHECK_FALSE(driver.session().Delivered(kAt, Position(64), Position(65)));
  driver.session().ReachedEnd(kAt, Position(65));
  for (Ticket& ticket : tickets) ticket.Done();
  REQUIRE(driver.WaitFor<MoveTo>());
  CHECK(driver.StoredNow(kAt) == 64);
  driver.Process(kAt, 1);
  driver.session().ReachedEnd(kAt, Position(70));
  CHECK(driver.Stored(kAt, 70));
}

TEST_CASE("records done and not acknowledged never exceed the window") {
  Driver driver(Window());
  driver.Assign({kAt});
  std::int64_t next = 0;
  while (next < 5'000) {
    if (auto ticket = driver.session().Delivered(kAt, Position(next), Position(next + 1))) {
      ticket->Done();
      ++next;
      const auto stored = driver.StoredNow(kAt);
      REQUIRE(next - stored.value_or(0) <= 64);
    } else if (const auto move = driver.WaitFor<MoveTo>()) {
      next = move->position.value();
    }
  }
  CHECK(driver.session().Close(Deadline::After(std::chrono::seconds(5))));
  CHECK(driver.StoredNow(kAt) == 5'000);
}

TEST_CASE("a record from before the position is dropped") {
  Driver driver(Window());
  driver.Assign({kAt});
  driver.Process(kAt, 3);
  CHECK_FALSE(driver.session().Delivered(kAt, Position(1), Position(2)));
  CHECK(driver.session().Delivered(kAt, Position(3), Position(4)));
}

}  // namespace
}  // namespace offsetstore::testing
