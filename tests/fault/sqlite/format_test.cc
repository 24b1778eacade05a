// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// Stored formats: what an older release wrote stays readable, what a newer one wrote is refused.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "sqlite_support.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

/// A copy of a database that a release wrote; fixtures/README.md says what is in it.
struct Fixture {
  explicit Fixture(const char* name) : path(folder / "offsets.db") {
    std::filesystem::copy_file(std::filesystem::path(OFFSETSTORE_FIXTURES) / name, path);
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  TempDir folder;
  std::filesystem::path path;
};

TEST_CASE("format 1: positions, claims and tombstones are read") {
  const Fixture fixture("format-1.db");
  SqliteOptions options = At(fixture.path);
  options.space = "eu";
  const auto store = MustOpen(options);
  CHECK(store->Info().store_id == "0f5a9c1e2b3d4f60718293a4b5c6d7e8");
  const TestGroup group(*store, "billing");

  const Entry entry = group.EntryOf(Orders(0));
  CHECK(entry.position == Position(9'007'199'254'740'993));
  CHECK(entry.leader_epoch == 7);
  CHECK(entry.topic_id == "AAAAAAAAAAAAAAAAAAAAAQ");
  CHECK(entry.cluster_id == "cluster-1");
  CHECK(entry.metadata == std::string("bin\0ary", 7));
  CHECK(entry.commit_time == Time(std::chrono::milliseconds(1'767'323'045'678)));
  CHECK(entry.writer == "member payments-1 (host db3, pid 4242)");

  const std::optional<ClaimView> claim = group.ClaimOf(Orders(0));
  REQUIRE(claim);
  CHECK(claim->token.counter == 3);
  CHECK(claim->token.nonce.Hex() == "00112233445566778899aabbccddeeff");
  CHECK(claim->owner.name == "payments 1");
  CHECK(claim->owner.process == "boot/ns/4242/99");
  CHECK_FALSE(claim->released);

  CHECK(group.PositionOf(Orders(1)) == std::nullopt);
  CHECK(group.MustClaim(Orders(1)).counter == 6);  // one more than the tombstone's
  CHECK(group.Commit(Advance(Orders(0), std::numeric_limits<std::int64_t>::max(), claim->token)) ==
        OutcomeCode::kApplied);
}

TEST_CASE("opening changes no byte of what is stored") {
  const Fixture fixture("format-1.db");
  const auto rows = [&fixture] {
    return Ask(fixture.path,
               "SELECT group_concat(quote(topic) || part || quote(position) || counter)"
               " FROM offsetstore_positions") +
           Ask(fixture.path, "SELECT group_concat(key || value) FROM offsetstore_meta") +
           Ask(fixture.path, "SELECT group_concat(sql) FROM sqlite_master");
  };
  const std::string before = rows();
  MustOpen(At(fixture.path));
  CHECK(rows() == before);
}

TEST_CASE("a newer format is refused as it is, with what to do") {
  const Fixture fixture("format-1.db");
  Connect(fixture.path).exec("UPDATE offsetstore_meta SET value = '2' WHERE key = 'format'");
  const Error error = OpenError(At(fixture.path));
  CHECK(error.code == ErrorCode::kUnsupported);
  CHECK(Says(error, "newer release"));
  CHECK(Ask(fixture.path, "SELECT value FROM offsetstore_meta WHERE key = 'format'") == "2");
  CHECK_FALSE(std::filesystem::exists(fixture.folder / "offsets.db-offsetstore.lock"));
}

TEST_CASE("a format that is no number, or missing, is corrupt") {
  const Fixture fixture("format-1.db");
  for (const char* value : {"'x'", "'0'", "'-1'", "'1e3'", "'99999999999999999999'"}) {
    CAPTURE(value);
    Connect(fixture.path)
        .exec(std::string("UPDATE offsetstore_meta SET value = ") + value +
              " WHERE key = 'format'");
    CHECK(OpenError(At(fixture.path)).code == ErrorCode::kCorrupt);
  }
  Connect(fixture.path).exec("DELETE FROM offsetstore_meta WHERE key = 'format'");
  CHECK(OpenError(At(fixture.path)).code == ErrorCode::kCorrupt);
}

TEST_CASE("an owner comes back whole, whatever its names hold") {
  const TempDir folder;
  const auto store = MustOpen(At(folder / "offsets.db"));
  const TestGroup group(*store, "g");
  Owner by = Member("a b%20c\nd\xff 100% ");
  by.kind = Owner::Kind::kOperator;
  by.host = "";
  by.pid = -1;
  by.process = "boot/ns/1/2";
  by.member_id = "consumer-\xc3\xa9";
  by.cluster_id = " ";
  by.since = Time(std::chrono::milliseconds(-5));
  static_cast<void>(group.MustClaim(Orders(0), by));
  const std::optional<ClaimView> claim = group.ClaimOf(Orders(0));
  REQUIRE(claim);
  CHECK(claim->owner == by);
}

}  // namespace
}  // namespace offsetstore::testing
