// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "offsetstore/types.h"
#include "rdkafka/conf.h"
#include "rdkafka/handle.h"

namespace offsetstore::testing {

/// The brokers of the Kafka that tests/services/kafka.sh started (`OFFSETSTORE_TEST_KAFKA`).
/// Without one the whole program says so and exits 77, which ctest shows as skipped.
[[nodiscard]] std::string KafkaBrokers();

/// Their listener that asks who is there (`OFFSETSTORE_TEST_KAFKA_SASL`); the same otherwise.
[[nodiscard]] std::string KafkaSaslBrokers();
/// Their listener that stands behind a proxy, and where clients look for that.
[[nodiscard]] std::string KafkaBehindProxy();
[[nodiscard]] std::string KafkaProxy();

/// A handle on those brokers, or on others; throws where it cannot be made. `conf` comes first.
[[nodiscard]] std::unique_ptr<rdkafka::Handle> NewHandle(rd_kafka_type_t type,
                                                         const std::string& brokers,
                                                         rdkafka::Conf conf = {});

/// Makes the topics, or adds the partitions, that are missing. Throws where that fails.
void EnsureTopics(const std::string& brokers, std::span<const TopicPartition> partitions);

/// From now on `user` may look at the topic, and neither read it nor keep positions of it.
void LetOnlyDescribe(const std::string& brokers, const std::string& user, const std::string& topic);

/// Writes `count` records of a few bytes to one partition and waits for them.
void Produce(const std::string& brokers, const TopicPartition& at, int count);
/// The same with these values.
void Produce(const std::string& brokers,
             const TopicPartition& at,
             const std::vector<std::string>& values);

}  // namespace offsetstore::testing
