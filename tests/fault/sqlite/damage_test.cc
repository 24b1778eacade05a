// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sqlite_support.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

/// A store with the claimed partitions orders[0] at 10 and orders[1] at 20.
struct Damaged {
  void Damage(const std::string& assignment) const {
    SQLite::Database db = Connect(path);
    REQUIRE(db.exec("UPDATE offsetstore_positions SET " + assignment +
                    " WHERE topic = 'orders' AND part = 0") == 1);
  }
  [[nodiscard]] Error ErrorOf(const TopicPartition& at) const {
    const Read read = group.ReadOf(at);
    REQUIRE(std::holds_alternative<Error>(read.slot));
    return std::get<Error>(read.slot);
  }

  TempDir folder;
  std::filesystem::path path = folder / "offsets.db";
  std::unique_ptr<OffsetStore> store = MustOpen(At(path));
  TestGroup group{*store, "billing"};
  ClaimToken token = group.MustClaim(Orders(0));
  ClaimToken other = group.MustClaim(Orders(1));
  Answer first = group.Commit(Advance(Orders(0), 10, token));
  Answer second = group.Commit(Advance(Orders(1), 20, other));
};

void CheckOnlyFirstIsUnreadable(const Damaged& damaged, const std::string& assignment) {
  CAPTURE(assignment);
  const Error error = damaged.ErrorOf(Orders(0));
  CHECK(error.code == ErrorCode::kCorrupt);
  CHECK(damaged.group.PositionOf(Orders(1)) == 20);
  const std::vector<Read> all = damaged.group.All();
  REQUIRE(all.size() == 2);
  CHECK(std::holds_alternative<Error>(all[0].slot));
  CHECK(PositionIn(all[1].slot) == 20);
  CHECK(damaged.group.Claim(Orders(0)) == ErrorCode::kCorrupt);
  CHECK(damaged.group.Remove(Orders(0)) == ErrorCode::kCorrupt);
  CHECK(damaged.group.Commit(Set(Orders(0), 99)) == ErrorCode::kCorrupt);
  CHECK(damaged.group.Commit(Advance(Orders(0), 99)) == ErrorCode::kCorrupt);
  CHECK(damaged.group.Commit(Advance(Orders(0), 99, damaged.token)) == ErrorCode::kCorrupt);
  CHECK(damaged.group.Commit(Advance(Orders(1), 21, damaged.other)) == OutcomeCode::kApplied);
}

TEST_CASE("a row that no release wrote is unreadable and hides no other") {
  for (const char* assignment : {"position = 'junk'",
                                 "position = -1",
                                 "position = 1.5",
                                 "position = x'00'",
                                 "nonce = 'short'",
                                 "nonce = NULL",
                                 "counter = -4",
                                 "counter = 'many'",
                                 "owner = 'member only'",
                                 "released = 7",
                                 "removed = 2",
                                 "removed = 1"}) {
    const Damaged damaged;
    damaged.Damage(assignment);
    // A commit under the claim moves a position whatever a neighbour column says that the fence
    // does not look at, so the owner is not part of this list's last check.
    if (std::string_view(assignment) == "owner = 'member only'") {
      CHECK(damaged.ErrorOf(Orders(0)).code == ErrorCode::kCorrupt);
      CHECK(damaged.group.PositionOf(Orders(1)) == 20);
      continue;
    }
    CheckOnlyFirstIsUnreadable(damaged, assignment);
  }
}

TEST_CASE("a row with an impossible partition is shown as unreadable and hides no other") {
  const Damaged damaged;
  damaged.Damage("part = 'three'");
  const std::vector<Read> all = damaged.group.All();
  REQUIRE(all.size() == 2);
  CHECK(PositionIn(all[0].slot) == 20);
  REQUIRE(std::holds_alternative<Error>(all[1].slot));
  CHECK(Says(std::get<Error>(all[1].slot), "three"));
}

TEST_CASE("under kAll an unreadable row refuses the whole batch") {
  const Damaged damaged;
  damaged.Damage("position = 'junk'");
  const std::vector<Move> moves = {Advance(Orders(0), 99, damaged.token),
                                   Advance(Orders(1), 99, damaged.other)};
  const std::vector<Answer> answers = damaged.group.CommitAll(moves, Atomicity::kAll);
  CHECK(answers[0] == ErrorCode::kCorrupt);
  CHECK(answers[1] == OutcomeCode::kNotApplied);
  CHECK(damaged.group.PositionOf(Orders(1)) == 20);
}

TEST_CASE("a message about a row names file, topic, partition and column") {
  const Damaged damaged;
  damaged.Damage("position = 'junk'");
  const std::string text = ToString(damaged.ErrorOf(Orders(0)));
  for (const char* word : {"position", "junk", "offsets.db", "orders", "partition=0", "billing"}) {
    CHECK_MESSAGE(text.find(word) != std::string::npos, text);
  }
}

TEST_CASE("a database with half of our tables is refused") {
  const TempDir folder;
  MustOpen(At(folder / "x.db"));
  Connect(folder / "x.db").exec("DROP TABLE offsetstore_meta");
  CHECK(OpenError(At(folder / "x.db")).code == ErrorCode::kCorrupt);
  CHECK(Ask(folder / "x.db", "SELECT count(*) FROM offsetstore_positions") == "0");
}

TEST_CASE("a damaged page is an error, and the rest of the process goes on") {
  const TempDir folder;
  const std::filesystem::path path = folder / "x.db";
  {
    const auto store = MustOpen(At(path));
    CHECK(TestGroup(*store, "g").Commit(Advance(Orders(0), 1)) == OutcomeCode::kApplied);
    REQUIRE(store->Close(Soon()));
  }
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  for (std::streamoff page = 4096; page < 16384; page += 4096) {
    file.seekp(page).write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
  }
  file.close();
  auto opened = TryOpen(At(path));
  if (!opened) {
    CHECK(opened.error().code == ErrorCode::kCorrupt);
    return;
  }
  const auto read = (*opened)->Fetch("g", {}, Soon());
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::kCorrupt);
}

TEST_CASE("a table that is dropped while the store is open is an error, never absence") {
  const TempDir folder;
  const auto store = MustOpen(At(folder / "x.db"));
  Connect(folder / "x.db").exec("DROP TABLE offsetstore_positions");
  const auto read = store->Fetch("g", {}, Soon());
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::kCorrupt);
  CHECK(Says(read.error(), "offsetstore_positions"));
}

}  // namespace
}  // namespace offsetstore::testing
