// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/deadline.h"

#include <doctest/doctest.h>

#include <thread>

#include "fake_clock.h"
#include "offsetstore/clock.h"

namespace offsetstore::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST_CASE("a deadline that is over has passed and has nothing left") {
  const auto now = Deadline::Clock::now();
  CHECK(Deadline::At(now - milliseconds(1)).Passed());
  CHECK(Deadline::At(now - hours(1)).Remaining() == Duration::zero());
  CHECK(Deadline::After(Duration(-5)).Passed());
}

TEST_CASE("what is left is rounded up, so that a wait never ends before the deadline") {
  const auto deadline = Deadline::At(Deadline::Clock::now() + std::chrono::microseconds(900'500));
  const Duration left = deadline.Remaining();
  CHECK(left > milliseconds(100));
  CHECK(left <= milliseconds(901));
}

TEST_CASE("what is left is one hour at most, so that it fits 32 bits of milliseconds") {
  CHECK(Deadline::After(hours(24 * 365)).Remaining() == hours(1));
}

TEST_CASE("a wait too long for the clock is no wait at all") {
  CHECK_FALSE(Deadline::After(Duration::max()).Passed());
  CHECK(Deadline::After(Duration::max()).Remaining() == hours(1));
}

TEST_CASE("the sooner of two deadlines wins") {
  const Deadline late = Deadline::After(hours(1));
  CHECK(late.Sooner(milliseconds(1)).time() < late.time());
  CHECK(late.Sooner(hours(2)).time() == late.time());
}

TEST_CASE("the steady clock sleeps until its moment") {
  const auto until = SteadyClock().Now() + milliseconds(2);
  SteadyClock().SleepUntil(until);
  CHECK(SteadyClock().Now() >= until);
}

TEST_CASE("a sleeper of a jumping clock moves it") {
  FakeClock clock;
  const auto start = clock.Now();
  clock.SleepUntil(start + hours(5));
  CHECK(clock.Now() == start + hours(5));
  CHECK(clock.Sleeps() == std::vector<Duration>{hours(5)});
}

TEST_CASE("a sleeper of a waiting clock wakes when a test has moved it far enough") {
  FakeClock clock(FakeClock::Sleep::kWaits);
  const auto start = clock.Now();
  std::jthread sleeper([&] { clock.SleepUntil(start + hours(2)); });
  REQUIRE(clock.WaitForSleepers(1));
  clock.Advance(hours(1));
  CHECK(clock.WaitForSleepers(1));
  clock.Advance(hours(1));
}

}  // namespace
}  // namespace offsetstore::testing
