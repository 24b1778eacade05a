// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/lag.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "log_fixture.h"
#include "offsetstore/migration/cached_logs.h"

namespace offsetstore::migration {
namespace {

using testing::FakeCluster;
using testing::Soon;
using testing::StoreWith;

std::vector<LagRow> RowsOf(OffsetStore& store, LogView& logs, const Selection& selection = {}) {
  auto reads = store.Fetch("g", selection, Soon());
  REQUIRE(reads);
  return LagOf(*std::move(reads), logs, Soon());
}

TEST_CASE("lag is what is left in the log, whatever the position is") {
  FakeCluster cluster;
  cluster.Put({"t", 0}, 10, 100);
  cluster.Put({"t", 1}, 10, 100);
  cluster.Put({"t", 2}, 10, 100);
  const auto store = StoreWith(
      "g", {{{"t", 0}, 40}, {{"t", 1}, 3}, {{"t", 2}, 101}, {{"t", 3}, 1}, {{"gone", 0}, 1}});
  const auto rows = RowsOf(*store, cluster);
  REQUIRE(rows.size() == 5);
  CHECK(rows[0].note == "there is no topic 'gone' in the cluster");
  CHECK_FALSE(rows[0].lag);
  CHECK_FALSE(rows[0].error);
  CHECK(rows[1].lag == 60);
  CHECK(rows[1].note.empty());
  CHECK(rows[2].lag == 90);
  CHECK(rows[2].note == "before the log's start");
  CHECK(rows[3].lag == 0);
  CHECK(rows[3].note == "beyond the log's end");
  CHECK(rows[4].note == "topic 't' has no partition 3, but 3 partitions");
  // Each topic is asked for once.
  CHECK(cluster.topic_calls == 2);
}

TEST_CASE("a partition without a position has a log and no lag") {
  FakeCluster cluster;
  cluster.Put({"t", 0}, 0, 9);
  const auto store = StoreWith("g", {{{"t", 1}, 1}});
  const Selection one{.partitions = {{"t", 0}}, .topics = {}};
  const auto rows = RowsOf(*store, cluster, one);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].log == LogRange{Position(0), Position(9)});
  CHECK_FALSE(rows[0].lag);
}

TEST_CASE("a log that cannot be asked is an error of its partition, and asked again") {
  FakeCluster cluster;
  cluster.Put({"t", 0}, 0, 9);
  cluster.topics["t"].insert_or_assign(1, MakeError(ErrorCode::kUnavailable, "leader is down"));
  const auto store = StoreWith("g", {{{"t", 0}, 4}, {{"t", 1}, 4}});
  const auto rows = RowsOf(*store, cluster);
  CHECK(rows[0].lag == 5);
  REQUIRE(rows.size() == 2);
  REQUIRE(rows[1].error);
  CHECK(rows[1].error->message == "leader is down");
  CHECK(cluster.topic_calls == 2);
}

TEST_CASE("the largest lag comes first, none last") {
  std::vector<LagRow> rows(4);
  rows[0].read.at = {"a", 0};
  rows[1].read.at = {"b", 0};
  rows[1].lag = 5;
  rows[2].read.at = {"c", 0};
  rows[2].lag = 0;
  rows[3].read.at = {"d", 0};
  rows[3].lag = 7;
  std::stable_sort(rows.begin(), rows.end(), LagsMore);
  std::string order;
  for (const LagRow& row : rows) order += row.read.at.topic;
  CHECK(order == "dbca");
}

}  // namespace
}  // namespace offsetstore::migration
