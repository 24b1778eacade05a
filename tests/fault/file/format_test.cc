// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Fixtures of every format that a release ever wrote stay here and must be read for ever.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "file_test.h"

namespace offsetstore::testing {
namespace {

/// A copy of the folder that format 1 was fixed with.
struct Version1 {
  FileFolder folder;

  Version1() {
    std::filesystem::copy(std::filesystem::path(OFFSETSTORE_FIXTURES) / "v1",
                          folder.options.folder,
                          std::filesystem::copy_options::recursive);
    std::filesystem::permissions(folder.options.folder, std::filesystem::perms::owner_all);
    std::filesystem::permissions(folder.Groups(), std::filesystem::perms::owner_all);
  }
};

TEST_CASE("format 1 is read whole: positions, claims, tombstones and every column") {
  const Version1 fixture;
  auto store = fixture.folder.Open();
  CHECK(store->Info().store_id == "5f0c1d2e3a4b5c6d7e8f901234567890");
  const TestGroup group(*store, "payments");

  const Entry entry = group.EntryOf({"orders", 0});
  CHECK(entry.position == Position(9223372036854775807));
  CHECK(entry.leader_epoch == 7);
  CHECK(entry.topic_id == "MkTRbHTqSPmFPLdlQYCYaw");
  CHECK(entry.cluster_id == "prod-eu");
  CHECK(entry.metadata == "tab\there, line\nend, back\\slash, byte \xFF, \xC3\xBC");
  CHECK(ToString(*entry.commit_time) == "2026-01-02T03:04:05.678Z");
  CHECK(entry.writer == "member payments-1 (host db3, pid 4242)");

  const auto held = group.ClaimOf({"orders", 0});
  REQUIRE(held);
  CHECK(held->token.counter == 3);
  CHECK(held->token.nonce.Hex() == "00112233445566778899aabbccddeeff");
  CHECK_FALSE(held->released);
  CHECK(held->owner.kind == Owner::Kind::kMember);
  CHECK(held->owner.name == "payments-1");
  CHECK(held->owner.host == "db3");
  CHECK(held->owner.pid == 4242);
  CHECK(held->owner.process == "boot/4026531836/4242/99");
  CHECK(held->owner.member_id == "rdkafka-1");
  CHECK(held->owner.cluster_id == "prod-eu");
  CHECK(ToString(held->owner.since) == "2026-01-02T03:00:00.000Z");

  CHECK(group.PositionOf({"orders", 1}) == 12);
  REQUIRE(group.ClaimOf({"orders", 1}));
  CHECK(group.ClaimOf({"orders", 1})->released);
  CHECK(group.PositionOf({"orders", 2}) == std::nullopt);
  CHECK(group.ClaimOf({"orders", 2}) == std::nullopt);
  CHECK(group.PositionOf({"", 3}) == 0);
  CHECK(group.PositionOf({"a b", 2147483647}) == 1);
  CHECK(group.All().size() == 4);
  CHECK(group.MustClaim({"orders", 2}).counter == 6);
}

TEST_CASE("format 1 is written on: opening upgrades nothing") {
  const Version1 fixture;
  const std::string before = ReadFile(fixture.folder.Log("payments"));
  auto store = fixture.folder.Open();
  static_cast<void>(TestGroup(*store, "payments").All());
  CHECK(ReadFile(fixture.folder.Log("payments")) == before);
  REQUIRE(TestGroup(*store, "payments").Commit(Set({"orders", 1}, 13)).Ok());
  const std::string after = ReadFile(fixture.folder.Log("payments"));
  CHECK(after.starts_with(before));
  CHECK(LinesOf(after).size() == LinesOf(before).size() + 1);
}

TEST_CASE("a commit is one readable line") {
  FileFolder folder;
  auto store = folder.Open();
  const ClaimToken claim = GroupOf(*store).MustClaim(Part(3));
  REQUIRE(GroupOf(*store).Commit(Advance(Part(3), 1234, claim)).Ok());
  const auto lines = LinesOf(ReadFile(folder.Log()));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("offsetstore-file\t1\tid="));
  CHECK(lines[1].starts_with("1\t1\t1\tkeep\torders\t3\t-\tclaim=1\tnonce="));
  CHECK(lines[2].starts_with("2\t1\t2\tcommit\torders\t3\t1234\ttime="));
}

TEST_CASE("the example of the format page is a file that opens") {
  const std::string page = ReadFile(OFFSETSTORE_FORMAT_PAGE);
  const std::size_t from = page.find("```\noffsetstore-file\t1\t") + 4;
  const std::string example = page.substr(from, page.find("```", from) - from);
  const Version1 fixture;
  WriteFile(fixture.folder.Log("payments"), example);
  auto store = fixture.folder.Open();
  const TestGroup group(*store, "payments");
  CHECK(group.PositionOf(Part(3)) == 1251);
  CHECK(group.PositionOf(Part(4)) == 77);
  CHECK(group.ClaimOf(Part(3))->owner.name == "payments-1");
}

// The command of the format page, on line `$1` of file `$2`.
constexpr const char* kChecksumByGzip =
    R"(sed -n "$1p" "$2" | sed 's/\t[0-9a-f]*$//' | tr -d '\n' | gzip -c | tail -c 8 | od -An -tx4 -N4)";

TEST_CASE("gzip computes the checksum of every line") {
  CHECK(ReadFile(OFFSETSTORE_FORMAT_PAGE).find("| tr -d '\\n' | gzip -c | tail -c 8") !=
        std::string::npos);
  const Version1 fixture;
  const std::filesystem::path log = fixture.folder.Log("payments");
  const auto lines = LinesOf(ReadFile(log));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string command = std::string("set -- ") + std::to_string(i + 1) + ' ' +
                                log.string() + "; " + kChecksumByGzip;
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    REQUIRE(pipe);
    std::array<char, 32> said{};
    REQUIRE(std::fgets(said.data(), said.size(), pipe.get()) != nullptr);
    CHECK(said.data() == " " + lines[i].substr(lines[i].size() - 8) + "\n");
  }
}

TEST_CASE("a check counts the cuts of a file and of those before it") {
  const Version1 fixture;
  const auto report = CheckGroupFile(fixture.folder.options, "payments");
  REQUIRE(report);
  CHECK_FALSE(report->damage);
  CHECK(report->torn_bytes == 0);
  CHECK(report->tails_cut == 2);
}

}  // namespace
}  // namespace offsetstore::testing
