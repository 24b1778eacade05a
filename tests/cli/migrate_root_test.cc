// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// migrate on a disk that fills, which only root can make.
#include <doctest/doctest.h>
#include <sys/mount.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "migrate.h"
#include "skip.h"

namespace offsetstore::testing {
namespace {

constexpr int kGroups = 1500;

/// Many groups, and a small disk for the files of the runs.
struct SmallState : FileToSqlite {
  SmallState() {
    NeedsMounts();
    const std::string csv = Path("many.csv");
    std::ofstream file(csv);
    for (int i = 0; i < kGroups; ++i) file << "many-" << i << ",orders,0," << i + 1 << "\n";
    file.close();
    const Ran ran = Offsetctl({"import",
                               csv,
                               "--to",
                               from,
                               "--execute",
                               "--yes",
                               "--quiet",
                               "--state-dir",
                               Path("made")});
    REQUIRE_MESSAGE(ran.code == 0, ran.err);
    std::filesystem::create_directory(State());
    REQUIRE(::mount("tmpfs", State().c_str(), "tmpfs", 0, "size=64k,mode=0700") == 0);
  }
  SmallState(const SmallState&) = delete;
  SmallState& operator=(const SmallState&) = delete;
  ~SmallState() { CHECK(::umount(State().c_str()) == 0); }

  void Resize(const std::string& size) const {
    REQUIRE(::mount(nullptr, State().c_str(), nullptr, MS_REMOUNT, ("size=" + size).c_str()) == 0);
  }
  [[nodiscard]] std::size_t Moved() const {
    const Ran ran = Offsetctl({"export", to, "--as", "kafka-csv", "--group", "many-.*"});
    return static_cast<std::size_t>(std::count(ran.out.begin(), ran.out.end(), '\n'));
  }
};

TEST_CASE("no room for the plan: code 9, and nothing is changed or left") {
  const SmallState moving;
  const Ran executed = moving.Execute();
  CHECK_MESSAGE(executed.code == 9, executed.err);
  CHECK(executed.ErrHas("No space left"));
  const Ran saved = moving.Migrate({"--plan-out", moving.State() + "/a.plan"});
  CHECK_MESSAGE(saved.code == 9, saved.err);
  CHECK(std::filesystem::is_empty(moving.State()));
  CHECK(moving.Moved() == 0);
}

TEST_CASE("no room for the journal: code 9, how far it came, and with room it goes on") {
  const SmallState moving;
  const std::string plan = moving.Path("saved.plan");
  REQUIRE(moving.Migrate({"--plan-out", plan}).code == 0);
  moving.Resize("300k");
  const Words apply = moving.ApplyWords(plan);
  const Ran full = Offsetctl(apply);
  CHECK_MESSAGE(full.code == 9, full.err);
  CHECK(full.ErrHas("No space left"));
  CHECK(full.ErrHas("ended early"));
  CHECK(full.ErrHas("to go on: offsetctl apply " + plan));
  const std::size_t moved = moving.Moved();
  CHECK(moved > 0);
  CHECK(moved < kGroups);
  moving.Resize("50m");
  const Ran ran = Offsetctl(apply);
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(moving.Moved() == kGroups);
  const auto history = nlohmann::json::parse(moving.Run("history").out);
  std::set<std::string> told;
  for (const auto& change : history.at("changes")) told.insert(change.at("group"));
  for (int i = 0; i < kGroups; ++i) CHECK(told.contains("many-" + std::to_string(i)));
}

}  // namespace
}  // namespace offsetstore::testing
