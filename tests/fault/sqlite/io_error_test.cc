// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "io_error_vfs.h"
#include "sqlite_support.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

constexpr int kPartitions = 3;

/// A claimed group of three partitions that move together.
struct Batch {
  explicit Batch(const std::filesystem::path& path, bool own = false) {
    if (own) Connect(path).exec("CREATE TABLE results (id)");
    store = MustOpen(At(path));
    group.emplace(*store, "billing");
    for (const TopicPartition& at : PartitionsOf("orders", kPartitions)) {
      tokens.push_back(group->MustClaim(at));
    }
  }
  [[nodiscard]] Answers<Outcome> Commit(std::int64_t to) const {
    // Different each time: SQLite leaves pages alone whose bytes stay the same.
    const std::string metadata(3000, static_cast<char>('a' + to / 10 % 26));
    std::vector<Move> moves;
    const auto partitions = PartitionsOf("orders", kPartitions);
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      moves.push_back(WithMetadata(Advance(partitions[i], to, tokens[i]), metadata));
    }
    return store->Commit("billing", moves, Member(), Atomicity::kEach, Soon());
  }

  std::unique_ptr<OffsetStore> store;
  std::optional<TestGroup> group;
  std::vector<ClaimToken> tokens;
};

/// The one position of all partitions; fails the test where they differ: a torn batch.
std::int64_t CommonPosition(const TestGroup& group) {
  const auto partitions = PartitionsOf("orders", kPartitions);
  const std::int64_t first = group.PositionOf(partitions[0]).value_or(-1);
  for (const TopicPartition& at : partitions) CHECK(group.PositionOf(at) == first);
  return first;
}

enum class Said { kApplied, kNotApplied, kInDoubt };

Said WhatWasSaid(const Answers<Outcome>& answers) {
  if (!answers) {
    CHECK(answers.error().code != ErrorCode::kInDoubt);
    CHECK_MESSAGE(answers.error().message.size() > 10, "an error without words");
    return Said::kNotApplied;
  }
  Said said = Said::kApplied;
  for (const Outcome& outcome : *answers) {
    if (outcome.code == OutcomeCode::kApplied) continue;
    REQUIRE(outcome.error);
    CHECK(outcome.error->code == ErrorCode::kInDoubt);
    CHECK(outcome.error->retry == Retry::kAfterNewClaim);
    said = Said::kInDoubt;
  }
  return said;
}

/// Fails the `nth` disk call of a commit, and checks what was said against what is stored, now and
/// after a restart. Returns whether the fault fired at all.
bool CheckFault(int nth, int code, bool sticky, bool own) {
  CAPTURE(nth);
  CAPTURE(code);
  CAPTURE(sticky);
  IoFaults faults;
  const TempDir folder;
  bool fired = false;
  {
    const Batch batch(folder / "offsets.db", own);
    REQUIRE(WhatWasSaid(batch.Commit(10)) == Said::kApplied);
    faults.Fail(nth, code, sticky);
    const Said said = WhatWasSaid(batch.Commit(20));
    fired = faults.Fired();
    faults.Heal();
    const std::int64_t stored = CommonPosition(*batch.group);
    if (said == Said::kApplied) CHECK(stored == 20);
    if (said == Said::kNotApplied) CHECK(stored == 10);
    if (said == Said::kInDoubt) CHECK((stored == 10 || stored == 20));
    if (!fired) CHECK(said == Said::kApplied);
    // The same store goes on once the disk works again.
    CHECK(WhatWasSaid(batch.Commit(30)) == Said::kApplied);
  }
  const auto again = MustOpen(At(folder / "offsets.db"));
  CHECK(CommonPosition(TestGroup(*again, "billing")) == 30);
  CHECK(Ask(folder / "offsets.db", "PRAGMA integrity_check") == "ok");
  return fired;
}

void CheckEveryCall(bool own) {
  int fired = 0;
  for (const int code : {SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC}) {
    for (const bool sticky : {false, true}) {
      int nth = 1;
      while (CheckFault(nth, code, sticky, own)) ++nth;
      fired += nth - 1;
    }
  }
  MESSAGE("disk calls failed: " << fired);
  CHECK(fired >= 6 * 5);
}

TEST_CASE("a commit tells the truth whichever disk call fails, with a write-ahead log") {
  CheckEveryCall(false);
}

TEST_CASE("a commit tells the truth whichever disk call fails, with a rollback journal") {
  CheckEveryCall(true);
}

TEST_CASE("a full disk is unavailable, not in doubt, and the message says so") {
  IoFaults faults;
  const TempDir folder;
  const Batch batch(folder / "offsets.db");
  faults.Fail(1, SQLITE_FULL, true);
  const auto refused = batch.Commit(20);
  faults.Heal();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kUnavailable);
  CHECK(Says(refused.error(), "full"));
}

TEST_CASE("a failed sync of a commit is in doubt, and a conditional claim settles it") {
  IoFaults faults;
  const TempDir folder;
  const Batch batch(folder / "offsets.db");
  int nth = 1;
  Said said = Said::kApplied;
  while (said != Said::kInDoubt && nth < 50) {
    faults.Fail(nth++, SQLITE_IOERR_FSYNC, false);
    said = WhatWasSaid(batch.Commit(std::int64_t{10} * nth));
    faults.Heal();
  }
  REQUIRE(said == Said::kInDoubt);
  const ClaimResult settled = batch.group->Claim({"orders", 0}, batch.tokens[0]);
  CHECK(settled == OutcomeCode::kApplied);
  CHECK(batch.group->Commit(Advance({"orders", 0}, 1000, batch.tokens[0])) == OutcomeCode::kFenced);
}

TEST_CASE("a disk that fails while the store is made leaves something that opens later") {
  for (int nth = 1; nth < 100; ++nth) {
    CAPTURE(nth);
    IoFaults faults;
    const TempDir folder;
    faults.Fail(nth, SQLITE_FULL, false);
    const bool opened = TryOpen(At(folder / "offsets.db")).has_value();
    const bool fired = faults.Fired();
    faults.Heal();
    const auto store = MustOpen(At(folder / "offsets.db"));
    CHECK(TestGroup(*store, "g").Commit(Advance(Orders(0), 1)) == OutcomeCode::kApplied);
    if (!fired) {
      CHECK(opened);
      return;
    }
  }
  FAIL("the fault never stopped firing");
}

}  // namespace
}  // namespace offsetstore::testing
