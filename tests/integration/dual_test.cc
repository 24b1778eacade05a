// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A consumer whose positions are in two stores. Over librdkafka's mock cluster.
#include <doctest/doctest.h>

#include "mock_cluster.h"
#include "rig.h"

namespace offsetstore::testing {
namespace {

struct TwoStores {
  static constexpr int kRecords = 50;

  TwoStores() {
    cluster.CreateTopic("orders", 1);
    Produce(cluster.brokers(), at, kRecords);
    Use(SqliteUri(dir), FileUri(dir));
  }
  void Use(const std::string& primary, const std::string& secondary) {
    config = Basic("g", "memory:", cluster.brokers());
    config.erase("offsetstore.uri");
    config["assign"] = "orders:0";
    config["enable.partition.eof"] = "true";
    config["offsetstore.dual.primary"] = primary;
    config["offsetstore.dual.secondary"] = secondary;
  }
  [[nodiscard]] std::string OpenError() const {
    const auto consumer = Consumer::Open(ToProperties(config));
    if (consumer) return "(opened)";
    CHECK(consumer.error().code == ErrorCode::kConfigInvalid);
    return consumer.error().message;
  }

  TempDir dir;
  TopicPartition at{"orders", 0};
  MockCluster cluster;
  Config config;
};

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a consumer of two stores keeps its position in both") {
  TwoStores two;
  Member member(two.config);
  REQUIRE(member.WaitForCount(TwoStores::kRecords));
  REQUIRE(member.WaitForEnd());
  CHECK(member.Stop());
  for (const std::string& uri : {SqliteUri(two.dir), FileUri(two.dir)}) {
    CHECK(Stored(*OpenBeside(uri), "g", two.at) == TwoStores::kRecords);
  }
  const auto said = member.events().Wait(EventKind::kGuarantee);
  REQUIRE(said);
  CHECK(Contains(said->text, "dual sqlite"));
  CHECK(Contains(said->text, ", followed by file"));
  CHECK(member.events().Count(EventKind::kDrift) == 0);
}

TEST_CASE("drift is an event") {
  TwoStores two;
  REQUIRE(OperatorSet(*OpenBeside(SqliteUri(two.dir)), "g", two.at, 10).Ok());
  REQUIRE(OperatorSet(*OpenBeside(FileUri(two.dir)), "g", two.at, 30).Ok());
  Member member(two.config);
  REQUIRE(member.WaitForCount(TwoStores::kRecords - 10));
  const auto drift = member.events().Wait(EventKind::kDrift);
  REQUIRE(drift);
  CHECK(drift->at == two.at);
  CHECK(drift->position == Position(10));
  CHECK(ToString(*drift) ==
        "drift orders[0] 10: ahead, the secondary holds 30: the secondary held a later position; "
        "it goes back to the primary's");
  CHECK(Eventually([&] { return Contains(member.events().Text(), "drift orders[0] 10: healed"); }));
}

TEST_CASE("the consumer's own Kafka is a leg, on either side") {
  TwoStores two;
  for (const bool first : {true, false}) {
    two.Use(first ? "kafka:" : SqliteUri(two.dir), first ? SqliteUri(two.dir) : "kafka:");
    Member member(two.config);
    if (first) REQUIRE(member.WaitForCount(TwoStores::kRecords));
    REQUIRE(member.WaitForEnd());
    CHECK(member.Stop());
    CHECK(Stored(*OpenBeside(SqliteUri(two.dir)), "g", two.at) == TwoStores::kRecords);
    CHECK(member.Count() == (first ? TwoStores::kRecords : 0));
  }
  CHECK(Stored(*OpenBeside("kafka://" + two.cluster.brokers()), "g", two.at) ==
        TwoStores::kRecords);
}

TEST_CASE("two stores that cannot be joined are refused, each with its key") {
  TwoStores two;
  two.Use("kafka:", "kafka:");
  CHECK(Contains(two.OpenError(), "offsetstore.dual.secondary=kafka:: both stores are"));
  two.Use(SqliteUri(two.dir), SqliteUri(two.dir));
  CHECK(
      Contains(two.OpenError(), "offsetstore.dual.secondary: primary and secondary are the same"));
  two.Use("memory:", "dual:?primary=memory:&secondary=file:///x");
  CHECK(Contains(two.OpenError(), "two stores are joined, not more"));
  two.Use("memory:", "zookeper://h/x");
  CHECK(Contains(two.OpenError(), "offsetstore.dual.secondary"));
  two.Use("memory:", "kafka:");
  two.config["offsetstore.mirror"] = "kafka";
  CHECK(Contains(two.OpenError(), "offsetstore.mirror"));
  const MockCluster other;
  two.Use("memory:", "kafka://" + other.brokers());
  CHECK(Contains(two.OpenError(), "another cluster"));
}

}  // namespace
}  // namespace offsetstore::testing
