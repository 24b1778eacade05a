// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "offsetstore/migration/formats.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

/// A file of positions, read as a whole.
struct Loaded {
  /// Shows what the file holds, unreadable partitions as such. It can only be read (writes are
  /// `Unsupported`), needs some 40 bytes per plain position, and is the same store (`store_id`)
  /// whenever the same positions are read. Claims are left out: nobody holds anything in a file.
  std::unique_ptr<OffsetStore> store;
  std::uint64_t rows = 0;
  std::uint64_t positions = 0;     ///< Of the rows, those with a position.
  std::vector<std::string> notes;  ///< What is to be known about it; for people.
};

/// Reads `in` (`ReadRows`). Nothing at all where anything is wrong.
[[nodiscard]] Result<Loaded> LoadAsStore(std::istream& in, const FormatOptions& options);

/// Opens the file `path`, or standard input for `-`.
[[nodiscard]] Result<Loaded> LoadFileAsStore(const std::string& path, FormatOptions options);

/// Reads the offset files that librdkafka's `offset.store.method=file` left in a folder:
/// `TOPIC-PARTITION[-GROUP].offset`. A file that holds no offset is an unreadable partition.
/// `InvalidArgument` where a name can be read in two ways, or names no group and `options` do
/// neither.
[[nodiscard]] Result<Loaded> LoadLibrdkafkaFiles(const std::string& folder,
                                                 const FormatOptions& options);

}  // namespace offsetstore::migration
