// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/partition_list.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace offsetstore::rdkafka {

PartitionList::PartitionList(std::size_t capacity)
    : list_(rd_kafka_topic_partition_list_new(static_cast<int>(capacity))) {}

PartitionList PartitionList::Adopt(rd_kafka_topic_partition_list_t* list) {
  PartitionList adopted;
  if (list != nullptr) adopted.list_.reset(list);
  return adopted;
}

PartitionList PartitionList::CopyOf(const rd_kafka_topic_partition_list_t* list) {
  return Adopt(list == nullptr ? nullptr : rd_kafka_topic_partition_list_copy(list));
}

PartitionList PartitionList::Of(std::span<const TopicPartition> partitions) {
  PartitionList list(partitions.size());
  for (const TopicPartition& at : partitions) list.Add(at);
  return list;
}

rd_kafka_topic_partition_t& PartitionList::Add(const TopicPartition& at, std::int64_t offset) {
  rd_kafka_topic_partition_t* added =
      rd_kafka_topic_partition_list_add(list_.get(), at.topic.c_str(), at.partition);
  added->offset = offset;
  return *added;
}

rd_kafka_topic_partition_t* PartitionList::Find(const TopicPartition& at) noexcept {
  return rd_kafka_topic_partition_list_find(list_.get(), at.topic.c_str(), at.partition);
}

std::span<rd_kafka_topic_partition_t> PartitionList::elements() noexcept {
  return {list_->elems, static_cast<std::size_t>(list_->cnt)};
}

std::span<const rd_kafka_topic_partition_t> PartitionList::elements() const noexcept {
  return {list_->elems, static_cast<std::size_t>(list_->cnt)};
}

TopicPartition At(const rd_kafka_topic_partition_t& element) {
  return {element.topic, element.partition};
}

std::span<const rd_kafka_topic_partition_t> Elements(
    const rd_kafka_topic_partition_list_t* list) noexcept {
  if (list == nullptr) return {};
  return {list->elems, static_cast<std::size_t>(list->cnt)};
}

std::string_view Metadata(const rd_kafka_topic_partition_t& element) noexcept {
  if (element.metadata == nullptr) return {};
  return {static_cast<const char*>(element.metadata), element.metadata_size};
}

void SetMetadata(rd_kafka_topic_partition_t& element, std::string_view metadata) {
  std::free(element.metadata);
  element.metadata = nullptr;
  element.metadata_size = 0;
  if (metadata.empty()) return;
  // librdkafka frees it with the list.
  element.metadata = std::malloc(metadata.size());
  if (element.metadata == nullptr) throw std::bad_alloc();
  std::memcpy(element.metadata, metadata.data(), metadata.size());
  element.metadata_size = metadata.size();
}

}  // namespace offsetstore::rdkafka
