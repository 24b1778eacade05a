// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A `Session` under your own librdkafka consumer, in C or C++ (`RdKafka::KafkaConsumer::c_ptr()`).
// `docs/examples/own_rdkafka.cc` and `own_rdkafkacpp.cc` show it whole.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "offsetstore/client.h"
#include "offsetstore/session.h"

// librdkafka's own types, so that none of its headers comes along.
struct rd_kafka_s;
struct rd_kafka_message_s;
struct rd_kafka_topic_partition_list_s;

namespace [[gnu::visibility("default")]] offsetstore {

/// What a `Session` asks of Kafka, over your own consumer, however you poll it. `Wake` ends a poll
/// of the consumer's queue early. Under `isolation.level=read_committed` a second connection with
/// the same configuration, but none of its callbacks, is opened when the session first needs to see
/// beyond the last stable offset.
///
/// `consumer` must outlive the client: close the session and drop it and the client before you
/// destroy the handle.
[[nodiscard]] std::shared_ptr<Client> MakeRdKafkaClient(rd_kafka_s* consumer);

/// Carries out on your own consumer what the session wants done, in the way that its group's
/// protocol (eager, cooperative, new) or a static assignment asks for. `consumer` and `session`
/// must outlive it.
///
/// Configure the consumer with `enable.auto.commit=false`, `enable.auto.offset.store=false`,
/// `auto.offset.reset=error`, and a rebalance callback (or event) that does nothing but call
/// `Rebalance`; `enable.partition.eof=true` lets positions pass control records at the end.
///
/// Threads: the one that polls the consumer.
class RdKafkaDriver {
 public:
  /// `drain`: what a revocation may take. Must be below `max.poll.interval.ms`.
  RdKafkaDriver(rd_kafka_s* consumer, Session& session, Duration drain = std::chrono::seconds(10));
  RdKafkaDriver(const RdKafkaDriver&) = delete;
  RdKafkaDriver& operator=(const RdKafkaDriver&) = delete;
  ~RdKafkaDriver();

  /// Answers a rebalance. `assigned`, for `_ASSIGN_PARTITIONS`: claims, restores and assigns what
  /// is ready; the rest joins later. Else drains, commits and releases (or, where the assignment
  /// was lost, drops) and unassigns.
  void Rebalance(bool assigned, const rd_kafka_topic_partition_list_s* partitions);
  void Rebalance(bool assigned, const Partitions& partitions);

  /// Takes what was polled: a record, a partition's end, or a position out of range. For a record
  /// to process, a ticket: call `Done` on it when it is processed, on any thread. None: not a
  /// record, or do not process it.
  [[nodiscard]] std::optional<Ticket> Take(const rd_kafka_message_s& message);

  /// Call before each poll: does what the session wants done. An error ends the consumer.
  [[nodiscard]] Status Work();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace offsetstore
