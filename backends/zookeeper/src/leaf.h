// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What stands in Kafka's own nodes, and the dialects of other programs, which are named and never
// read as positions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "offsetstore/error.h"
#include "offsetstore/position.h"
#include "offsetstore/types.h"

namespace offsetstore::zookeeper {

/// What a leaf holds: nothing (no data or an empty text), a position, or why it is neither. Only
/// `[0-9]+` up to 2^63-1 is a position: no blank, no sign, no newline.
[[nodiscard]] std::variant<Absent, Position, Error> ReadLeaf(const std::optional<std::string>& data,
                                                             const std::string& path);

/// Why the children of a topic's node that are no partitions cannot be read. Requires at least one.
[[nodiscard]] Error ForeignChildren(const std::vector<std::string>& names, const std::string& path);

/// Why the data of a topic's node without children cannot be read; none where there is nothing in
/// it that looks like offsets (Curator leaves an address there).
[[nodiscard]] std::optional<Error> TopicData(std::string_view data, const std::string& path);

/// The partition that a node of Kafka 0.7, `BROKER-PARTITION`, speaks of.
[[nodiscard]] std::optional<std::int32_t> PartitionOf07(std::string_view node);

}  // namespace offsetstore::zookeeper
