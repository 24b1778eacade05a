// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "tracker.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "in_threads.h"

namespace offsetstore::internal {
namespace {

std::shared_ptr<Signals> NewSignals() {
  return std::make_shared<Signals>();
}

TEST_CASE("the watermark is the position after the longest run of done records") {
  Tracker tracker(64, Position(100), NewSignals());
  for (std::int64_t next = 101; next <= 110; ++next) tracker.Push(Position(next), 7);
  CHECK(tracker.Scan().position == Position(100));
  tracker.Done(1);
  tracker.Done(2);
  CHECK(tracker.Scan().position == Position(100));
  tracker.Done(0);
  CHECK(tracker.Scan().position == Position(103));
  CHECK(tracker.Scan().epoch == 7);
  CHECK(tracker.Scan().ordinal == 3);
  CHECK(tracker.InFlight() == 7);
}

TEST_CASE("gaps in the offsets are no missing records") {
  Tracker tracker(64, Position(0), NewSignals());
  tracker.Push(Position(5), {});
  tracker.Push(Position(1000), {});
  tracker.Done(0);
  CHECK(tracker.Scan().position == Position(5));
  tracker.Done(1);
  CHECK(tracker.Scan().position == Position(1000));
}

TEST_CASE("the end counts only after every delivered record is done") {
  Tracker tracker(64, Position(10), NewSignals());
  tracker.ReachedEnd(Position(12));
  CHECK(tracker.Scan().position == Position(12));
  tracker.Push(Position(13), 7);
  CHECK(tracker.Scan().position == Position(10));
  tracker.ReachedEnd(Position(15));
  CHECK(tracker.Scan().position == Position(10));
  tracker.Done(0);
  CHECK(tracker.Scan().position == Position(15));
  // What lies before the end may be of a later leader: with the record's epoch the broker would
  // call the log shorter than it is.
  CHECK_FALSE(tracker.Scan().epoch.has_value());
}

TEST_CASE("a slot is free only after its record was acknowledged") {
  Tracker tracker(64, Position(0), NewSignals());
  for (std::int64_t next = 1; next <= 64; ++next) tracker.Push(Position(next), {});
  CHECK(tracker.Full());
  for (std::uint64_t ordinal = 0; ordinal < 64; ++ordinal) tracker.Done(ordinal);
  const auto mark = tracker.Scan();
  CHECK(mark.position == Position(64));
  CHECK(tracker.Full());
  tracker.Acknowledge(mark);
  CHECK(tracker.Free() == 64);
  tracker.Push(Position(65), {});
  CHECK(tracker.Scan().position == Position(64));
}

TEST_CASE("an abandoned record is not in flight and is never passed") {
  Tracker tracker(64, Position(0), NewSignals());
  tracker.Push(Position(1), {});
  tracker.Push(Position(2), {});
  tracker.Abandon();
  tracker.Done(1);
  CHECK(tracker.InFlight() == 0);
  CHECK(tracker.Scan().position == Position(0));
}

TEST_CASE("done after close is counted and does nothing") {
  const auto signals = NewSignals();
  Tracker tracker(64, Position(0), signals);
  tracker.Push(Position(1), {});
  tracker.Close();
  tracker.Done(0);
  CHECK(signals->late_done == 1);
  CHECK(tracker.Scan().position == Position(0));
}

TEST_CASE("any order of completion gives the watermark of a plain set") {
  const auto seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  Tracker tracker(256, Position(0), NewSignals());
  std::set<std::uint64_t> open;
  std::uint64_t pushed = 0;
  std::int64_t position = 0;
  std::vector<std::int64_t> nexts;
  for (int step = 0; step < 50'000; ++step) {
    if (!tracker.Full() && random() % 2 == 0) {
      position += 1 + random() % 3;
      nexts.push_back(position);
      open.insert(tracker.Push(Position(position), {}));
      ++pushed;
    } else if (!open.empty()) {
      auto chosen =
          std::next(open.begin(),
                    static_cast<std::ptrdiff_t>(random() % std::min<std::size_t>(open.size(), 40)));
      tracker.Done(*chosen);
      open.erase(chosen);
    }
    const std::uint64_t first_open = open.empty() ? pushed : *open.begin();
    const auto mark = tracker.Scan();
    REQUIRE(mark.ordinal == first_open);
    REQUIRE(mark.position.value() == (first_open == 0 ? 0 : nexts[first_open - 1]));
    if (random() % 16 == 0) tracker.Acknowledge(mark);
  }
}

TEST_CASE("threads finish records while another commits: nothing is passed and all is reached") {
  constexpr std::int64_t kRecords = 40'000;
  constexpr int kThreads = 3;
  Tracker tracker(1024, Position(0), NewSignals());
  std::vector<std::atomic<int>> processed(kRecords);
  std::atomic<std::int64_t> pushed{0};
  auto workers = std::async(std::launch::async, [&] {
    testing::InThreads(kThreads, [&](int worker) {
      for (std::int64_t ordinal = worker; ordinal < kRecords; ordinal += kThreads) {
        while (pushed.load() <= ordinal) std::this_thread::yield();
        processed[static_cast<std::size_t>(ordinal)] = 1;
        tracker.Done(static_cast<std::uint64_t>(ordinal));
      }
    });
  });
  auto committer = std::async(std::launch::async, [&] {
    std::uint64_t passed_early = 0;
    std::uint64_t checked = 0;
    while (checked < kRecords) {
      const auto mark = tracker.Scan();
      for (; checked < mark.ordinal; ++checked) {
        if (processed[checked] != 1) ++passed_early;
      }
      tracker.Acknowledge(mark);
      std::this_thread::yield();
    }
    return passed_early;
  });
  for (std::int64_t next = 1; next <= kRecords; ++next) {
    while (tracker.Full()) std::this_thread::yield();
    tracker.Push(Position(next), {});
    pushed = next;
  }
  workers.get();
  CHECK(committer.get() == 0);
  CHECK(tracker.Scan().position == Position(kRecords));
}

}  // namespace
}  // namespace offsetstore::internal
