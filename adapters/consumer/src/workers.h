// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "consumer_config.h"
#include "event_hub.h"
#include "queue_gauge.h"
#include "run_style.h"

namespace offsetstore {

/// The threads that run the handler. Each partition has a lane, worked by one thread at a time, so
/// that its order is kept; a partition that comes back, or is moved, has a new one, which waits for
/// the call that the old one is in. Records travel in batches, so that no lock is taken per record.
class Workers final : public RunStyle {
 public:
  /// `handler`, `config`, `events` and `client` must outlive this.
  Workers(const Handler& handler, const ConsumerConfig& config, EventHub& events, Client& client);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() override;

  /// A lane for one partition.
  [[nodiscard]] std::shared_ptr<Outlet> NewOutlet(const TopicPartition& at) override;
  void Flush() override;
  [[nodiscard]] bool Choked() noexcept override { return gauge_.Choked(); }
  void BeginStop() override;
  void Join() override;
  /// The handler's error under `offsetstore.on.error=stop`.
  [[nodiscard]] std::optional<Error> Failure() const override;
  [[nodiscard]] bool Over() const noexcept override { return failed_; }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Batch {
    std::vector<KafkaRecord> records;
    std::size_t begun = 0;  ///< Records before it are worked.
    std::size_t bytes = 0;
  };
  struct Lane;

  void Loop();
  /// The next lane to work on; null at the end.
  [[nodiscard]] std::shared_ptr<Lane> Next(std::unique_lock<std::mutex>& lock);
  void WorkOn(const std::shared_ptr<Lane>& lane, std::unique_lock<std::mutex>& lock);
  void Leave(const TopicPartition& at);
  /// False: the record at `batch.begun` is to be tried again after `lane.pause`.
  [[nodiscard]] bool Work(Lane& lane, Batch& batch);
  /// What follows when the handler failed; false: try the record again.
  [[nodiscard]] bool Pass(Lane& lane, KafkaRecord& record, Error error);
  void Fail(Error error);
  void Discard(Lane& lane) noexcept;

  const Handler& handler_;
  const ConsumerConfig& config_;
  EventHub& events_;
  Client& client_;
  QueueGauge gauge_;

  std::vector<std::shared_ptr<Lane>> fresh_;  // Poll thread only.

  mutable std::mutex mutex_;  // Guards all below, and each lane's part.
  std::condition_variable ready_changed_;
  std::deque<std::shared_ptr<Lane>> ready_;
  std::multimap<TimePoint, std::shared_ptr<Lane>> later_;
  std::set<TopicPartition> at_work_;  ///< Their handler is called right now.
  /// Of each the newest lane, which waits for the call that an older one has not ended.
  std::map<TopicPartition, std::shared_ptr<Lane>> behind_;
  std::optional<Error> failure_;

  std::atomic<bool> ending_{false};
  std::atomic<bool> failed_{false};
  std::vector<std::jthread> threads_;  // Last: they use all of the above.
};

}  // namespace offsetstore
