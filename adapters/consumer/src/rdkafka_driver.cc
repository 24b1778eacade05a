// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "assignment.h"
#include "offsetstore/rdkafka_client.h"
#include "rdkafka/newer.h"

namespace offsetstore {

class RdKafkaDriver::Impl {
 public:
  Impl(rd_kafka_t* consumer, Session& session, Duration drain)
      : consumer_(consumer), session_(session), drain_(drain), assignment_(consumer) {}

  void Rebalance(bool assigned, const Partitions& partitions) {
    assignment_.SetChanges(ChangesOf(consumer_));
    if (assigned) {
      session_.SetMember(rdkafka::MemberId(consumer_));
      Apply(session_.Assigned(partitions, Deadline::After(kAssignBound)), true);
      session_.Rebalancing(false);
      return;
    }
    session_.Rebalancing(true);
    if (rd_kafka_assignment_lost(consumer_) != 0) {
      session_.Lost(partitions);
    } else {
      static_cast<void>(GiveBack(partitions));
    }
    assignment_.Revoke(partitions);
  }

  std::optional<Ticket> Take(const rd_kafka_message_t& message) {
    Feed* feed = message.rkt == nullptr ? nullptr : assignment_.Find(message);
    if (feed == nullptr) return std::nullopt;
    switch (message.err) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        return Deliver(*feed, message);
      case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        session_.ReachedEnd(feed->at, Position(message.offset));
        return std::nullopt;
      case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        CheckAgain(TopicPartition(feed->at));
        return std::nullopt;
      default:
        return std::nullopt;
    }
  }

  Status Work() {
    if (session_.HasActions()) Apply(session_.TakeActions(), false);
    if (stop_) return *stop_;
    return {};
  }

 private:
  static constexpr std::chrono::seconds kAssignBound{2};

  std::optional<Ticket> Deliver(Feed& feed, const rd_kafka_message_t& message) {
    const Position next(message.offset + 1);
    const std::optional<std::int32_t> epoch = rdkafka::LeaderEpoch(message);
    std::optional<Ticket> ticket =
        session_.Delivered(feed.at, Position(message.offset), next, epoch);
    if (ticket) feed.GoOn(next, epoch);
    // A full window: the pause must reach librdkafka before the next record is polled.
    if (session_.HasActions()) Apply(session_.TakeActions(), false);
    return ticket;
  }

  /// The session's range check, which knows the policy, runs when a partition is assigned.
  void CheckAgain(const TopicPartition& at) {
    const Answers<Outcome> answers = GiveBack({at});
    assignment_.LeaveEpoch(at);
    std::vector<Action> drop;
    drop.emplace_back(Drop{at});
    Apply(std::move(drop), false);
    if (AnyFenced(answers) && Rejoin()) return;  // The group decides.
    Apply(session_.Assigned({at}, Deadline::After(kAssignBound)), false);
  }

  Answers<Outcome> GiveBack(const Partitions& partitions) {
    session_.Revoking(partitions);
    Answers<Outcome> answers = session_.Revoked(partitions, Deadline::After(drain_));
    if (!answers && !stop_) stop_ = answers.error();
    return answers;
  }

  void Apply(std::vector<Action> actions, bool answers) {
    const auto no_outlet = [](const TopicPartition&) { return std::shared_ptr<Outlet>(); };
    Assignment::Orders orders = assignment_.Carry(std::move(actions), answers, no_outlet);
    if (!orders.refused.partitions.empty()) session_.Lost(orders.refused.partitions);
    for (const TopicPartition& at : orders.pause) assignment_.SetPaused(at, true);
    for (const TopicPartition& at : orders.resume) assignment_.SetPaused(at, false);
    if (orders.rejoin) Rejoin();
    if (orders.stop && !stop_) stop_ = *std::move(orders.stop);
  }

  /// False: there is no group.
  bool Rejoin() {
    rd_kafka_topic_partition_list_t* list = nullptr;
    if (rd_kafka_subscription(consumer_, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    const auto topics = rdkafka::PartitionList::Adopt(list);
    if (topics.empty()) return false;
    rd_kafka_unsubscribe(consumer_);
    rd_kafka_subscribe(consumer_, topics.get());
    return true;
  }

  rd_kafka_t* const consumer_;
  Session& session_;
  const Duration drain_;
  Assignment assignment_;
  std::optional<Error> stop_;
};

RdKafkaDriver::RdKafkaDriver(rd_kafka_s* consumer, Session& session, Duration drain)
    : impl_(std::make_unique<Impl>(consumer, session, drain)) {}
RdKafkaDriver::~RdKafkaDriver() = default;

void RdKafkaDriver::Rebalance(bool assigned, const rd_kafka_topic_partition_list_s* partitions) {
  Partitions all;
  for (const rd_kafka_topic_partition_t& element : rdkafka::Elements(partitions)) {
    all.push_back(rdkafka::At(element));
  }
  impl_->Rebalance(assigned, all);
}

void RdKafkaDriver::Rebalance(bool assigned, const Partitions& partitions) {
  impl_->Rebalance(assigned, partitions);
}

std::optional<Ticket> RdKafkaDriver::Take(const rd_kafka_message_s& message) {
  return impl_->Take(message);
}

Status RdKafkaDriver::Work() {
  return impl_->Work();
}

}  // namespace offsetstore
