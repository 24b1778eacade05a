// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "kafka_client.h"

#include <algorithm>
#include <utility>

#include "internal/macros.h"
#include "offsetstore/rdkafka_client.h"
#include "rdkafka/commit.h"
#include "rdkafka/error.h"
#include "rdkafka/log_range.h"
#include "rdkafka/partition_list.h"

namespace offsetstore {

KafkaClient::KafkaClient(rd_kafka_t* consumer)
    : consumer_(consumer),
      read_committed_(rdkafka::Conf::CopyOf(consumer).Get("isolation.level") == "read_committed"),
      queue_(rdkafka::Queue::OfConsumer(consumer)) {}

Result<std::string> KafkaClient::ClusterId(Deadline deadline) {
  char* text = rd_kafka_clusterid(consumer_, static_cast<int>(deadline.Remaining().count()));
  if (text == nullptr) {
    return MakeError(ErrorCode::kUnavailable, "no broker told the cluster's id in time");
  }
  std::string id = text;
  rd_kafka_mem_free(consumer_, text);
  return id;
}

Result<std::vector<std::int32_t>> KafkaClient::PartitionsOf(std::string_view topic,
                                                            Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const auto leaders,
                      rdkafka::Leaders(consumer_, std::string(topic), deadline));
  std::vector<std::int32_t> partitions;
  partitions.reserve(leaders.size());
  for (const auto& [partition, leader] : leaders) partitions.push_back(partition);
  return partitions;
}

Answers<Result<LogRange>> KafkaClient::Ranges(std::span<const TopicPartition> partitions,
                                              Isolation isolation,
                                              Deadline deadline) {
  rd_kafka_t* handle = consumer_;
  if (isolation == Isolation::kUncommitted && read_committed_) {
    OS_ASSIGN_OR_RETURN(handle, Uncommitted());
  }
  std::vector<Result<LogRange>> ranges;
  ranges.reserve(partitions.size());
  for (Result<rdkafka::LogEnds>& ends : rdkafka::LogRange(handle, partitions, deadline)) {
    if (ends) {
      ranges.emplace_back(LogRange{ends->start, ends->end, ends->leader_epoch, {}});
    } else {
      ranges.emplace_back(std::move(ends).error());
    }
  }
  return ranges;
}

Answers<Result<Position>> KafkaClient::Resolve(std::span<const TopicPartition> partitions,
                                               const Start& start,
                                               Deadline deadline) {
  switch (start.policy) {
    case StartPolicy::kTimestamp:
      return rdkafka::PositionsAt(
          consumer_, partitions, start.timestamp.time_since_epoch().count(), deadline);
    case StartPolicy::kCommitted:
      return CommittedInKafka(partitions, deadline);
    case StartPolicy::kEarliest:
    case StartPolicy::kLatest:
      break;
    case StartPolicy::kFail:
      return MakeError(ErrorCode::kInvalidArgument, "the policy 'fail' resolves to no position");
  }
  std::vector<Result<Position>> positions;
  positions.reserve(partitions.size());
  for (Result<rdkafka::LogEnds>& ends : rdkafka::LogRange(consumer_, partitions, deadline)) {
    if (!ends) {
      positions.emplace_back(std::move(ends).error());
    } else {
      positions.emplace_back(start.policy == StartPolicy::kLatest ? ends->end : ends->start);
    }
  }
  return positions;
}

std::vector<Result<Position>> KafkaClient::CommittedInKafka(
    std::span<const TopicPartition> partitions, Deadline deadline) {
  auto list = rdkafka::PartitionList::Of(partitions);
  const Status asked = rdkafka::Committed(consumer_, list, deadline);
  if (!asked) return std::vector<Result<Position>>(partitions.size(), asked.error());
  // Where the group has nothing in Kafka it begins at the first record.
  std::vector<Result<Position>> positions;
  const auto ends = rdkafka::LogRange(consumer_, partitions, deadline);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const rd_kafka_topic_partition_t& element = list.elements()[i];
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      positions.emplace_back(rdkafka::ToError(
          element.err, rdkafka::Effect::kRead, "committed position of " + ToString(partitions[i])));
    } else if (element.offset >= 0) {
      positions.emplace_back(Position(element.offset));
    } else if (ends[i]) {
      positions.emplace_back(ends[i]->start);
    } else {
      positions.emplace_back(ends[i].error());
    }
  }
  return positions;
}

void KafkaClient::Wake() noexcept {
  if (!wake_pending_.exchange(true)) woken_.release();
  const std::lock_guard lock(queue_mutex_);
  if (queue_ && queue_->get() != nullptr) rd_kafka_queue_yield(queue_->get());
}

void KafkaClient::WaitForWake(Duration wait) {
  if (woken_.try_acquire_for(wait)) wake_pending_ = false;
}

void KafkaClient::Detach() noexcept {
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.reset();
  }
  uncommitted_.reset();
}

Result<rd_kafka_t*> KafkaClient::Uncommitted() {
  if (uncommitted_ != nullptr) return uncommitted_->get();
  rdkafka::Conf conf = rdkafka::Conf::CopyOf(consumer_);
  OS_RETURN_IF_ERROR(conf.Set("isolation.level", "read_uncommitted"));
  OS_RETURN_IF_ERROR(conf.Set("statistics.interval.ms", "0"));
  OS_ASSIGN_OR_RETURN(uncommitted_, rdkafka::Handle::Open(RD_KAFKA_CONSUMER, std::move(conf)));
  return uncommitted_->get();
}

std::shared_ptr<Client> MakeRdKafkaClient(rd_kafka_s* consumer) {
  return std::make_shared<KafkaClient>(consumer);
}

}  // namespace offsetstore
