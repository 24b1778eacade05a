// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "table.h"

#include <doctest/doctest.h>

#include "files.h"

namespace offsetstore::cli {
namespace {

Screen Wide(std::size_t columns) {
  return {false, columns, 0};
}

Report OddCells() {
  Report report;
  report.columns = {"group", "topic", "partition", "position", "writer", "error"};
  report.rows = {{{"group", "a"}, {"topic", "x\ny"}, {"partition", 0}, {"position", 7}},
                 {{"group", ""}, {"topic", "\x1b[31m"}, {"partition", 10}, {"error", "gone"}}};
  return report;
}

Report Long() {
  Report report;
  report.columns = {"group", "topic", "partition", "position", "commit_time", "metadata", "writer"};
  report.rows = {{{"group", "payments"},
                  {"topic", "orders"},
                  {"partition", 0},
                  {"position", 42},
                  {"commit_time", "2026-01-02T03:04:05Z"},
                  {"metadata", "m\xc3\xbc"},
                  {"writer", "member billing@host-with-a-name/1234"}},
                 {{"group", "payments"},
                  {"topic", "orders"},
                  {"partition", 1},
                  {"position", 43},
                  {"commit_time", "2026-01-02T03:04:06Z"}}};
  return report;
}

TEST_CASE("a table aligns, escapes control characters and leaves out empty columns") {
  CHECK(RenderTable(OddCells(), {}) ==
        "GROUP  TOPIC     PARTITION  POSITION  ERROR\n"
        "a      x\\x0ay            0         7  -\n"
        "       \\x1b[31m         10         -  gone\n");
}

TEST_CASE("a table is coloured in its header only, and only when asked to") {
  const std::string coloured = RenderTable(OddCells(), {true, 0, 0});
  CHECK(coloured.rfind("\x1b[1mGROUP", 0) == 0);
  CHECK(coloured.rfind('\x1b') == coloured.find("\x1b[0m\n"));
  CHECK(RenderTable(OddCells(), {}).rfind("GROUP", 0) == 0);
}

TEST_CASE("columns that a screen has no room for stand below their row, by name") {
  CHECK(RenderTable(Long(), Wide(62)) ==
        "GROUP     TOPIC   PARTITION  POSITION  COMMIT TIME\n"
        "payments  orders          0        42  2026-01-02T03:04:05Z\n"
        "    metadata m\xc3\xbc, writer member billing@host-with-a-name/1234\n"
        "payments  orders          1        43  2026-01-02T03:04:06Z\n");
  CHECK(RenderTable(Long(), Wide(50)) ==
        "GROUP     TOPIC   PARTITION  POSITION\n"
        "payments  orders          0        42\n"
        "    commit time 2026-01-02T03:04:05Z, metadata m\xc3\xbc,\n"
        "    writer member billing@host-with-a-name/1234\n"
        "payments  orders          1        43\n"
        "    commit time 2026-01-02T03:04:06Z\n");
}

TEST_CASE("what fits, and what goes to no terminal, stays in one line") {
  const std::string whole = RenderTable(Long(), {});
  CHECK(testing::Lines(whole).size() == 3);
  std::size_t widest = 0;
  for (const std::string& line : testing::Lines(whole)) widest = std::max(widest, line.size());
  CHECK(RenderTable(Long(), Wide(widest)) == whole);
  CHECK(testing::Lines(RenderTable(Long(), Wide(10))).size() > 3);
}

TEST_CASE("a screen shows as many lines as it has, and how many more there are") {
  const std::string five = "1\n2\n3\n4\n5\n";
  CHECK(FirstLines(five, 0) == five);
  CHECK(FirstLines(five, 6) == five);
  CHECK(FirstLines(five, 5) ==
        "1\n2\n3\n... 2 more lines; a larger terminal, or get, shows them\n");
  CHECK(FirstLines(five, 1) == "... 5 more lines; a larger terminal, or get, shows them\n");
}

}  // namespace
}  // namespace offsetstore::cli
