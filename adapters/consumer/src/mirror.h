// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "offsetstore/event.h"
#include "rdkafka/handle.h"

namespace offsetstore {

/// Repeats in Kafka what the store acknowledged, so that lag tools keep working: one commit in
/// flight, later ones merge, nobody waits, nothing is ever read back.
class Mirror {
 public:
  /// Takes note of `kCommitted`, `kReleased` is of no interest. Any thread.
  void Note(const Event& event) noexcept;

  /// *poll*. Sends what is new unless a commit is under way; returns why the one before failed.
  [[nodiscard]] std::optional<std::string> Send(rd_kafka_t* consumer);
  /// *poll*. Sends the rest and waits for it, before the consumer leaves its group.
  [[nodiscard]] std::optional<std::string> Finish(rd_kafka_t* consumer, Deadline deadline);
  /// Before the handle goes.
  void Detach() noexcept { replies_.reset(); }

 private:
  [[nodiscard]] std::optional<std::string> Collect(Duration wait);

  std::mutex mutex_;  // Guards `fresh_`.
  std::map<TopicPartition, Position> fresh_;
  std::optional<rdkafka::Queue> replies_;
  std::optional<std::chrono::steady_clock::time_point> sent_;  ///< A commit is under way.
};

}  // namespace offsetstore
