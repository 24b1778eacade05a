// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "fake_client.h"

#include <utility>

namespace offsetstore::testing {

void FakeClient::SetRange(const TopicPartition& at, std::int64_t start, std::int64_t end) {
  const std::lock_guard lock(mutex_);
  logs_[at].range.start = Position(start);
  logs_[at].range.end = Position(end);
}

void FakeClient::SetStableEnd(const TopicPartition& at, std::int64_t end) {
  const std::lock_guard lock(mutex_);
  logs_[at].stable_end = Position(end);
}

void FakeClient::SetLeaderEpoch(const TopicPartition& at, std::int32_t epoch) {
  const std::lock_guard lock(mutex_);
  logs_[at].range.leader_epoch = epoch;
}

void FakeClient::SetTopicId(const TopicPartition& at, std::string id) {
  const std::lock_guard lock(mutex_);
  logs_[at].range.topic_id = std::move(id);
}

void FakeClient::SetClusterId(std::string id) {
  const std::lock_guard lock(mutex_);
  cluster_id_ = std::move(id);
}

void FakeClient::FailWith(std::optional<Error> error) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(error);
}

Result<std::string> FakeClient::ClusterId(Deadline /*deadline*/) {
  const std::lock_guard lock(mutex_);
  if (failure_) return *failure_;
  return cluster_id_;
}

Result<std::vector<std::int32_t>> FakeClient::PartitionsOf(std::string_view topic,
                                                           Deadline /*deadline*/) {
  const std::lock_guard lock(mutex_);
  if (failure_) return *failure_;
  std::vector<std::int32_t> numbers;
  for (const auto& [at, log] : logs_) {
    if (at.topic == topic) numbers.push_back(at.partition);
  }
  if (numbers.empty()) return MakeError(ErrorCode::kInvalidArgument, "no such topic");
  return numbers;
}

Answers<Result<LogRange>> FakeClient::Ranges(std::span<const TopicPartition> partitions,
                                             Isolation isolation,
                                             Deadline /*deadline*/) {
  const std::lock_guard lock(mutex_);
  if (failure_) return *failure_;
  std::vector<Result<LogRange>> ranges;
  for (const TopicPartition& at : partitions) {
    const Log& log = logs_[at];
    LogRange range = log.range;
    if (isolation == Isolation::kAsReader && log.stable_end) range.end = *log.stable_end;
    ranges.emplace_back(range);
  }
  return ranges;
}

Answers<Result<Position>> FakeClient::Resolve(std::span<const TopicPartition> partitions,
                                              const Start& start,
                                              Deadline /*deadline*/) {
  const std::lock_guard lock(mutex_);
  if (failure_) return *failure_;
  ++resolved_;
  std::vector<Result<Position>> positions;
  for (const TopicPartition& at : partitions) {
    const LogRange& range = logs_[at].range;
    positions.emplace_back(start.policy == StartPolicy::kLatest ? range.end : range.start);
  }
  return positions;
}

}  // namespace offsetstore::testing
