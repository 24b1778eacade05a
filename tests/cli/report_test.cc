// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <doctest/doctest.h>

#include "table.h"

namespace offsetstore::cli {
namespace {

Report OddBytes() {
  Report report;
  report.head = {{"store", {{"scheme", "memory"}, {"space", "\xff"}}}};
  report.rows_name = "partitions";
  report.columns = {"group", "topic", "partition", "position", "writer", "error"};
  report.rows = {{{"group", "a,b"},
                  {"topic", "say \"hi\"\nthere"},
                  {"partition", 0},
                  {"position", 9223372036854775807}},
                 {{"group", ""}, {"topic", "\xff\x1b[31m"}, {"partition", 10}, {"error", "gone"}}};
  return report;
}

TEST_CASE("CSV quotes as RFC 4180 says and keeps bytes as they are") {
  CHECK(RenderCsv(OddBytes()) ==
        "group,topic,partition,position,writer,error\n"
        "\"a,b\",\"say \"\"hi\"\"\nthere\",0,9223372036854775807,,\n"
        ",\xff\x1b[31m,10,,,gone\n");
}

TEST_CASE("a row of one empty field is a row of CSV, not an empty line") {
  Report report;
  report.columns = {"group"};
  report.rows = {{{"group", ""}}, {{"group", "g"}}};
  CHECK(RenderCsv(report) == "group\n\"\"\ng\n");
}

TEST_CASE("JSON keeps 64 bits, tells missing from empty, and gives foreign bytes as hex") {
  const Json json = Json::parse(RenderJson(OddBytes()));
  const Json& first = json["partitions"][0];
  const Json& second = json["partitions"][1];
  CHECK(json["store"]["scheme"] == "memory");
  CHECK(json["store"]["space_hex"] == "ff");
  CHECK(first["position"].get<std::int64_t>() == 9223372036854775807);
  CHECK(first["topic"] == "say \"hi\"\nthere");
  CHECK(first["error"].is_null());
  CHECK(second["group"] == "");
  CHECK(second["topic"] == "\\xff\\x1b[31m");
  CHECK(second["topic_hex"] == "ff1b5b33316d");
}

TEST_CASE("an empty report is a header, or an empty list") {
  Report empty;
  empty.rows_name = "groups";
  empty.columns = {"group"};
  CHECK(RenderCsv(empty) == "group\n");
  CHECK(Json::parse(RenderJson(empty))["groups"].empty());
  CHECK(RenderTable(empty, {}) == "GROUP\n");
}

}  // namespace
}  // namespace offsetstore::cli
