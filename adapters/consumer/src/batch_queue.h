// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "assignment.h"
#include "consumer_config.h"
#include "queue_gauge.h"

namespace offsetstore {

/// Records of all partitions on their way into batches: by count, bytes and age, whatever comes
/// first. The order within a partition is kept.
class BatchQueue {
 public:
  /// `client` must outlive this.
  BatchQueue(const BatchLimits& limits, std::size_t queue_bytes, Client& client);
  BatchQueue(const BatchQueue&) = delete;
  BatchQueue& operator=(const BatchQueue&) = delete;
  ~BatchQueue() = default;

  /// *poll*. Must be stopped before this is gone.
  [[nodiscard]] std::shared_ptr<Outlet> NewLane();
  /// *poll*. Hands over what the lanes took.
  void Flush();
  /// *poll*. Whether more waits than should; with hysteresis.
  [[nodiscard]] bool Choked() noexcept { return gauge_.Choked(); }

  /// The next batch, of at most `most` records, waiting for it; never an empty one. None: the end.
  [[nodiscard]] std::optional<std::vector<KafkaRecord>> Next(std::uint64_t most);
  /// Waits; false: the end came first.
  [[nodiscard]] bool Rest(Duration pause);

  /// No batch is begun any more. Any thread.
  void BeginStop();

 private:
  using Clock = std::chrono::steady_clock;
  class Lane;
  struct Item {
    const Lane* lane = nullptr;
    KafkaRecord record;
    Clock::time_point since;
  };

  void Take(const Lane& lane, KafkaRecord record);
  void Discard(const Lane& lane) noexcept;
  [[nodiscard]] bool IsDue(Clock::time_point now, std::size_t full) const;
  [[nodiscard]] std::vector<KafkaRecord> TakeBatch(std::size_t full);

  const BatchLimits limits_;
  QueueGauge gauge_;

  std::vector<Item> fresh_;  // Poll thread only.

  std::mutex mutex_;  // Guards all below.
  std::condition_variable changed_;
  std::deque<Item> waiting_;
  bool ending_ = false;
};

}  // namespace offsetstore
