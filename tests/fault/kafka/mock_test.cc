// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The standalone store against a cluster that misbehaves on purpose.
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "leaks.h"
#include "mock_cluster.h"
#include "offsetstore/backends/kafka.h"

namespace offsetstore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kBound{20};

std::unique_ptr<OffsetStore> OpenOn(const MockCluster& cluster) {
  KafkaOptions options;
  options.brokers = cluster.brokers();
  auto store = OpenKafkaStore(options, Deadline::After(kBound));
  REQUIRE(store.has_value());
  return *std::move(store);
}

Move To(std::int32_t partition, std::int64_t position, Kind kind = Kind::kAdvance) {
  Move move;
  move.at = {"orders", partition};
  move.to = Position(position);
  move.kind = kind;
  return move;
}

Outcome Commit(OffsetStore& store, const Move& move, Duration bound = kBound) {
  const auto outcomes = store.Commit(
      "payments", std::vector{move}, Owner{}, Atomicity::kEach, Deadline::After(bound));
  REQUIRE(outcomes.has_value());
  REQUIRE(outcomes->size() == 1);
  return outcomes->front();
}

Slot Fetch(OffsetStore& store, std::int32_t partition) {
  auto reads =
      store.Fetch("payments", Selection{{{"orders", partition}}, {}}, Deadline::After(kBound));
  REQUIRE(reads.has_value());
  return reads->front().slot;
}

TEST_CASE("a coordinator that loads is waited for within the deadline") {
  MockCluster cluster;
  cluster.CreateTopic("orders", 4);
  const auto store = OpenOn(cluster);
  cluster.FailNext(MockCluster::kOffsetCommit, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 5);
  CHECK(Commit(*store, To(0, 7)).code == OutcomeCode::kApplied);
  CHECK(std::get<Entry>(Fetch(*store, 0)).position == Position(7));
}

TEST_CASE("a read is asked again where the coordinator moved") {
  MockCluster cluster;
  cluster.CreateTopic("orders", 4);
  const auto store = OpenOn(cluster);
  REQUIRE(Commit(*store, To(0, 7)).Ok());
  // Without a group, librdkafka's handle crashes on these (up to 2.16 at least).
  cluster.FailNext(MockCluster::kOffsetFetch, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, 2);
  cluster.FailNext(MockCluster::kOffsetFetch, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, 2);
  CHECK(std::get<Entry>(Fetch(*store, 0)).position == Position(7));
  cluster.FailNext(MockCluster::kOffsetCommit, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, 2);
  CHECK(Commit(*store, To(0, 8)).Ok());
}

TEST_CASE("a coordinator that never finishes loading has applied nothing, and says so in time") {
  MockCluster cluster;
  cluster.CreateTopic("orders", 4);
  const auto store = OpenOn(cluster);
  cluster.FailNext(
      MockCluster::kOffsetCommit, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 1000);
  const auto before = std::chrono::steady_clock::now();
  const Outcome outcome = Commit(*store, To(0, 7), milliseconds(700));
  CHECK(std::chrono::steady_clock::now() - before < seconds(5));
  REQUIRE(outcome.code == OutcomeCode::kFailed);
  CHECK((outcome.error->code == ErrorCode::kUnavailable ||
         outcome.error->code == ErrorCode::kInDoubt));
}

TEST_CASE("a commit without an answer is in doubt, in time, and closing is bounded after it") {
  MockCluster cluster;
  cluster.CreateTopic("orders", 4);
  const auto store = OpenOn(cluster);
  REQUIRE(Commit(*store, To(0, 1)).Ok());
  // The read before the write must pass: only the answer to the write is late.
  cluster.FailNext(MockCluster::kOffsetCommit, RD_KAFKA_RESP_ERR__TRANSPORT, 1000);
  const auto before = std::chrono::steady_clock::now();
  const Outcome outcome = Commit(*store, To(0, 2), milliseconds(1500));
  REQUIRE(outcome.code == OutcomeCode::kFailed);
  CHECK(outcome.error->code == ErrorCode::kInDoubt);
  CHECK(outcome.error->retry == Retry::kAfterNewClaim);
  CHECK(store->Close(Deadline::After(seconds(1))).has_value());
  CHECK(std::chrono::steady_clock::now() - before < seconds(8));
}

TEST_CASE("a slow cluster makes reads and listings end by their deadline") {
  MockCluster cluster;
  cluster.CreateTopic("orders", 4);
  const auto store = OpenOn(cluster);
  cluster.Delay(seconds(30));
  const auto before = std::chrono::steady_clock::now();
  const auto reads = store->Fetch("payments",
                                  Selection{{{"orders", 0}, {"orders", 1}}, {}},
                                  Deadline::After(milliseconds(400)));
  REQUIRE(reads.has_value());
  for (const Read& read : *reads) {
    CHECK(std::get<Error>(read.slot).code == ErrorCode::kDeadlineExceeded);
  }
  const Outcome outcome = Commit(*store, To(0, 2), milliseconds(400));
  REQUIRE(outcome.code == OutcomeCode::kFailed);
  // Nothing was sent: the read before the write did not come back.
  CHECK(outcome.error->code == ErrorCode::kDeadlineExceeded);
  CHECK_FALSE(store->Fetch("payments", {}, Deadline::After(milliseconds(400))).has_value());
  CHECK(store->Close(Deadline::After(seconds(1))).has_value());
  CHECK(std::chrono::steady_clock::now() - before < seconds(10));
}

TEST_CASE("removing is refused where librdkafka would abort the process") {
  MockCluster cluster;
  cluster.CreateTopic("orders", 4);
  const auto store = OpenOn(cluster);
  REQUIRE(Commit(*store, To(0, 7)).Ok());
  const std::vector<Removal> removals = {{{"orders", 0}, Any{}, {}}};
  const auto outcomes = store->Remove("payments", removals, Owner{}, Deadline::After(kBound));
  REQUIRE_FALSE(outcomes.has_value());
  CHECK(outcomes.error().code == ErrorCode::kUnsupported);
  CHECK(outcomes.error().message.find("admin-delete=true") != std::string::npos);
  CHECK(std::get<Entry>(Fetch(*store, 0)).position == Position(7));
}

TEST_CASE("a cluster that cannot list its groups says so") {
  MockCluster cluster;
  // Refused so, librdkafka (2.0.2) never gives back one queue of its handle.
  const auto store = [&cluster] {
    [[maybe_unused]] const LeakAllowed allowed;
    return OpenOn(cluster);
  }();
  const auto page = store->ListGroups({}, Deadline::After(seconds(5)));
  REQUIRE_FALSE(page.has_value());
  CHECK(page.error().code == ErrorCode::kUnsupported);
}

TEST_CASE("one partition that does not exist does not stop the others") {
  MockCluster cluster;
  cluster.CreateTopic("orders", 4);
  const auto store = OpenOn(cluster);
  std::vector<Move> moves;
  moves.reserve(5);
  for (std::int32_t partition = 0; partition < 5; ++partition) moves.push_back(To(partition, 9));
  const auto outcomes =
      store->Commit("payments", moves, Owner{}, Atomicity::kEach, Deadline::After(kBound));
  REQUIRE(outcomes.has_value());
  for (std::size_t i = 0; i < 4; ++i) CHECK((*outcomes)[i].code == OutcomeCode::kApplied);
  REQUIRE((*outcomes)[4].code == OutcomeCode::kFailed);
  CHECK((*outcomes)[4].error->code == ErrorCode::kInvalidArgument);
}

TEST_CASE("a closed store answers Unavailable") {
  MockCluster cluster;
  cluster.CreateTopic("orders", 1);
  const auto store = OpenOn(cluster);
  REQUIRE(store->Close(Deadline::After(kBound)));
  CHECK(store->Close(Deadline::After(kBound)));
  const auto reads = store->Fetch("payments", {}, Deadline::After(kBound));
  REQUIRE_FALSE(reads.has_value());
  CHECK(reads.error().code == ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace offsetstore::testing
