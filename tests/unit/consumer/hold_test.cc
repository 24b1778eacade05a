// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "hold.h"

#include <doctest/doctest.h>

namespace offsetstore::testing {
namespace {

using namespace std::chrono_literals;

const TopicPartition kOne{"orders", 1};
const TopicPartition kTwo{"orders", 2};

TEST_CASE("a full window is waited for, and reading goes on when there is room") {
  Hold hold;
  const Hold::Clock::time_point t{};
  CHECK_FALSE(hold.Any());
  CHECK(hold.Begin(kOne, t));
  CHECK(hold.Any());
  CHECK(hold.GiveUp(t + 10ms).empty());
  hold.End(kOne, t + 11ms);
  CHECK_FALSE(hold.Any());
  CHECK(hold.Begin(kOne, t + 20ms));
}

TEST_CASE("a wait that costs as much as a pause is given up, and not tried again") {
  Hold hold;
  const Hold::Clock::time_point t{};
  CHECK(hold.Begin(kOne, t));
  CHECK(hold.GiveUp(t + 500ms) == Partitions{kOne});
  CHECK_FALSE(hold.Any());
  hold.End(kOne, t + 2s);
  CHECK_FALSE(hold.Begin(kOne, t + 3s));
  CHECK_FALSE(hold.Any());
  // Nor for a partition of which nothing is known yet.
  CHECK_FALSE(hold.Begin(kTwo, t + 3s));
}

TEST_CASE("a pause that was short makes waiting worth a try again") {
  Hold hold;
  const Hold::Clock::time_point t{};
  CHECK(hold.Begin(kOne, t));
  CHECK(hold.GiveUp(t + 1s) == Partitions{kOne});
  CHECK_FALSE(hold.Begin(kTwo, t + 2s));
  hold.End(kTwo, t + 2s + 5ms);
  CHECK(hold.Begin(kTwo, t + 3s));
  hold.End(kOne, t + 4s);
  CHECK_FALSE(hold.Begin(kOne, t + 5s));
}

TEST_CASE("a partition that is gone holds nothing up") {
  Hold hold;
  const Hold::Clock::time_point t{};
  CHECK(hold.Begin(kOne, t));
  CHECK(hold.Begin(kTwo, t));
  hold.Forget(kOne);
  CHECK(hold.Any());
  hold.Forget(kTwo);
  CHECK_FALSE(hold.Any());
  hold.End(kOne, t);
  hold.Forget(kOne);
  CHECK_FALSE(hold.Any());
}

}  // namespace
}  // namespace offsetstore::testing
