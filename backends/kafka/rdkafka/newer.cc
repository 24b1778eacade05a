// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/newer.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>

// Bound to librdkafka's names by their labels, so that a newer header may declare them too. Default
// visibility: the dynamic linker fills them in where the library exports them.
#define OS_WEAK(symbol) __asm__(#symbol) __attribute__((weak, visibility("default")))
extern "C" {
std::int32_t WeakGetLeaderEpoch(const rd_kafka_topic_partition_t* partition)
    OS_WEAK(rd_kafka_topic_partition_get_leader_epoch);
void WeakSetLeaderEpoch(rd_kafka_topic_partition_t* partition, std::int32_t leader_epoch)
    OS_WEAK(rd_kafka_topic_partition_set_leader_epoch);
std::int32_t WeakMessageLeaderEpoch(const rd_kafka_message_t* message)
    OS_WEAK(rd_kafka_message_leader_epoch);
std::int32_t WeakGenerationId(const rd_kafka_consumer_group_metadata_t* metadata)
    OS_WEAK(rd_kafka_consumer_group_metadata_generation_id);
}
#undef OS_WEAK

namespace offsetstore::rdkafka {
namespace {

constexpr std::string_view kMetadataTag = "CGMDv2:";

std::optional<std::int32_t> Known(std::int32_t number) {
  if (number < 0) return std::nullopt;
  return number;
}

/// Before 2.8 the generation can only be read from the serialised form, which is not documented:
/// a tag, then the number in the machine's own byte order. Another tag means not known.
std::optional<std::int32_t> ParseGeneration(const rd_kafka_consumer_group_metadata_t* metadata) {
  void* buffer = nullptr;
  std::size_t size = 0;
  rd_kafka_error_t* failed = rd_kafka_consumer_group_metadata_write(metadata, &buffer, &size);
  if (failed != nullptr) {
    rd_kafka_error_destroy(failed);
    return std::nullopt;
  }
  const std::unique_ptr<void, decltype(&std::free)> owned(buffer, &std::free);
  std::int32_t generation = -1;
  if (size < kMetadataTag.size() + sizeof generation) return std::nullopt;
  const char* bytes = static_cast<const char*>(buffer);
  if (std::string_view(bytes, kMetadataTag.size()) != kMetadataTag) return std::nullopt;
  std::memcpy(&generation, bytes + kMetadataTag.size(), sizeof generation);
  return Known(generation);
}

}  // namespace

int RuntimeVersion() noexcept {
  return rd_kafka_version();
}

std::string_view RuntimeVersionText() noexcept {
  return rd_kafka_version_str();
}

bool HasLeaderEpochs() noexcept {
  return &WeakGetLeaderEpoch != nullptr && &WeakSetLeaderEpoch != nullptr;
}

std::optional<std::int32_t> LeaderEpoch(const rd_kafka_topic_partition_t& partition) {
  if (!HasLeaderEpochs()) return std::nullopt;
  return Known(WeakGetLeaderEpoch(&partition));
}

std::optional<std::int32_t> LeaderEpoch(const rd_kafka_message_t& message) {
  if (&WeakMessageLeaderEpoch == nullptr) return std::nullopt;
  return Known(WeakMessageLeaderEpoch(&message));
}

void SetLeaderEpoch(rd_kafka_topic_partition_t& partition, std::optional<std::int32_t> epoch) {
  if (!HasLeaderEpochs()) return;
  WeakSetLeaderEpoch(&partition, epoch.value_or(-1));
}

std::optional<std::int32_t> GenerationOf(const rd_kafka_consumer_group_metadata_t* metadata) {
  if (&WeakGenerationId != nullptr) return Known(WeakGenerationId(metadata));
  return ParseGeneration(metadata);
}

std::optional<std::int32_t> GenerationId(rd_kafka_t* consumer) {
  const std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                        decltype(&rd_kafka_consumer_group_metadata_destroy)>
      metadata(rd_kafka_consumer_group_metadata(consumer),
               &rd_kafka_consumer_group_metadata_destroy);
  return metadata == nullptr ? std::nullopt : GenerationOf(metadata.get());
}

std::string MemberId(rd_kafka_t* consumer) {
  char* text = rd_kafka_memberid(consumer);
  if (text == nullptr) return {};
  std::string id = text;
  rd_kafka_mem_free(consumer, text);
  return id;
}

}  // namespace offsetstore::rdkafka
