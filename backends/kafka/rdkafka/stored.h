// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What Kafka keeps as positions, in the store's own words; shared by both ways to reach it.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offsetstore/store.h"
#include "rdkafka/partition_list.h"

namespace offsetstore::rdkafka {

/// What every Kafka store can do and keep; `lists_groups` is left to the caller.
[[nodiscard]] StoreInfo InfoOfKafka(std::string endpoint, std::string cluster_id);

/// What a coordinator answered for one partition: absent, an entry, or an error.
[[nodiscard]] Slot ToSlot(const rd_kafka_topic_partition_t& answer, const std::string& cluster_id);

/// Adds a move to the list of a commit: position, metadata and, where the library can, the epoch.
void AddMove(PartitionList& list, const Move& move);

/// What can be told before anything is sent: a move that Kafka cannot make (under a claim, with a
/// condition, with metadata that is no text).
[[nodiscard]] std::optional<Outcome> Refused(const Move& move);

/// What the stored slot says of a move: unreadable, backwards (`kConflict`), or there already.
/// None: send it. Kafka has no compare-and-set, so another writer may come in between.
[[nodiscard]] std::optional<Outcome> Decided(const Move& move, const Slot& stored);

/// Whether `stored` is what `move` would store.
[[nodiscard]] bool IsTarget(const Slot& stored, const Move& move);

}  // namespace offsetstore::rdkafka
