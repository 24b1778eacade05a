// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Kafka's own store: commits while the group rebalances.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rdkafka/handle.h"
#include "rdkafka/newer.h"
#include "rdkafka/partition_list.h"
#include "rig.h"

namespace offsetstore::testing {
namespace {

constexpr int kShared = 4;
constexpr const char* kCooperative = "cooperative-sticky";

/// Fills the topic until `done`, and counts what each partition got.
class Stream {
 public:
  explicit Stream(Topic& topic) : topic_(topic) {}

  [[nodiscard]] bool Until(const std::function<bool()>& done) {
    return Eventually([&] {
      topic_.Fill(5);
      filled_ += 5;
      return done();
    });
  }
  [[nodiscard]] std::int64_t filled() const noexcept { return filled_; }

 private:
  Topic& topic_;
  std::int64_t filled_ = 0;
};

/// Nothing took the work of a partition from its member.
void CheckUndisturbed(Member& member) {
  for (const EventKind kind : {EventKind::kFenced, EventKind::kLost, EventKind::kStoreDown}) {
    CHECK_MESSAGE(member.events().Count(kind) == 0, member.events().Text());
  }
}

/// A member of librdkafka alone that does not answer its first assignment: the group's next
/// generation waits for it. Its session is the default of 45 s: it sends no heartbeat meanwhile.
class Sluggard {
 public:
  explicit Sluggard(const Config& config) {
    rdkafka::Conf conf;
    for (const char* key : {"bootstrap.servers",
                            "group.id",
                            "heartbeat.interval.ms",
                            "partition.assignment.strategy"}) {
      if (!conf.Set(key, config.at(key))) throw std::runtime_error(key);
    }
    auto opened =
        rdkafka::Handle::Open(RD_KAFKA_CONSUMER, std::move(conf), RD_KAFKA_EVENT_REBALANCE);
    if (!opened) throw std::runtime_error(ToString(opened.error()));
    handle_ = *std::move(opened);
    rdkafka::PartitionList topics;
    topics.Add({config.at("topics"), RD_KAFKA_PARTITION_UA});
    rd_kafka_subscribe(handle_->get(), topics.get());
  }

  [[nodiscard]] bool WaitUntilAsked() {
    auto queue = rdkafka::Queue::OfConsumer(handle_->get());
    return Eventually([&] {
      if (!asked_) asked_ = queue.Poll(Duration::zero());
      return asked_ && rd_kafka_event_type(asked_.get()) == RD_KAFKA_EVENT_REBALANCE;
    });
  }

  /// Answers until it has partitions: librdkafka does not leave the group of a cooperative member
  /// that has none.
  [[nodiscard]] bool Answer() {
    handle_->NoteAssigned();
    return Eventually([&] {
      if (!WaitUntilAsked()) return false;
      const rdkafka::Event event = std::move(asked_);
      const auto* partitions = rd_kafka_event_topic_partition_list(event.get());
      rd_kafka_error_t* failed = rd_kafka_incremental_assign(handle_->get(), partitions);
      if (failed != nullptr) throw std::runtime_error(rd_kafka_error_string(failed));
      return partitions->cnt > 0;
    });
  }

  [[nodiscard]] Status Leave() { return handle_->Close(Deadline::After(std::chrono::seconds(20))); }

 private:
  std::unique_ptr<rdkafka::Handle> handle_;
  rdkafka::Event asked_;  // Before its handle.
};

TEST_CASE("work goes on while a cooperative group waits for a member, and is committed after it") {
  Topic topic(kShared);
  Config config = Grouped(Basic(UniqueGroup(), "kafka:"), topic, kCooperative);
  config["offsetstore.store.timeout"] = "2s";
  Stream stream(topic);
  Member member(config);
  REQUIRE(stream.Until([&] { return member.Active() == kShared; }));
  Sluggard other(config);
  REQUIRE(stream.Until([&] { return member.Active() == 2; }));
  REQUIRE(other.WaitUntilAsked());
  // The two that it keeps: so much is done that the commits missed their time more than once.
  constexpr std::int64_t kBehind = 400;
  REQUIRE_MESSAGE(stream.Until([&] {
    const ConsumerState state = member.State();
    return std::ranges::count_if(state.partitions, [](const auto& one) {
             const PartitionState& at = one.state;
             return at.in_flight == 0 && at.delivered && at.committed &&
                    at.delivered->value() - at.committed->value() >= kBehind;
           }) == 2;
  }),
                  member.events().Text());
  REQUIRE(other.Answer());
  REQUIRE(other.Leave());
  REQUIRE(stream.Until([&] { return member.Active() == kShared; }));
  REQUIRE(member.WaitForEnd());
  REQUIRE(member.Stop());
  CheckUndisturbed(member);
  Member::Offsets handled = member.Handled();
  for (int i = 0; i < kShared; ++i) CHECK(handled[topic.At(i)] == Sequence(0, stream.filled()));
}

/// Commits go on while members come and go: every record is handled once.
void CheckCommitsAcrossChanges(const std::string& protocol) {
  Topic topic(kShared);
  Config config = Grouped(Basic(UniqueGroup(), "kafka:"), topic, protocol);
  // So that a commit is under way whenever the group changes.
  config["offsetstore.commit.records"] = "1";
  constexpr int kChanges = 12;
  Stream stream(topic);
  Member first(config);
  std::vector<std::unique_ptr<Member>> others;
  others.reserve(kChanges);
  for (int i = 0; i < kChanges; ++i) {
    Member& other = *others.emplace_back(std::make_unique<Member>(config));
    REQUIRE_MESSAGE(stream.Until([&] { return first.Active() == 2 && other.Active() == 2; }),
                    first.events().Text() << "---\n"
                                          << other.events().Text());
    REQUIRE(other.Stop());
    REQUIRE_MESSAGE(stream.Until([&] { return first.Active() == kShared; }), first.events().Text());
  }
  REQUIRE(first.WaitForEnd());
  REQUIRE(first.Stop());
  CheckUndisturbed(first);
  Member::Offsets all = first.Handled();
  for (const auto& other : others) {
    CheckUndisturbed(*other);
    for (const auto& [at, offsets] : other->Handled()) {
      all[at].insert(all[at].end(), offsets.begin(), offsets.end());
    }
  }
  for (int i = 0; i < kShared; ++i) {
    std::vector<std::int64_t>& handled = all[topic.At(i)];
    std::ranges::sort(handled);
    CHECK_MESSAGE(handled == Sequence(0, stream.filled()), first.events().Text());
  }
}

TEST_CASE("a commit that the group's next generation overtakes is no fence, cooperative") {
  constexpr int kKeepsMembers = 0x020a00ff;
  if (rdkafka::RuntimeVersion() < kKeepsMembers) {
    MESSAGE("before 2.10 librdkafka itself gives up where a commit crosses its JoinGroup");
    return;
  }
  CheckCommitsAcrossChanges(kCooperative);
}

TEST_CASE("a commit that the group's next epoch overtakes is no fence, under the new protocol") {
  if (!rdkafka::Conf().Set("group.protocol", "consumer")) {
    MESSAGE("this librdkafka does not know group.protocol");
    return;
  }
  CheckCommitsAcrossChanges("consumer");
}

}  // namespace
}  // namespace offsetstore::testing
