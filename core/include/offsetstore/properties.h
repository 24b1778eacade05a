// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/result.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// One `key=value` line of a properties file.
struct Property {
  std::string key;
  std::string value;
  int line = 0;  ///< 1-based; 0 = not from a file (`--set`).
};

/// A properties file in the shape of the Kafka ecosystem: `key=value` lines (blanks around both
/// are dropped), `#` and `!` comments, empty lines. No escapes and no continued lines: librdkafka
/// has none.
struct Properties {
  std::string source;  ///< File name for error messages.
  std::vector<Property> entries;

  /// The value of the last entry of that key, or null.
  [[nodiscard]] const Property* Find(std::string_view key) const noexcept;
  /// `client.properties:12`, or the source alone.
  [[nodiscard]] std::string Where(const Property& property) const;
};

/// Reads a file. `ConfigInvalid` names file and line: not readable, not a regular file, larger than
/// 1 MiB, not UTF-8 (binary junk), a line without `=`, an empty key, a repeated key. An empty file
/// is empty properties.
[[nodiscard]] Result<Properties> ReadProperties(const std::filesystem::path& file);

/// The same from text; `source` is used in messages.
[[nodiscard]] Result<Properties> ParseProperties(std::string_view text, std::string source);

}  // namespace offsetstore
