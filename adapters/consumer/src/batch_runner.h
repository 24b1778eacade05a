// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "batch_queue.h"
#include "batch_work.h"
#include "event_hub.h"
#include "run_style.h"

namespace offsetstore {

/// The thread that works on one batch after the other, of all partitions.
class BatchRunner final : public RunStyle {
 public:
  /// `config`, `events` and `client` must outlive this. `most`: records until it is over; 0 = no
  /// limit.
  BatchRunner(std::unique_ptr<BatchWork> work,
              std::uint64_t most,
              const ConsumerConfig& config,
              EventHub& events,
              Client& client);
  BatchRunner(const BatchRunner&) = delete;
  BatchRunner& operator=(const BatchRunner&) = delete;
  ~BatchRunner() override;

  [[nodiscard]] std::shared_ptr<Outlet> NewOutlet(const TopicPartition& at) override;
  void Flush() override { queue_.Flush(); }
  [[nodiscard]] bool Choked() noexcept override { return queue_.Choked(); }
  void BeginStop() override { queue_.BeginStop(); }
  void Join() override;
  [[nodiscard]] std::optional<Error> Failure() const override;
  [[nodiscard]] bool Over() const noexcept override { return over_; }

 private:
  void Loop();
  /// What follows a batch that failed; false: the run ends.
  [[nodiscard]] bool Pass(const BatchWork::Ending& ending, Duration& pause);
  void Fail(Error error);
  /// Ends the run.
  void End();

  const std::unique_ptr<BatchWork> work_;
  const ConsumerConfig& config_;
  EventHub& events_;
  Client& client_;
  BatchQueue queue_;

  mutable std::mutex mutex_;
  std::optional<Error> failure_;  // Guarded by mutex_.
  std::uint64_t left_;            // Batch thread only: records until the run is over.
  std::atomic<bool> over_{false};
  std::jthread thread_;  // Last: it uses all of the above.
};

}  // namespace offsetstore
