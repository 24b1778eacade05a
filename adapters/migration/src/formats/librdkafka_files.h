// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The files of librdkafka's `offset.store.method=file`, as its rdkafka_offset.c names and writes
// them: TOPIC-PARTITION.offset, or TOPIC-PARTITION-GROUP.offset where a group.id is configured,
// with `/`, `:` and `\` as %2F, %3A and %5C; in it the decimal position and a line end.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/migration/formats.h"
#include "offsetstore/result.h"
#include "offsetstore/types.h"

namespace offsetstore::migration {

struct OffsetFileName {
  TopicPartition at;
  std::optional<std::string> group;
};
/// Every way in which a file name can be read; none: it is no offset file. Names do not say where
/// the topic ends: `a-1-2.offset` is `a-1` partition 2, or `a` partition 1 of group `2`.
[[nodiscard]] std::vector<OffsetFileName> ReadingsOf(std::string_view file_name);

/// What is in such a file. Empty: it was made and never written, so absent.
[[nodiscard]] Slot SlotOfOffsetFile(std::string_view content);

/// Hands on a row for each offset file of `folder`, sorted by name. Returns what is to be said.
[[nodiscard]] Result<std::vector<std::string>> ReadLibrdkafkaFiles(
    const std::string& folder, const std::optional<std::string>& group, const TakeRow& take);

}  // namespace offsetstore::migration
