// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "offsetstore/client.h"

namespace offsetstore::testing {

/// A Kafka cluster of plain numbers: partitions and their log ranges, set by the test.
class FakeClient final : public Client {
 public:
  void SetRange(const TopicPartition& at, std::int64_t start, std::int64_t end);
  /// What a read_committed reader sees as the end, where that differs.
  void SetStableEnd(const TopicPartition& at, std::int64_t end);
  void SetLeaderEpoch(const TopicPartition& at, std::int32_t epoch);
  void SetTopicId(const TopicPartition& at, std::string id);
  void SetClusterId(std::string id);
  /// Every call fails with this until it is taken back.
  void FailWith(std::optional<Error> error);

  [[nodiscard]] int resolved() const noexcept { return resolved_; }
  [[nodiscard]] int woken() const noexcept { return woken_; }

  [[nodiscard]] Result<std::string> ClusterId(Deadline deadline) override;
  [[nodiscard]] Result<std::vector<std::int32_t>> PartitionsOf(std::string_view topic,
                                                               Deadline deadline) override;
  [[nodiscard]] Answers<Result<LogRange>> Ranges(std::span<const TopicPartition> partitions,
                                                 Isolation isolation,
                                                 Deadline deadline) override;
  [[nodiscard]] Answers<Result<Position>> Resolve(std::span<const TopicPartition> partitions,
                                                  const Start& start,
                                                  Deadline deadline) override;
  void Wake() noexcept override { ++woken_; }

 private:
  struct Log {
    LogRange range;
    std::optional<Position> stable_end;
  };
  mutable std::mutex mutex_;
  std::map<TopicPartition, Log> logs_;
  std::string cluster_id_ = "cluster-a";
  std::optional<Error> failure_;
  std::atomic<int> resolved_{0};
  std::atomic<int> woken_{0};
};

}  // namespace offsetstore::testing
