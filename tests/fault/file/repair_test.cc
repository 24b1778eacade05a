// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "file_test.h"
#include "internal/flock.h"

namespace offsetstore::testing {
namespace {

/// A group with a held claim, four positions and one damaged line, `line`.
struct Damaged {
  FileFolder folder;
  ClaimToken claim;
  std::string content;

  explicit Damaged(std::size_t line) {
    auto store = folder.Open();
    claim = GroupOf(*store).MustClaim(Part(0));
    for (std::int64_t to = 1; to <= 4; ++to) {
      REQUIRE(GroupOf(*store).Commit(Advance(Part(0), to, claim)).Ok());
    }
    REQUIRE(GroupOf(*store).Commit(Set(Part(1), 9)).Ok());
    REQUIRE(GroupOf(*store).Remove(Part(1)).Ok());
    content = ReadFile(folder.Log());
    std::size_t at = 0;
    for (std::size_t i = 1; i < line; ++i) at = content.find('\n', at) + 1;
    content[at + 8] = '#';
    WriteFile(folder.Log(), content);
  }
};

TEST_CASE("a repair keeps every whole line and a copy, and goes back where it must") {
  const Damaged damaged(6);
  CHECK(GroupOf(*damaged.folder.Open()).Commit(Set(Part(5), 1)) == ErrorCode::kCorrupt);
  const auto report = RepairGroupFile(damaged.folder.options, "g", Soon());
  REQUIRE(report);
  CHECK(report->lines_dropped == 1);
  CHECK(report->lines_kept == 6);
  CHECK(report->path == damaged.folder.Log());
  CHECK(ReadFile(report->copy) == damaged.content);
  auto store = damaged.folder.Open();
  // Position 4 was in the damaged line: records are processed again, none is skipped.
  CHECK(GroupOf(*store).PositionOf(Part(0)) == 3);
  CHECK(GroupOf(*store).PositionOf(Part(1)) == std::nullopt);
  CHECK(GroupOf(*store).Commit(Set(Part(0), 4)).Ok());
}

TEST_CASE(
    "after a repair no claim from before it can commit, though its line may be the lost one") {
  const Damaged damaged(3);
  REQUIRE(RepairGroupFile(damaged.folder.options, "g", Soon()));
  auto store = damaged.folder.Open();
  CHECK(GroupOf(*store).Commit(Advance(Part(0), 5, damaged.claim)) == OutcomeCode::kFenced);
  const auto view = GroupOf(*store).ClaimOf(Part(0));
  REQUIRE(view);
  CHECK(view->released);
  CHECK(view->owner.kind == Owner::Kind::kOperator);
  CHECK(view->token.counter > damaged.claim.counter + 1);
  CHECK(GroupOf(*store).MustClaim(Part(1)).counter > view->token.counter);
}

TEST_CASE("a store that was open goes on after the repair") {
  FileFolder folder;
  auto store = folder.Open();
  for (std::int64_t to = 1; to <= 4; ++to) REQUIRE(GroupOf(*store).Commit(Set(Part(0), to)).Ok());
  std::string content = ReadFile(folder.Log());
  const std::string whole = content;
  content[content.find('\n') + 5] = '#';
  WriteFile(folder.Log(), content);
  REQUIRE(RepairGroupFile(folder.options, "g", Soon()));
  CHECK(GroupOf(*store).PositionOf(Part(0)) == 4);
  CHECK(GroupOf(*store).Commit(Set(Part(0), 5)).Ok());
}

TEST_CASE("what is not damaged is not repaired") {
  FileFolder folder;
  REQUIRE(GroupOf(*folder.Open()).Commit(Set(Part(0), 1)).Ok());
  const std::string before = ReadFile(folder.Log());
  const auto repaired = RepairGroupFile(folder.options, "g", Soon());
  REQUIRE_FALSE(repaired);
  CHECK(repaired.error().code == ErrorCode::kInvalidArgument);
  CHECK(ReadFile(folder.Log()) == before);
  const auto none = RepairGroupFile(folder.options, "unknown", Soon());
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::kInvalidArgument);

  WriteFile(folder.Log(), "GIF89a");
  const auto foreign = RepairGroupFile(folder.options, "g", Soon());
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().code == ErrorCode::kCorrupt);
  CHECK(ReadFile(folder.Log()) == "GIF89a");
}

TEST_CASE("a repair waits for the lock, up to its deadline") {
  const Damaged damaged(3);
  auto lock = internal::LockFile::Open(damaged.folder.Groups() / "g.lock");
  REQUIRE(lock);
  REQUIRE(lock->Lock(Soon()));
  const auto report =
      RepairGroupFile(damaged.folder.options, "g", Deadline::After(std::chrono::milliseconds(20)));
  REQUIRE_FALSE(report);
  CHECK(report.error().code == ErrorCode::kDeadlineExceeded);
}

TEST_CASE("a check tells what is there without changing anything") {
  const Damaged damaged(3);
  const auto report = CheckGroupFile(damaged.folder.options, "g");
  REQUIRE(report);
  REQUIRE(report->damage);
  CHECK(report->damage->find("line 3") != std::string::npos);
  CHECK(report->lines == 1);
  CHECK(report->durable_mark == 6);
  CHECK(ReadFile(damaged.folder.Log()) == damaged.content);
  const auto none = CheckGroupFile(damaged.folder.options, "unknown");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::kInvalidArgument);
  FileFolder nowhere;
  const auto no_folder = CheckGroupFile(nowhere.options, "g");
  REQUIRE_FALSE(no_folder);
  CHECK(no_folder.error().code == ErrorCode::kConfigInvalid);
  CHECK_FALSE(std::filesystem::exists(nowhere.options.folder));
}

}  // namespace
}  // namespace offsetstore::testing
