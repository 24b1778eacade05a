// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "offsetstore/types.h"

namespace offsetstore::rdkafka {

/// `rd_kafka_topic_partition_list_t`, owned. Topics must not hold the byte 0 (no Kafka topic can).
class PartitionList {
 public:
  explicit PartitionList(std::size_t capacity = 0);
  /// Takes the list over; null gives an empty one.
  [[nodiscard]] static PartitionList Adopt(rd_kafka_topic_partition_list_t* list);
  [[nodiscard]] static PartitionList CopyOf(const rd_kafka_topic_partition_list_t* list);
  /// Every partition with no offset given.
  [[nodiscard]] static PartitionList Of(std::span<const TopicPartition> partitions);

  /// The reference is valid until the next `Add`.
  rd_kafka_topic_partition_t& Add(const TopicPartition& at,
                                  std::int64_t offset = RD_KAFKA_OFFSET_INVALID);

  [[nodiscard]] rd_kafka_topic_partition_t* Find(const TopicPartition& at) noexcept;

  [[nodiscard]] std::span<rd_kafka_topic_partition_t> elements() noexcept;
  [[nodiscard]] std::span<const rd_kafka_topic_partition_t> elements() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return elements().size(); }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] rd_kafka_topic_partition_list_t* get() const noexcept { return list_.get(); }

 private:
  struct Destroy {
    void operator()(rd_kafka_topic_partition_list_t* list) const noexcept {
      rd_kafka_topic_partition_list_destroy(list);
    }
  };
  std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy> list_;
};

[[nodiscard]] TopicPartition At(const rd_kafka_topic_partition_t& element);

/// A list that librdkafka owns, for instance of an event; null is empty.
[[nodiscard]] std::span<const rd_kafka_topic_partition_t> Elements(
    const rd_kafka_topic_partition_list_t* list) noexcept;

/// The bytes stored beside an offset; empty where there are none.
[[nodiscard]] std::string_view Metadata(const rd_kafka_topic_partition_t& element) noexcept;
void SetMetadata(rd_kafka_topic_partition_t& element, std::string_view metadata);

}  // namespace offsetstore::rdkafka
