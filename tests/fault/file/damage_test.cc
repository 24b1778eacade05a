// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Whatever of a file is missing or changed: it opens as some earlier committed state, counted, or
// it is refused. Never a crash, never a state that did not exist.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "file_test.h"

namespace offsetstore::testing {
namespace {

/// A small file with every kind of line, and every state it went through.
struct History {
  FileFolder folder;
  std::set<std::string> states{""};
  std::string content;

  History() {
    auto store = folder.OpenQuick();
    const TestGroup group = GroupOf(*store);
    const auto note = [&] { states.insert(StateOf(*store)); };
    const auto claim = group.MustClaim(Part(0));
    note();
    group.Commit(WithMetadata(Advance(Part(0), 5, claim), "a\tb\xFF"));
    note();
    MustCommitAll(group, std::vector{Set(Part(1), 10), Set(Part(2), 20), Set(Part(3), 30)});
    note();
    group.Commit(Advance(Part(0), 6, claim));
    note();
    group.Release(Part(0), claim);
    note();
    group.Remove(Part(2));
    note();
    group.Commit(Set(Part(0), 2));
    note();
    content = ReadFile(folder.Log());
  }

  /// What a fresh store says about that content, first by reading, then by writing.
  std::string Check(const std::string& changed) {
    WriteFile(folder.Log(), changed);
    auto store = folder.OpenQuick();
    std::string state = StateOf(*store);
    if (state == "Corrupt" || state == "Unsupported") {
      CHECK(ReadFile(folder.Log()) == changed);
      return state;
    }
    CHECK_MESSAGE(states.count(state) == 1, state);
    const std::uint64_t cut_before = folder.options.stats->torn_tails_cut;
    const Answer written = GroupOf(*store).Commit(Set(Part(9), 1));
    CHECK(written.Ok());
    auto again = folder.OpenQuick();
    const std::string after = StateOf(*again);
    CHECK(after == (state.empty() ? "9=1" : state + " 9=1"));
    return folder.options.stats->torn_tails_cut > cut_before ? "cut" : "whole";
  }
};

TEST_CASE("every prefix of a file is an earlier state or refused") {
  History history;
  std::size_t cut = 0;
  std::size_t whole = 0;
  for (std::size_t size = 0; size < history.content.size(); ++size) {
    CAPTURE(size);
    const std::string result = history.Check(history.content.substr(0, size));
    cut += result == "cut" ? 1U : 0U;
    whole += result == "whole" ? 1U : 0U;
  }
  // At a line end nothing shows that more was there; elsewhere the loss is counted.
  CHECK(whole >= 5);
  CHECK(cut > 300);
}

TEST_CASE("every single-byte damage is an earlier state, counted, or refused") {
  History history;
  std::size_t refused = 0;
  std::size_t cut = 0;
  for (std::size_t at = 0; at < history.content.size(); ++at) {
    for (const unsigned flip : {0x01U, 0x80U}) {
      CAPTURE(at);
      CAPTURE(flip);
      std::string damaged = history.content;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ flip);
      const std::string result = history.Check(damaged);
      CHECK(result != "whole");
      (result == "cut" ? cut : refused) += 1;
    }
  }
  CHECK(refused > cut);
  CHECK(cut > 100);
}

TEST_CASE("a line that is gone from the middle is damage") {
  History history;
  std::vector<std::string> lines = LinesOf(history.content);
  lines.erase(lines.begin() + 3);
  std::string damaged;
  for (const std::string& line : lines) damaged += line + '\n';
  CHECK(history.Check(damaged) == "Corrupt");
}

TEST_CASE("damage below the durable mark is refused with file and line, and a copy is kept") {
  History history;
  std::string damaged = history.content;
  const std::size_t third_line = damaged.find('\n', damaged.find('\n') + 1) + 1;
  damaged[third_line + 4] = '~';
  WriteFile(history.folder.Log(), damaged);
  auto store = history.folder.OpenQuick();

  const Error read = FetchError(*store);
  CHECK(read.code == ErrorCode::kCorrupt);
  CHECK(read.message.find(history.folder.Log().string() + ": line 3 is damaged") !=
        std::string::npos);
  CHECK(read.message.find("RepairGroupFile") != std::string::npos);
  CHECK(history.folder.FilesWith("damaged").empty());

  const Answer written = GroupOf(*store).Commit(Set(Part(0), 1));
  CHECK(written == ErrorCode::kCorrupt);
  REQUIRE(history.folder.FilesWith("damaged").size() == 1);
  CHECK(ReadFile(history.folder.FilesWith("damaged").front()) == damaged);
  CHECK(ReadFile(history.folder.Log()) == damaged);

  auto other = history.folder.OpenQuick();
  CHECK(GroupOf(*other).Commit(Set(Part(0), 1)) == ErrorCode::kCorrupt);
  CHECK(history.folder.FilesWith("damaged").size() == 1);
  CHECK(TestGroup(*store, "another group").Commit(Set(Part(0), 1)).Ok());
}

TEST_CASE("a torn tail is passed over by readers and cut by the next writer, which notes it") {
  History history;
  const std::string torn = history.content + "99\t98\t99\tcommit\torders\t0\t77\tby=x";
  WriteFile(history.folder.Log(), torn);
  auto store = history.folder.OpenQuick();
  CHECK(StateOf(*store) == "0=2 1=10 3=30");
  CHECK(ReadFile(history.folder.Log()) == torn);
  auto report = CheckGroupFile(history.folder.options, "g");
  REQUIRE(report);
  CHECK(report->torn_bytes == torn.size() - history.content.size());
  CHECK_FALSE(report->damage);

  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 3)).Ok());
  CHECK(history.folder.options.stats->torn_tails_cut == 1);
  report = CheckGroupFile(history.folder.options, "g");
  REQUIRE(report);
  CHECK(report->tails_cut == 1);
  CHECK(report->torn_bytes == 0);
  const auto lines = LinesOf(ReadFile(history.folder.Log()));
  CHECK(lines.at(lines.size() - 2).find("\tcut\t") != std::string::npos);
}

TEST_CASE("a cut is on the disk before anything is written behind it") {
  // Otherwise a power cut could bring whole lines of the old tail back behind the new ones.
  FileFolder folder;
  FaultFileSystem fs;
  REQUIRE(GroupOf(*folder.OpenQuick()).Commit(Set(Part(0), 1)).Ok());
  WriteFile(folder.Log(), ReadFile(folder.Log()) + "half a line");
  auto store = folder.OpenOn(fs);
  const std::size_t before = fs.Steps().size();
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 2)).Ok());
  auto steps = fs.Steps();
  steps.erase(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(before));
  CHECK(steps == std::vector<std::string>{"truncate", "sync", "write", "sync", "sync-data"});
}

TEST_CASE("a batch whose last line is missing counts for nothing") {
  FileFolder folder;
  auto store = folder.OpenQuick();
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  const std::string before = ReadFile(folder.Log());
  MustCommitAll(GroupOf(*store), std::vector{Set(Part(1), 1), Set(Part(2), 2)});
  const std::string after = ReadFile(folder.Log());
  REQUIRE(after.starts_with(before));
  const std::size_t first_line_end = after.find('\n', before.size()) + 1;
  WriteFile(folder.Log(), after.substr(0, first_line_end));
  auto later = folder.OpenQuick();
  CHECK(StateOf(*later) == "0=1");
  REQUIRE(GroupOf(*later).Commit(Set(Part(5), 5)).Ok());
  CHECK(StateOf(*later) == "0=1 5=5");
}

TEST_CASE("lines of two batches are never joined to one") {
  FileFolder folder;
  auto store = folder.OpenQuick();
  REQUIRE(GroupOf(*store).Commit(Set(Part(0), 1)).Ok());
  const std::string start = ReadFile(folder.Log());
  const auto batch = [&](std::int64_t to) {
    WriteFile(folder.Log(), start);
    auto writer = folder.OpenQuick();
    MustCommitAll(GroupOf(*writer), std::vector{Set(Part(1), to), Set(Part(2), to)});
    return LinesOf(ReadFile(folder.Log()).substr(start.size()));
  };
  const auto old_lines = batch(7);
  const auto new_lines = batch(8);
  WriteFile(folder.Log(), start + old_lines.at(0) + '\n' + new_lines.at(1) + '\n');
  auto reader = folder.OpenQuick();
  CHECK(StateOf(*reader) == "0=1");
}

}  // namespace
}  // namespace offsetstore::testing
