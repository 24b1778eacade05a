// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/log_range.h"

#include <array>
#include <future>
#include <memory>
#include <utility>

#include "internal/macros.h"
#include "rdkafka/error.h"
#include "rdkafka/newer.h"
#include "rdkafka/partition_list.h"

namespace offsetstore::rdkafka {
namespace {

struct LogPoint {
  std::int64_t offset = RD_KAFKA_OFFSET_INVALID;
  std::optional<std::int32_t> leader_epoch;
};
using Found = std::vector<Result<LogPoint>>;

Result<std::map<std::int32_t, std::int32_t>> ReadLeaders(const rd_kafka_metadata_topic_t& topic) {
  const std::string what = std::string("topic ") + topic.topic;
  if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError(topic.err, Effect::kRead, what);
  std::map<std::int32_t, std::int32_t> leaders;
  for (int i = 0; i < topic.partition_cnt; ++i) {
    leaders[topic.partitions[i].id] = topic.partitions[i].leader;
  }
  if (leaders.empty()) return ToError(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, Effect::kRead, what);
  return leaders;
}

/// One call to one leader; `time` is a timestamp, or -2 or -1 for the log's ends.
void AskLeader(rd_kafka_t* handle,
               std::span<const TopicPartition> partitions,
               std::span<const std::size_t> indices,
               std::int64_t time,
               Deadline deadline,
               Found& found) {
  PartitionList list(indices.size());
  for (const std::size_t index : indices) list.Add(partitions[index], time);
  const rd_kafka_resp_err_t native = rd_kafka_offsets_for_times(
      handle, list.get(), static_cast<int>(deadline.Remaining().count()));
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const rd_kafka_topic_partition_t& element = list.elements()[i];
    const rd_kafka_resp_err_t failed =
        element.err != RD_KAFKA_RESP_ERR_NO_ERROR ? element.err : native;
    if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) {
      found[indices[i]] = LogPoint{element.offset, LeaderEpoch(element)};
    } else {
      found[indices[i]] =
          ToError(failed, Effect::kRead, "log of " + ToString(partitions[indices[i]]));
    }
  }
}

/// Sorts the partitions by leader; what has none gets its error at once.
std::map<std::int32_t, std::vector<std::size_t>> GroupByLeader(
    rd_kafka_t* handle,
    std::span<const TopicPartition> partitions,
    Deadline deadline,
    Found& found) {
  std::map<std::string, Result<std::map<std::int32_t, std::int32_t>>> topics;
  std::map<std::int32_t, std::vector<std::size_t>> by_leader;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const TopicPartition& at = partitions[i];
    auto topic = topics.find(at.topic);
    if (topic == topics.end()) {
      topic = topics.emplace(at.topic, Leaders(handle, at.topic, deadline)).first;
    }
    if (!topic->second) {
      found[i] = topic->second.error();
      continue;
    }
    const auto leader = topic->second->find(at.partition);
    if (leader == topic->second->end()) {
      found[i] = ToError(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, Effect::kRead, ToString(at));
    } else if (leader->second < 0) {
      found[i] = ToError(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, Effect::kRead, ToString(at));
    } else {
      by_leader[leader->second].push_back(i);
    }
  }
  return by_leader;
}

/// For each of `times` what the leaders answer for each partition.
std::vector<Found> Ask(rd_kafka_t* handle,
                       std::span<const TopicPartition> partitions,
                       std::span<const std::int64_t> times,
                       Deadline deadline) {
  const Result<LogPoint> none = LogPoint{};
  std::vector<Found> found(times.size(), Found(partitions.size(), none));
  const auto by_leader = GroupByLeader(handle, partitions, deadline, found[0]);
  std::vector<std::future<void>> running;
  running.reserve(by_leader.size());
  for (const auto& [leader, indices] : by_leader) {
    running.push_back(std::async(std::launch::async, [&, wanted = std::span(indices)] {
      for (std::size_t t = 0; t < times.size(); ++t) {
        AskLeader(handle, partitions, wanted, times[t], deadline, found[t]);
      }
    }));
  }
  for (auto& one : running) one.get();
  return found;
}

Result<Position> ToPosition(const Result<LogPoint>& point, const TopicPartition& at) {
  if (!point) return point.error();
  if (Position::IsValid(point->offset)) return Position(point->offset);
  return MakeError(ErrorCode::kInternal,
                   "log of " + ToString(at) + ": librdkafka answered the offset " +
                       std::to_string(point->offset));
}

}  // namespace

Result<std::map<std::int32_t, std::int32_t>> Leaders(rd_kafka_t* handle,
                                                     const std::string& topic,
                                                     Deadline deadline) {
  const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> named(
      rd_kafka_topic_new(handle, topic.c_str(), nullptr), &rd_kafka_topic_destroy);
  if (named == nullptr) return ToError(rd_kafka_last_error(), Effect::kRead, "topic " + topic);
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t native = rd_kafka_metadata(
      handle, 0, named.get(), &metadata, static_cast<int>(deadline.Remaining().count()));
  if (native != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return ToError(native, Effect::kRead, "metadata of topic " + topic);
  }
  const std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)> owned(
      metadata, &rd_kafka_metadata_destroy);
  if (metadata->topic_cnt != 1) {
    return ToError(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, Effect::kRead, "topic " + topic);
  }
  return ReadLeaders(metadata->topics[0]);
}

std::vector<Result<LogEnds>> LogRange(rd_kafka_t* handle,
                                      std::span<const TopicPartition> partitions,
                                      Deadline deadline) {
  constexpr std::array<std::int64_t, 2> kEnds = {RD_KAFKA_OFFSET_BEGINNING, RD_KAFKA_OFFSET_END};
  const std::vector<Found> found = Ask(handle, partitions, kEnds, deadline);
  std::vector<Result<LogEnds>> ranges;
  ranges.reserve(partitions.size());
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const Result<Position> start = ToPosition(found[0][i], partitions[i]);
    if (!start) {
      ranges.emplace_back(start.error());
      continue;
    }
    const Result<Position> end = ToPosition(found[1][i], partitions[i]);
    if (end) {
      ranges.emplace_back(LogEnds{*start, *end, found[1][i]->leader_epoch});
    } else {
      ranges.emplace_back(end.error());
    }
  }
  return ranges;
}

std::vector<Result<Position>> PositionsAt(rd_kafka_t* handle,
                                          std::span<const TopicPartition> partitions,
                                          std::int64_t time,
                                          Deadline deadline) {
  // The second question is the answer where no record is that young.
  const std::array<std::int64_t, 2> times = {time, RD_KAFKA_OFFSET_END};
  const std::vector<Found> found = Ask(handle, partitions, times, deadline);
  std::vector<Result<Position>> positions;
  positions.reserve(partitions.size());
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const bool is_none = found[0][i] && found[0][i]->offset == RD_KAFKA_OFFSET_END;
    positions.push_back(ToPosition(is_none ? found[1][i] : found[0][i], partitions[i]));
  }
  return positions;
}

}  // namespace offsetstore::rdkafka
