// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What stands in one place of a row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/source.h"
#include "offsetstore/migration/formats.h"
#include "offsetstore/result.h"

namespace offsetstore::migration {

/// 0 to 2^31-1.
[[nodiscard]] Result<std::int32_t> PartitionOf(std::string_view text);
/// A position; -1, which Kafka's tools write where there is none, is absent.
[[nodiscard]] Result<Slot> OffsetOf(std::string_view text);
/// The same of numbers.
[[nodiscard]] Result<std::int32_t> PartitionOf(std::int64_t number);
[[nodiscard]] Result<Slot> OffsetOf(std::int64_t number);
/// Not empty, no blanks around.
[[nodiscard]] Status CheckTopic(std::string_view topic);

/// A row of the three texts; what is wrong says which of them.
[[nodiscard]] Result<Row> RowOf(std::string group,
                                std::string topic,
                                std::string_view partition,
                                std::string_view offset);

/// The group that was named for a format that names none.
[[nodiscard]] Result<std::string> GivenGroup(const Source& source, const FormatOptions& options);
/// `InvalidArgument` where one was named for a format that names its groups.
[[nodiscard]] Status CheckNoGroup(const Source& source, const FormatOptions& options);

/// Fields parted by commas (RFC 4180), on one line.
[[nodiscard]] Result<std::vector<std::string>> SplitCsv(std::string_view line);
/// Fields parted by blanks.
[[nodiscard]] std::vector<std::string> SplitBlanks(std::string_view line);
/// `TOPIC PARTITION OFFSET`, in letters of either case.
[[nodiscard]] bool IsRpkHeader(const std::vector<std::string>& fields);

/// The parts of `/consumers/GROUP/offsets/TOPIC/PARTITION:OFFSET`; names decoded.
struct ZkParts {
  std::string group;
  std::string topic;
  std::string partition;
  std::string offset;
};
[[nodiscard]] Result<ZkParts> SplitZk(std::string_view line);
/// A name as the node of it; as the ZooKeeper store does (docs/formats/zookeeper-store.md).
[[nodiscard]] std::string ZkNode(const std::string& name);
/// Whether Kafka 0.8 itself takes such a name.
[[nodiscard]] bool IsOldKafkaName(std::string_view name) noexcept;

}  // namespace offsetstore::migration
