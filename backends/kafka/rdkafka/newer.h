// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What newer versions of librdkafka offer, taken when the library at run time has it: one binary
// serves every version from 2.0.2 on. The weak declarations stand in newer.cc and nowhere else.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace offsetstore::rdkafka {

/// The version of the library that runs, as `rd_kafka_version()` has it.
[[nodiscard]] int RuntimeVersion() noexcept;
[[nodiscard]] std::string_view RuntimeVersionText() noexcept;

/// Whether leader epochs can be read and given back (2.1.0).
[[nodiscard]] bool HasLeaderEpochs() noexcept;

/// None where the library is too old or the epoch is not known.
[[nodiscard]] std::optional<std::int32_t> LeaderEpoch(const rd_kafka_topic_partition_t& partition);
[[nodiscard]] std::optional<std::int32_t> LeaderEpoch(const rd_kafka_message_t& message);

/// Does nothing where the library is too old.
void SetLeaderEpoch(rd_kafka_topic_partition_t& partition, std::optional<std::int32_t> epoch);

/// The group generation (classic) or member epoch (`group.protocol=consumer`) of a consumer; none
/// before it joined and where it cannot be known.
[[nodiscard]] std::optional<std::int32_t> GenerationOf(
    const rd_kafka_consumer_group_metadata_t* metadata);
[[nodiscard]] std::optional<std::int32_t> GenerationId(rd_kafka_t* consumer);

/// The member id the coordinator gave; empty before the first join and without a group.
[[nodiscard]] std::string MemberId(rd_kafka_t* consumer);

}  // namespace offsetstore::rdkafka
