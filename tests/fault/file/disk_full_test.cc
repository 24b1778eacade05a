// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <csignal>

#include <cerrno>
#include <string>

#include "file_test.h"

namespace offsetstore::testing {
namespace {

void CheckFull(const Answer& answer) {
  REQUIRE(answer == ErrorCode::kUnavailable);
  CHECK(answer.error->retry == Retry::kSafe);
  CHECK(answer.error->message.find("nothing was applied; free space") != std::string::npos);
}

TEST_CASE("a disk that is full at any byte of an append leaves what was there, and says so") {
  for (std::size_t bytes = 0; bytes < 80; bytes += 5) {
    CAPTURE(bytes);
    FileFolder folder;
    FaultFileSystem fs;
    auto store = folder.OpenOn(fs);
    REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
    const std::string before = ReadFile(folder.Log());
    fs.LimitWrites(bytes, ENOSPC);
    CheckFull(GroupOf(*store).Commit(Set(Part(0), 2)));
    CHECK(ReadFile(folder.Log()) == before);
    CHECK(StateOf(*store) == "0=1");
    fs.Mend();
    CHECK(GroupOf(*store).Commit(Set(Part(0), 3)).Ok());
    CHECK(StateOf(*folder.OpenQuick()) == "0=3");
    CHECK(folder.options.stats->torn_tails_cut == 0);
  }
}

TEST_CASE("a batch that does not fit is refused whole") {
  FileFolder folder;
  FaultFileSystem fs;
  auto store = folder.OpenOn(fs);
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  fs.LimitWrites(600, ENOSPC);
  std::vector<Move> moves;
  for (std::int32_t i = 0; i < 10; ++i) moves.push_back(Set(Part(i), 5));
  for (const Answer& answer : GroupOf(*store).CommitAll(moves)) CheckFull(answer);
  CHECK(StateOf(*store) == "0=1");
}

TEST_CASE("where the part cannot be cut away, the next commit cuts it") {
  FileFolder folder;
  FaultFileSystem fs;
  auto store = folder.OpenOn(fs);
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  fs.LimitWrites(20, ENOSPC);
  fs.Fail("truncate", EIO);
  CheckFull(GroupOf(*store).Commit(Set(Part(0), 2)));
  CHECK(StateOf(*store) == "0=1");
  CHECK_FALSE(GroupOf(*store).Commit(Set(Part(0), 2)).Ok());
  fs.Mend();
  CHECK(GroupOf(*store).Commit(Set(Part(0), 3)).Ok());
  CHECK(folder.options.stats->torn_tails_cut == 1);
  CHECK(StateOf(*folder.OpenQuick()) == "0=3");
}

TEST_CASE(
    "a write whose part can neither be finished nor cut away for another reason is in doubt") {
  FileFolder folder;
  FaultFileSystem fs;
  auto store = folder.OpenOn(fs);
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  fs.LimitWrites(20, EIO);
  fs.Fail("truncate", EIO);
  CHECK(GroupOf(*store).Commit(Set(Part(0), 2)) == ErrorCode::kInDoubt);
}

TEST_CASE("a new group on a full disk leaves nothing behind") {
  FileFolder folder;
  FaultFileSystem fs;
  auto store = folder.OpenOn(fs);
  fs.LimitWrites(30, ENOSPC);
  CheckFull(GroupOf(*store).Commit(Set(Part(0), 2)));
  CHECK(StateOf(*store).empty());
  CHECK(folder.FilesWith(".log").empty());
  CHECK(folder.FilesWith(".tmp-").empty());
}

TEST_CASE("a file size limit is told like a full disk") {
  FileFolder folder;
  Forked child([&](int /*out*/) {
    ::signal(SIGXFSZ, SIG_IGN);
    auto store = folder.Open();
    if (!GroupOf(*store).Commit(Set(Part(0), 1)).Ok()) return 1;
    const rlimit limit{1500, 1500};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
    for (std::int64_t to = 2; to < 100; ++to) {
      const Answer answer = GroupOf(*store).Commit(Set(Part(0), to));
      if (answer.Ok()) continue;
      const bool told = answer == ErrorCode::kUnavailable &&
                        answer.error->message.find("file size limit") != std::string::npos;
      return told && GroupOf(*store).PositionOf(Part(0)) == to - 1 ? 0 : 3;
    }
    return 4;
  });
  CHECK(child.Wait() == 0);
  CHECK(StateOf(*folder.Open()).starts_with("0="));
}

}  // namespace
}  // namespace offsetstore::testing
