// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// A migration that is killed, again and again, and goes on.
#include <doctest/doctest.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string>
#include <system_error>

#include "eventually.h"
#include "migrate.h"
#include "settings.h"

namespace offsetstore::testing {
namespace {

constexpr int kGroups = 300;

/// Files with many groups, and a plan per target.
struct Estate : Migrating {
  Estate() {
    from = "file://" + Path("old");
    for (int group = 0; group < kGroups; ++group) {
      // One process for each would take longer than all that is tested here.
      CopyGroup("group-" + std::to_string(group), group);
    }
  }
  void CopyGroup(const std::string& group, int position) const {
    const Ran ran = Offsetctl({"set",
                               from,
                               group,
                               "orders:0=" + std::to_string(position),
                               "orders:1=" + std::to_string(position + 1),
                               "audit:0=" + std::to_string(position + 2),
                               "--execute"});
    REQUIRE_MESSAGE(ran.code == 0, ran.err);
  }
  /// An empty store.
  void NewTarget(const std::string& name) {
    to = "sqlite://" + Path(name + ".db");
    REQUIRE(Offsetctl({"set", to, "other", "orders:0=1", "--execute"}).code == 0);
    REQUIRE(Offsetctl({"delete", to, "other", "--execute"}).code == 0);
  }
  struct Planned {
    std::string file;
    std::string journal;  ///< Of its run.
    [[nodiscard]] std::uintmax_t Journalled() const {
      std::error_code none;
      const std::uintmax_t size = std::filesystem::file_size(journal, none);
      return none ? 0 : size;
    }
  };
  [[nodiscard]] Planned Plan(const std::string& name) const {
    const std::string plan = Path(name + ".plan");
    const Ran ran = Migrate({"--plan-out", plan});
    REQUIRE_MESSAGE(ran.code == 0, ran.err);
    const std::string id = nlohmann::json::parse(ran.out).at("plan");
    return {plan, State() + "/" + id + ".journal"};
  }
  [[nodiscard]] std::string Source() const {
    const Ran ran = Offsetctl({"export", from, "--as", "kafka-csv"});
    REQUIRE_MESSAGE(ran.code == 0, ran.err);
    return ran.out;
  }
};

TEST_CASE("M03 a migration that is killed at random points goes on, and ends as one that was not") {
  std::mt19937 random = SeededRandom();
  Estate estate;
  const std::string source = estate.Source();
  estate.NewTarget("whole");
  const std::string whole = estate.to;
  const Estate::Planned first = estate.Plan("whole");
  REQUIRE(Offsetctl(estate.ApplyWords(first.file)).code == 0);
  const std::uintmax_t all = first.Journalled();

  const int rounds = Long() ? 100 : 8;
  int kills = 0;
  int halfway = 0;
  // Goes on until one was met in the middle of its writes.
  for (int round = 0; round < rounds || (halfway == 0 && round < 10 * rounds); ++round) {
    const std::string name = "round-" + std::to_string(round);
    estate.NewTarget(name);
    const Estate::Planned plan = estate.Plan(name);
    const std::string target = estate.to;
    for (int kill = 0; kill < 2; ++kill) {
      // A batch is journalled at once, before it is written: from then on each moment is another
      // point of the work.
      const std::uintmax_t until = plan.Journalled() + random() % (all / 2);
      Running run(estate.ApplyWords(plan.file));
      static_cast<void>(Eventually([&] { return run.Over() || plan.Journalled() > until; }));
      run.Signal(SIGKILL);
      if (run.Wait().code == 128 + SIGKILL) ++kills;
    }
    const Ran rest = Offsetctl(estate.ApplyWords(plan.file));
    REQUIRE_MESSAGE(rest.code == 0, rest.err);
    const auto report = nlohmann::json::parse(rest.out);
    CHECK(report["changed"].get<int>() + report["already_there"].get<int>() == 3 * kGroups);
    if (report["already_there"] != 0 && report["changed"] != 0) ++halfway;
    CHECK(Offsetctl({"diff", whole, target}).code == 0);
    const Ran back = estate.Run(
        "rollback", {plan.journal, "--to", target, "--execute", "--yes", "--second-look", "0"});
    CHECK_MESSAGE(back.code == 0, back.err);
    CHECK(Offsetctl({"groups", target, "--output", "csv"}).out == "group\n");
  }
  CHECK(estate.Source() == source);
  std::printf(
      "kills %d, %d rounds were killed between the first write and the last\n", kills, halfway);
  CHECK(kills >= rounds);
  CHECK(halfway >= 1);
}

}  // namespace
}  // namespace offsetstore::testing
