// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fstream>

#include "demo/results.h"
#include "demo/rounds.h"
#include "temp_dir.h"

namespace offsetstore::cli {
namespace {

TEST_CASE("lost and repeated records are counted from the file alone") {
  const testing::TempDir folder;
  const auto file = folder / "results";
  CHECK(CountLines(file) == 0);
  {
    const auto results = Results::Open(file);
    REQUIRE(results);
    for (const std::uint64_t number : {0, 1, 1, 4, 1, 4}) REQUIRE(results->Add(number));
  }
  CHECK(CountLines(file) == 6);
  const auto tally = CountResults(file, 6);
  REQUIRE(tally);
  CHECK(tally->processed == 6);
  CHECK(tally->lost == 3);
  CHECK(tally->repeated == 3);
}

TEST_CASE("a results file with anything else in it is refused") {
  const testing::TempDir folder;
  for (const char* text : {"000000001\n00000", "00000000x\n", "000000009\n", "\n", "1\n"}) {
    CAPTURE(text);
    const auto file = folder / "results";
    std::ofstream(file) << text;
    CHECK_FALSE(CountResults(file, 9));
  }
}

TEST_CASE("kills are drawn from the seed alone and all fall into the middle of the work") {
  const Ordeal ordeal{20000, 10, 42};
  const auto kills = DrawKills(ordeal);
  CHECK(kills == DrawKills(ordeal));
  CHECK(kills != DrawKills({20000, 10, 43}));
  CHECK(kills.size() == 10);
  std::uint64_t sum = 0;
  for (const std::uint64_t after : kills) {
    CHECK(after >= 1);
    sum += after;
  }
  CHECK(sum < ordeal.records * 2 / 3);
}

}  // namespace
}  // namespace offsetstore::cli
