// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// librdkafka's admin calls on consumer groups, synchronous and bounded. Each ends by its deadline;
// a coordinator that is loading or moving is waited for within it. An answer has three levels
// (event, group, partition): an error of the first two is the returned `Error`, the last stands in
// each partition's `err`.
#pragma once

#include <librdkafka/rdkafka.h>

#include <span>
#include <string>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "rdkafka/partition_list.h"

namespace offsetstore::rdkafka {

/// A group as the coordinators list it. The listed state is right for every kind of group;
/// describing a live `group.protocol=consumer` group by librdkafka 2.0.2 is not.
struct GroupListing {
  std::string name;
  std::string state;     ///< `Stable`, `Empty`, ...
  bool is_live = false;  ///< Has members, or may get some any moment.
};

/// All groups of the cluster, sorted by name. An error where a broker did not answer: a list with
/// gaps is no list.
[[nodiscard]] Result<std::vector<GroupListing>> ListGroups(rd_kafka_t* handle, Deadline deadline);

/// The handle must have a `group.id` of its own, never joined: without one librdkafka crashes when
/// the coordinator has moved (refused here as `Internal`).
/// What the group has stored: of the named partitions (at most `kChunk`), or of all where
/// `wanted` is null.
[[nodiscard]] Result<PartitionList> GroupOffsets(rd_kafka_t* handle,
                                                 const std::string& group,
                                                 const PartitionList* wanted,
                                                 Deadline deadline);

/// Everything that each of several groups has stored, read side by side. The error of the first
/// that could not be read, which names the group.
[[nodiscard]] Result<std::vector<PartitionList>> OffsetsOfGroups(
    rd_kafka_t* handle, std::span<const std::string> groups, Deadline deadline);

/// Stores offsets (at most `kChunk`) of a group without members. A live group answers
/// `UNKNOWN_MEMBER_ID` per partition.
[[nodiscard]] Result<PartitionList> AlterGroupOffsets(rd_kafka_t* handle,
                                                      const std::string& group,
                                                      const PartitionList& offsets,
                                                      Deadline deadline);

/// Removes offsets (at most `kChunk`). On a broker that lacks the request (Kafka before 2.4, the
/// mock cluster) librdkafka **aborts the process**: before 2.10 at once, later when the handle is
/// destroyed. Ask `Journal::BrokersCanDeleteOffsets` before.
[[nodiscard]] Result<PartitionList> DeleteGroupOffsets(rd_kafka_t* handle,
                                                       const std::string& group,
                                                       const PartitionList& partitions,
                                                       Deadline deadline);

}  // namespace offsetstore::rdkafka
