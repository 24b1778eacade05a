// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <span>
#include <string>
#include <vector>

#include "offsetstore/client.h"
#include "rdkafka/handle.h"

namespace offsetstore {

/// What the session asks of Kafka, over the consumer's handle.
class KafkaClient final : public Client {
 public:
  /// `consumer` must outlive this, or `Detach` be called before it goes.
  explicit KafkaClient(rd_kafka_t* consumer);

  [[nodiscard]] Result<std::string> ClusterId(Deadline deadline) override;
  [[nodiscard]] Result<std::vector<std::int32_t>> PartitionsOf(std::string_view topic,
                                                               Deadline deadline) override;
  [[nodiscard]] Answers<Result<LogRange>> Ranges(std::span<const TopicPartition> partitions,
                                                 Isolation isolation,
                                                 Deadline deadline) override;
  [[nodiscard]] Answers<Result<Position>> Resolve(std::span<const TopicPartition> partitions,
                                                  const Start& start,
                                                  Deadline deadline) override;
  void Wake() noexcept override;
  /// *poll*. Waits for the next `Wake`, or one since the last call, without polling librdkafka.
  void WaitForWake(Duration wait);

  /// Lets go of the handle. After the session was closed; a `Wake` may still come.
  void Detach() noexcept;

 private:
  /// A second handle that sees beyond the last stable offset; opened when first asked for.
  [[nodiscard]] Result<rd_kafka_t*> Uncommitted();
  [[nodiscard]] std::vector<Result<Position>> CommittedInKafka(
      std::span<const TopicPartition> partitions, Deadline deadline);

  rd_kafka_t* const consumer_;
  const bool read_committed_;
  std::mutex queue_mutex_;  // Guards `queue_` against `Wake` on other threads.
  std::optional<rdkafka::Queue> queue_;
  std::binary_semaphore woken_{0};
  std::atomic<bool> wake_pending_{false};         ///< Keeps the semaphore's count at one.
  std::unique_ptr<rdkafka::Handle> uncommitted_;  // Session's thread only.
};

}  // namespace offsetstore
