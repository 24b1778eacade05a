// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// The database goes away, or another one takes its place, while the store is open.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "sqlite_support.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

struct Place {
  [[nodiscard]] Error CommitError() const {
    const Move move = Advance(Orders(0), 99, token);
    const auto done =
        store->Commit("billing", std::span(&move, 1), Member(), Atomicity::kEach, Soon());
    REQUIRE_FALSE(done);
    return done.error();
  }

  TempDir folder;
  std::filesystem::path path = folder / "offsets.db";
  std::unique_ptr<OffsetStore> store = MustOpen(At(path));
  TestGroup group{*store, "billing"};
  ClaimToken token = group.MustClaim(Orders(0));
};

void CheckGone(const Place& place) {
  const Error error = place.CommitError();
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK_MESSAGE(Says(error, "removed, renamed or replaced"), error.message);
  const auto read = place.store->Fetch("billing", {}, Soon());
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::kUnavailable);
}

TEST_CASE("a removed database is an error, never absence, and is not made again") {
  const Place place;
  REQUIRE(std::filesystem::remove(place.path));
  CheckGone(place);
  CHECK_FALSE(std::filesystem::exists(place.path));
}

TEST_CASE("a replaced database gets nothing of the old store") {
  const Place place;
  const Place other;
  REQUIRE(other.group.Commit(Advance(Orders(0), 7)) == OutcomeCode::kFenced);
  std::filesystem::rename(other.path, place.path);
  CheckGone(place);
}

TEST_CASE("a database that is put back goes on") {
  const Place place;
  std::filesystem::rename(place.path, place.folder / "aside.db");
  CheckGone(place);
  std::filesystem::rename(place.folder / "aside.db", place.path);
  CHECK(place.group.Commit(Advance(Orders(0), 5, place.token)) == OutcomeCode::kApplied);
  CHECK(place.group.PositionOf(Orders(0)) == 5);
}

TEST_CASE("without the lock file's name writers still exclude each other") {
  const Place place;
  REQUIRE(std::filesystem::remove(place.folder / "offsets.db-offsetstore.lock"));
  const auto second = MustOpen(At(place.path));
  CHECK(place.group.Commit(Advance(Orders(0), 5, place.token)) == OutcomeCode::kApplied);
  const ClaimToken newer = place.group.In(*second).MustClaim(Orders(0));
  CHECK(place.group.Commit(Advance(Orders(0), 6, place.token)) == OutcomeCode::kFenced);
  CHECK(place.group.Commit(Advance(Orders(0), 6, newer)) == OutcomeCode::kApplied);
}

}  // namespace
}  // namespace offsetstore::testing
