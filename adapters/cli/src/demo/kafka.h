// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::cli {

struct KafkaDeleter {
  void operator()(rd_kafka_t* handle) const noexcept { rd_kafka_destroy(handle); }
  void operator()(rd_kafka_topic_partition_list_t* list) const noexcept {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(rd_kafka_message_t* message) const noexcept { rd_kafka_message_destroy(message); }
};
template <class T>
using KafkaPtr = std::unique_ptr<T, KafkaDeleter>;

using KafkaSettings = std::vector<std::pair<std::string, std::string>>;

/// A new client with these settings. Its own log is silent: what matters comes back as errors.
[[nodiscard]] Result<KafkaPtr<rd_kafka_t>> NewKafka(rd_kafka_type_t type,
                                                    const KafkaSettings& settings,
                                                    void* opaque = nullptr);

/// The error of a Kafka call; `what` says what was being done.
[[nodiscard]] Error KafkaError(std::string_view what, rd_kafka_resp_err_t code);

/// Makes `topic` on real brokers, and takes it away.
[[nodiscard]] Status CreateTopic(const std::string& brokers,
                                 const std::string& topic,
                                 int partitions,
                                 Deadline deadline);
[[nodiscard]] Status DeleteTopic(const std::string& brokers,
                                 const std::string& topic,
                                 Deadline deadline);

/// Writes `count` records, their numbers from 0 as values, in turn to all partitions, each exactly
/// once.
[[nodiscard]] Status ProduceNumbers(const std::string& brokers,
                                    const std::string& topic,
                                    int partitions,
                                    std::uint64_t count,
                                    Deadline deadline);

}  // namespace offsetstore::cli
