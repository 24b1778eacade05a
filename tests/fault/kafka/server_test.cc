// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The standalone store against a real broker.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventually.h"
#include "kafka_client.h"
#include "live_member.h"
#include "offsetstore/backends/kafka.h"
#include "offsetstore/types.h"
#include "own_server.h"
#include "rdkafka/admin.h"
#include "rdkafka/log_range.h"
#include "rdkafka/newer.h"
#include "rdkafka/partition_list.h"
#include "rdkafka/shared_handle.h"

namespace offsetstore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr seconds kServerBound{30};

std::string Unique(const std::string& stem) {
  return stem + "-" + Nonce::Random().Hex();
}

std::unique_ptr<OffsetStore> OpenOn(const std::string& brokers) {
  KafkaOptions options;
  options.brokers = brokers;
  auto store = OpenKafkaStore(options, Deadline::After(kServerBound));
  if (!store) throw std::runtime_error(ToString(store.error()));
  return *std::move(store);
}

Outcome Commit(OffsetStore& store,
               const std::string& group,
               const TopicPartition& at,
               std::int64_t to,
               Duration bound = kServerBound) {
  Move move;
  move.at = at;
  move.to = Position(to);
  const auto outcomes =
      store.Commit(group, std::vector{move}, Owner{}, Atomicity::kEach, Deadline::After(bound));
  if (!outcomes) throw std::runtime_error(ToString(outcomes.error()));
  return outcomes->front();
}

Slot Fetch(OffsetStore& store,
           const std::string& group,
           const TopicPartition& at,
           Duration bound = kServerBound) {
  const auto reads = store.Fetch(group, Selection{{at}, {}}, Deadline::After(bound));
  if (!reads) throw std::runtime_error(ToString(reads.error()));
  return reads->front().slot;
}

void CheckLiveGroupIsRefused(bool new_protocol) {
  const TopicPartition at{"fault-live", 0};
  EnsureTopics(KafkaBrokers(), std::vector{at});
  const auto store = OpenOn(KafkaBrokers());
  const std::string group = Unique("live");
  REQUIRE(Commit(*store, group, at, 5).Ok());
  const LiveMember member(KafkaBrokers(), group, at.topic, new_protocol);

  const Outcome refused = Commit(*store, group, at, 6);
  REQUIRE(refused.code == OutcomeCode::kFailed);
  CHECK(refused.error->code == ErrorCode::kUnavailable);
  CHECK(refused.error->retry == Retry::kNever);
  CHECK(refused.error->message.find("the group is in use (state Stable)") != std::string::npos);
  const std::vector<Removal> removals = {{at, Any{}, {}}};
  const auto removed = store->Remove(group, removals, Owner{}, Deadline::After(kServerBound));
  REQUIRE(removed.has_value());
  REQUIRE(removed->front().code == OutcomeCode::kFailed);
  CHECK(removed->front().error->message.find("in use") != std::string::npos);
  // It can be read all the same.
  CHECK(std::get<Entry>(Fetch(*store, group, at)).position == Position(5));

  member.Leave();
  CHECK(Eventually([&] { return Commit(*store, group, at, 7).Ok(); }, kServerBound));
}

TEST_CASE("a live group is refused in plain words, and taken when its members have left") {
  CheckLiveGroupIsRefused(false);
}

TEST_CASE("so is a live group of the new protocol") {
  rdkafka::Conf conf;
  if (!conf.Set("group.protocol", "consumer")) return;  // This librdkafka does not know it.
  CheckLiveGroupIsRefused(true);
}

TEST_CASE("a topic or partition that does not exist is an error that says so") {
  const TopicPartition at{"fault-live", 0};
  EnsureTopics(KafkaBrokers(), std::vector{at});
  const auto store = OpenOn(KafkaBrokers());
  for (const TopicPartition& missing :
       {TopicPartition{"fault-live", 999}, TopicPartition{Unique("nowhere"), 0}}) {
    const Outcome outcome = Commit(*store, Unique("g"), missing, 1);
    REQUIRE(outcome.code == OutcomeCode::kFailed);
    CHECK(outcome.error->code == ErrorCode::kInvalidArgument);
    CHECK(outcome.error->message.find(ToString(missing)) != std::string::npos);
    CHECK(outcome.error->message.find("exist") != std::string::npos);
  }
}

TEST_CASE("a leader epoch is kept where librdkafka can") {
  const TopicPartition at{"fault-live", 0};
  EnsureTopics(KafkaBrokers(), std::vector{at});
  const auto store = OpenOn(KafkaBrokers());
  Move move;
  move.at = at;
  move.to = Position(3);
  move.leader_epoch = 4;
  const std::string group = Unique("epoch");
  const auto outcomes = store->Commit(
      group, std::vector{move}, Owner{}, Atomicity::kEach, Deadline::After(kServerBound));
  REQUIRE(outcomes.has_value());
  REQUIRE(outcomes->front().Ok());
  const Entry entry = std::get<Entry>(Fetch(*store, group, at));
  CHECK(entry.leader_epoch ==
        (rdkafka::HasLeaderEpochs() ? std::optional<std::int32_t>(4) : std::nullopt));
}

TEST_CASE("the log's range and the position of a time are told for each partition") {
  const std::string topic = Unique("range");
  const std::vector<TopicPartition> all = {{topic, 0}, {topic, 1}, {topic, 9}, {Unique("no"), 0}};
  EnsureTopics(KafkaBrokers(), std::span(all).first(2));
  Produce(KafkaBrokers(), all[1], 25);
  const auto handle = NewHandle(RD_KAFKA_CONSUMER, KafkaBrokers());
  const auto ranges = rdkafka::LogRange(handle->get(), all, Deadline::After(kServerBound));
  REQUIRE(ranges.size() == 4);
  REQUIRE(ranges[0].has_value());
  CHECK(ranges[0]->end == Position(0));
  REQUIRE(ranges[1].has_value());
  CHECK(ranges[1]->start == Position(0));
  CHECK(ranges[1]->end == Position(25));
  REQUIRE_FALSE(ranges[2].has_value());
  CHECK(ranges[2].error().code == ErrorCode::kInvalidArgument);
  REQUIRE_FALSE(ranges[3].has_value());
  CHECK(ranges[3].error().code == ErrorCode::kInvalidArgument);
  const std::span<const TopicPartition> one(&all[1], 1);
  CHECK(*rdkafka::PositionsAt(handle->get(), one, 1, Deadline::After(kServerBound))[0] ==
        Position(0));
  const std::int64_t future = Now().time_since_epoch().count() + 3'600'000;
  CHECK(*rdkafka::PositionsAt(handle->get(), one, future, Deadline::After(kServerBound))[0] ==
        Position(25));
}

TEST_CASE("a frozen broker: every call ends in time, a sent write is in doubt") {
  const OwnServer kafka("kafka");
  const TopicPartition at{"frozen", 0};
  EnsureTopics(kafka.address(), std::vector{at});
  const auto store = OpenOn(kafka.address());
  // The first request of a cluster's life makes __consumer_offsets.
  const Outcome first = Commit(*store, "g", at, 1);
  CAPTURE((first.error ? ToString(*first.error) : std::string()));
  REQUIRE(first.Ok());
  const auto handle = NewHandle(RD_KAFKA_CONSUMER, kafka.address());
  REQUIRE(handle->ClusterId(Deadline::After(kServerBound)).has_value());

  kafka.Freeze();
  const auto before = Clock::now();
  CHECK(std::get<Error>(Fetch(*store, "g", at, milliseconds(500))).code ==
        ErrorCode::kDeadlineExceeded);
  // Its read before the write does not come back, so nothing was sent.
  CHECK(Commit(*store, "g", at, 2, milliseconds(500)).error->code == ErrorCode::kDeadlineExceeded);
  CHECK_FALSE(store->ListGroups({}, Deadline::After(milliseconds(500))).has_value());
  const auto ranges =
      rdkafka::LogRange(handle->get(), std::vector{at}, Deadline::After(milliseconds(500)));
  CHECK_FALSE(ranges[0].has_value());
  KafkaOptions options;
  options.brokers = kafka.address();
  CHECK(OpenKafkaStore(options, Deadline::After(milliseconds(500))).error().code ==
        ErrorCode::kUnavailable);
  CHECK(Clock::now() - before < seconds(10));

  kafka.Thaw();
  CHECK(Eventually([&] { return Commit(*store, "g", at, 3).Ok(); }, kServerBound));

  kafka.Freeze();
  REQUIRE_FALSE(store->Fetch("g", Selection{}, Deadline::After(milliseconds(300))).has_value());
  const auto closing = Clock::now();
  const Status closed = store->Close(Deadline::After(milliseconds(500)));
  CHECK((closed.has_value() || closed.error().code == ErrorCode::kDeadlineExceeded));
  CHECK(Clock::now() - closing < seconds(5));
  kafka.Thaw();
}

TEST_CASE("a write that was given up before it was sent is not sent once the broker answers") {
  const OwnServer kafka("kafka");
  const TopicPartition at{"given-up", 0};
  EnsureTopics(kafka.address(), std::vector{at});
  rdkafka::Conf conf;
  REQUIRE(conf.Set("group.id", "admin"));
  rdkafka::SharedHandle handles(NewHandle(RD_KAFKA_CONSUMER, kafka.address(), std::move(conf)));
  auto handle = *handles.Get();
  // Connected, and of another group the coordinator is known.
  const auto known =
      rdkafka::GroupOffsets(handle->get(), "known", nullptr, Deadline::After(kServerBound));
  REQUIRE_MESSAGE(known, ToString(known.error()));
  rdkafka::PartitionList list(1);
  list.Add(at, 7);

  kafka.Freeze();
  const auto before = Clock::now();
  const auto written =
      rdkafka::AlterGroupOffsets(handle->get(), "g", list, Deadline::After(milliseconds(500)));
  REQUIRE_FALSE(written);
  CHECK(written.error().code == ErrorCode::kInDoubt);
  handles.LetGo(handle);
  handle.reset();
  CHECK(Clock::now() - before < seconds(10));
  kafka.Thaw();

  // Its successor is connected anew, and looks for the same coordinator.
  handle = *handles.Get();
  const auto found =
      rdkafka::GroupOffsets(handle->get(), "g", nullptr, Deadline::After(kServerBound));
  REQUIRE_MESSAGE(found, ToString(found.error()));
  CHECK(found->size() == 0);
  handle.reset();
  CHECK(handles.Close(Deadline::After(kServerBound)));
  CHECK(handles.Get().error().code == ErrorCode::kUnavailable);
}

TEST_CASE("a broker that has just started: its loading coordinator is waited for") {
  OwnServer kafka("kafka");
  const TopicPartition at{"restarted", 0};
  EnsureTopics(kafka.address(), std::vector{at});
  const auto before = OpenOn(kafka.address());
  for (int i = 0; i < 20; ++i) REQUIRE(Commit(*before, "g" + std::to_string(i), at, 7).Ok());

  kafka.Stop();
  kafka.Start();
  const auto fresh = OpenOn(kafka.address());
  CHECK(std::get<Entry>(Fetch(*fresh, "g0", at)).position == Position(7));
  for (int i = 0; i < 20; ++i) CHECK(Commit(*fresh, "g" + std::to_string(i), at, 8).Ok());
  // The handle from before the restart finds its way back by itself.
  CHECK(Eventually([&] { return Commit(*before, "g0", at, 9).Ok(); }, kServerBound));
}

}  // namespace
}  // namespace offsetstore::testing
