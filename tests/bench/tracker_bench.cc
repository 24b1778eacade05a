// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <set>

#include "pairs.h"
#include "tracker.h"

namespace offsetstore::bench {
namespace {

constexpr std::uint64_t kWindow = 4096;

/// Completion order: a fixed shuffle within blocks of 64, as worker threads give it.
std::uint64_t Shuffled(std::uint64_t i) {
  return (i & ~std::uint64_t{63}) | ((i * 37) & 63);
}

void OrderedSet(benchmark::State& state) {
  for (auto _ : state) {
    std::set<std::uint64_t> open;
    for (std::uint64_t i = 0; i < kWindow; ++i) open.insert(i);
    for (std::uint64_t i = 0; i < kWindow; ++i) {
      open.erase(Shuffled(i));
      if (i % 256 == 255) benchmark::DoNotOptimize(open.empty() ? kWindow : *open.begin());
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kWindow));
}

void Ring(benchmark::State& state) {
  internal::Tracker tracker(kWindow, Position(0), std::make_shared<internal::Signals>());
  std::uint64_t base = 0;
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < kWindow; ++i) {
      tracker.Push(Position(static_cast<std::int64_t>(base + i + 1)), {});
    }
    for (std::uint64_t i = 0; i < kWindow; ++i) {
      tracker.Done(base + Shuffled(i));
      if (i % 256 == 255) tracker.Acknowledge(tracker.Scan());
    }
    base += kWindow;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kWindow));
}

const PairOf kPair({.name = "tracker",
                    .items = "records",
                    .raw_does = "`std::set` of open records: insert, erase in the order of "
                                "completion, look at the first one every 256 records",
                    .raw = OrderedSet,
                    .ours = Ring});

}  // namespace
}  // namespace offsetstore::bench
