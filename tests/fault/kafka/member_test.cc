// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The member's own handle as a store, against the mock cluster.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "mock_cluster.h"
#include "rdkafka/commit.h"
#include "rdkafka/member_store.h"
#include "rdkafka/newer.h"

namespace offsetstore::rdkafka {
namespace {

using offsetstore::testing::MockCluster;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kBound{20};
const std::string& GroupName() {
  static const std::string name = "payments";
  return name;
}

std::unique_ptr<Handle> NewConsumer(const std::string& brokers) {
  Conf conf;
  for (const auto& [key, value] :
       {std::pair<const char*, std::string>{"bootstrap.servers", brokers},
        {"group.id", GroupName()},
        {"enable.auto.commit", "false"}}) {
    if (!conf.Set(key, value)) throw std::runtime_error(key);
  }
  auto handle = Handle::Open(RD_KAFKA_CONSUMER, std::move(conf));
  if (!handle) throw std::runtime_error(ToString(handle.error()));
  return *std::move(handle);
}

class Port final : public MemberPort {
 public:
  explicit Port(const std::string& brokers) : consumer_(NewConsumer(brokers)) {
    auto id = consumer_->ClusterId(Deadline::After(kBound));
    if (!id) throw std::runtime_error(ToString(id.error()));
    cluster_id_ = *std::move(id);
  }
  [[nodiscard]] std::shared_ptr<rd_kafka_t> Handle() override {
    if (consumer_ == nullptr) return nullptr;
    return {consumer_->get(), [](rd_kafka_t* /*kept by the port*/) {}};
  }
  [[nodiscard]] const std::string& Group() const noexcept override { return GroupName(); }
  [[nodiscard]] const std::string& ClusterId() const noexcept override { return cluster_id_; }
  [[nodiscard]] std::uint64_t Assignment() const noexcept override {
    return assignment + (questions_until_rebalance-- > 0 ? 0 : 1);
  }

  [[nodiscard]] bool Joining() override { return questions_until_steady-- > 0; }

  [[nodiscard]] Status Close(Duration bound) {
    Status closed = consumer_->Close(Deadline::After(bound));
    consumer_.reset();
    return closed;
  }

  std::atomic<std::uint64_t> assignment = 1;
  mutable std::atomic<int> questions_until_rebalance = std::numeric_limits<int>::max();
  std::atomic<int> questions_until_steady = 0;

 private:
  std::unique_ptr<rdkafka::Handle> consumer_;
  std::string cluster_id_;
};

struct Member {
  MockCluster cluster;
  std::shared_ptr<Port> port;  // Shared with the store, as an adapter shares it.
  std::unique_ptr<OffsetStore> store;

  Member() {
    cluster.CreateTopic("orders", 4);
    port = std::make_shared<Port>(cluster.brokers());
    store = OpenKafkaMemberStore(port);
  }
  [[nodiscard]] std::vector<Outcome> Commit(const std::vector<Move>& moves,
                                            Duration bound = kBound) const {
    auto outcomes =
        store->Commit(GroupName(), moves, Owner{}, Atomicity::kEach, Deadline::After(bound));
    REQUIRE(outcomes.has_value());
    REQUIRE(outcomes->size() == moves.size());
    return *std::move(outcomes);
  }
  [[nodiscard]] Slot Fetch(std::int32_t partition) const {
    auto reads =
        store->Fetch(GroupName(), Selection{{{"orders", partition}}, {}}, Deadline::After(kBound));
    REQUIRE(reads.has_value());
    return reads->front().slot;
  }
};

Move To(std::int32_t partition, std::int64_t position, Kind kind = Kind::kAdvance) {
  Move move;
  move.at = {"orders", partition};
  move.to = Position(position);
  move.kind = kind;
  return move;
}

TEST_CASE("a member commits and reads back position and metadata") {
  const Member member;
  CHECK(std::holds_alternative<Absent>(member.Fetch(0)));
  Move move = To(0, 7);
  move.metadata = "state\n1";
  CHECK(member.Commit({move})[0].code == OutcomeCode::kApplied);
  const Entry entry = std::get<Entry>(member.Fetch(0));
  CHECK(entry.position == Position(7));
  CHECK(entry.metadata == "state\n1");
  CHECK(entry.cluster_id == member.port->ClusterId());
  CHECK(member.Commit({move})[0].code == OutcomeCode::kAlreadyApplied);
}

TEST_CASE("a member's commit never moves backwards, also before it read anything") {
  const Member member;
  REQUIRE(member.Commit({To(0, 100)})[0].Ok());
  CHECK(member.Commit({To(0, 99)})[0].code == OutcomeCode::kConflict);
  const auto fresh = OpenKafkaMemberStore(member.port);
  const auto outcomes = fresh->Commit(
      GroupName(), std::vector{To(0, 98)}, Owner{}, Atomicity::kEach, Deadline::After(kBound));
  REQUIRE(outcomes.has_value());
  REQUIRE(outcomes->front().code == OutcomeCode::kConflict);
  CHECK(std::get<Entry>(outcomes->front().conflict->stored).position == Position(100));
  CHECK(member.Commit({To(0, 98, Kind::kSet)})[0].code == OutcomeCode::kApplied);
}

/// What passes as long as `native` is the answer: applied at last, or given up with the assignment.
void CheckWaitedOut(rd_kafka_resp_err_t native) {
  Member member;
  member.cluster.FailNext(MockCluster::kOffsetCommit, native, 12);
  CHECK(member.Commit({To(0, 7)})[0].code == OutcomeCode::kApplied);
  CHECK(std::get<Entry>(member.Fetch(0)).position == Position(7));

  member.cluster.FailNext(MockCluster::kOffsetCommit, native, 100'000);
  member.port->questions_until_rebalance = 3;
  const Outcome outcome = member.Commit({To(0, 8)}, seconds(600))[0];
  REQUIRE(outcome.code == OutcomeCode::kFailed);
  CHECK(outcome.error->code == ErrorCode::kUnavailable);
}

TEST_CASE("a member waits for a coordinator that loads, as long as its assignment lasts") {
  CheckWaitedOut(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
}

TEST_CASE("a commit under an epoch that has passed is sent again under the next one") {
  constexpr int kStaleMemberEpoch = 113;  // Headers before 2.4 do not name it.
  CheckWaitedOut(static_cast<rd_kafka_resp_err_t>(kStaleMemberEpoch));
}

TEST_CASE("what is remembered of an assignment is forgotten with it") {
  const Member member;
  REQUIRE(member.Commit({To(0, 100)})[0].Ok());
  // Another member, after a rebalance, was told to start over.
  const auto other = OpenKafkaMemberStore(member.port);
  const std::vector<Move> back = {To(0, 5, Kind::kSet)};
  REQUIRE((*other->Commit(GroupName(), back, Owner{}, Atomicity::kEach, Deadline::After(kBound)))[0]
              .Ok());
  CHECK(member.Commit({To(0, 6)})[0].code == OutcomeCode::kConflict);
  ++member.port->assignment;
  CHECK(member.Commit({To(0, 6)})[0].code == OutcomeCode::kApplied);
}

TEST_CASE("of five partitions of which one does not exist, the four that are stored are told") {
  const Member member;
  std::vector<Move> moves;
  moves.reserve(5);
  for (std::int32_t partition = 0; partition < 5; ++partition) {
    moves.push_back(To(partition, 9, Kind::kSet));
  }
  const auto outcomes = member.Commit(moves);
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE((outcomes[i].error ? ToString(*outcomes[i].error) : std::string()));
    CHECK(outcomes[i].code == OutcomeCode::kApplied);
  }
  REQUIRE(outcomes[4].code == OutcomeCode::kFailed);
  CHECK(outcomes[4].error->code == ErrorCode::kInvalidArgument);
}

TEST_CASE("a generation that the coordinator does not know is fenced, with no holder") {
  for (const rd_kafka_resp_err_t native :
       {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID}) {
    CAPTURE(rd_kafka_err2name(native));
    Member member;
    member.cluster.FailNext(MockCluster::kOffsetCommit, native);
    const auto outcomes = member.Commit({To(0, 1), To(1, 1)});
    for (const Outcome& outcome : outcomes) {
      CHECK(outcome.code == OutcomeCode::kFenced);
      CHECK_FALSE(outcome.holder.has_value());
    }
  }
}

TEST_CASE("a commit within a rebalance applied nothing and waits for the next assignment") {
  Member member;
  member.cluster.FailNext(MockCluster::kOffsetCommit, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS);
  const Outcome outcome = member.Commit({To(0, 1)})[0];
  REQUIRE(outcome.code == OutcomeCode::kFailed);
  CHECK(outcome.error->code == ErrorCode::kUnavailable);
  CHECK(outcome.error->retry == Retry::kAfterNewClaim);
  CHECK(std::holds_alternative<Absent>(member.Fetch(0)));
}

TEST_CASE("between two generations a commit is not sent") {
  Member member;
  REQUIRE(member.Commit({To(0, 1)})[0].Ok());
  // Whatever is sent would be answered with this.
  member.cluster.FailNext(MockCluster::kOffsetCommit, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID);
  member.port->questions_until_steady = 1;
  const std::vector<Move> moves = {To(0, 2), To(1, 2)};
  const auto held_back =
      member.store->Commit(GroupName(), moves, Owner{}, Atomicity::kEach, Deadline::After(kBound));
  REQUIRE_FALSE(held_back.has_value());
  CHECK(held_back.error().code == ErrorCode::kUnavailable);
  CHECK(held_back.error().retry == Retry::kAfterNewClaim);
  CHECK(member.Commit({To(0, 2)})[0].code == OutcomeCode::kFenced);
  CHECK(member.Commit({To(0, 2)})[0].code == OutcomeCode::kApplied);
}

TEST_CASE("a commit without an answer is in doubt in time, and the consumer closes in time") {
  Member member;
  REQUIRE(member.Commit({To(0, 1)})[0].Ok());
  member.cluster.Delay(seconds(30));
  const auto before = std::chrono::steady_clock::now();
  const Outcome outcome = member.Commit({To(0, 2)}, milliseconds(500))[0];
  REQUIRE(outcome.code == OutcomeCode::kFailed);
  CHECK(outcome.error->code == ErrorCode::kInDoubt);
  CHECK(outcome.error->retry == Retry::kAfterNewClaim);
  const Status closed = member.port->Close(milliseconds(500));
  CHECK((closed.has_value() || closed.error().code == ErrorCode::kDeadlineExceeded));
  CHECK(std::chrono::steady_clock::now() - before < seconds(8));
}

TEST_CASE("a commit that was refused is not remembered as stored") {
  for (const rd_kafka_resp_err_t native : {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
                                           RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
                                           RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED}) {
    CAPTURE(rd_kafka_err2name(native));
    Member member;
    REQUIRE(member.Commit({To(0, 1)})[0].Ok());
    for (const std::int32_t partition : {0, 1}) {
      member.cluster.FailNext(MockCluster::kOffsetCommit, native);
      REQUIRE_FALSE(member.Commit({To(partition, 6)})[0].Ok());
    }
    // The same again is sent, and less is no step back.
    CHECK(member.Commit({To(0, 6)})[0].code == OutcomeCode::kApplied);
    CHECK(std::get<Entry>(member.Fetch(0)).position == Position(6));
    CHECK(member.Commit({To(1, 5)})[0].code == OutcomeCode::kApplied);
    CHECK(std::get<Entry>(member.Fetch(1)).position == Position(5));
  }
}

TEST_CASE("after a commit in doubt it is asked what is stored, not remembered") {
  Member member;
  REQUIRE(member.Commit({To(0, 5)})[0].Ok());
  member.cluster.Delay(seconds(3));
  // The mock cluster stores it at once and keeps only the answer back.
  REQUIRE(member.Commit({To(0, 6)}, milliseconds(200))[0].error.value().code ==
          ErrorCode::kInDoubt);
  member.cluster.Delay(milliseconds(0));
  const Outcome outcome = member.Commit({To(0, 5)})[0];
  REQUIRE(outcome.code == OutcomeCode::kConflict);
  CHECK(std::get<Entry>(outcome.conflict->stored).position == Position(6));
}

TEST_CASE("a passed deadline sends nothing") {
  const Member member;
  const Outcome outcome = member.Commit({To(0, 5, Kind::kSet)}, milliseconds(0))[0];
  REQUIRE(outcome.code == OutcomeCode::kFailed);
  CHECK(outcome.error->code == ErrorCode::kDeadlineExceeded);
  CHECK(std::holds_alternative<Absent>(member.Fetch(0)));
}

TEST_CASE("a member store refuses other groups, claims, lists and a closed consumer") {
  const Member member;
  const auto deadline = Deadline::After(kBound);
  CHECK(member.store->Fetch("others", {}, deadline).error().code == ErrorCode::kInvalidArgument);
  CHECK(member.store->ListGroups({}, deadline).error().code == ErrorCode::kUnsupported);
  CHECK(member.store->Claim(GroupName(), {}, Owner{}, deadline).error().code ==
        ErrorCode::kUnsupported);
  CHECK_FALSE(member.store->Info().capabilities.lists_groups);
  REQUIRE(member.port->Close(seconds(5)));
  CHECK(member.store->Fetch(GroupName(), {}, deadline).error().code == ErrorCode::kUnavailable);
}

TEST_CASE("a topic's stored partitions are found without naming them") {
  const Member member;
  REQUIRE(member.Commit({To(2, 20), To(0, 10)})[0].Ok());
  const auto reads =
      member.store->Fetch(GroupName(), Selection{{}, {"orders"}}, Deadline::After(kBound));
  REQUIRE(reads.has_value());
  REQUIRE(reads->size() == 2);
  CHECK((*reads)[0].at.partition == 0);
  CHECK((*reads)[1].at.partition == 2);
}

TEST_CASE("2 500 partitions are committed and read in chunks") {
  Member member;
  member.cluster.CreateTopic("wide", 2500);
  std::vector<Move> moves;
  for (std::int32_t partition = 0; partition < 2500; ++partition) {
    moves.push_back(To(partition, partition));
    moves.back().at.topic = "wide";
  }
  std::size_t applied = 0;
  for (const Outcome& outcome : member.Commit(moves)) applied += outcome.Ok() ? 1U : 0U;
  CHECK(applied == moves.size());
  const auto reads =
      member.store->Fetch(GroupName(), Selection{{}, {"wide"}}, Deadline::After(kBound));
  REQUIRE(reads.has_value());
  CHECK(reads->size() == moves.size());
}

TEST_CASE("the generation is not known before the consumer joined") {
  const Member member;
  CHECK_FALSE(GenerationId(member.port->Handle().get()).has_value());
}

}  // namespace
}  // namespace offsetstore::rdkafka
