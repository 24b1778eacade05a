// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/consumer.h"
#include "offsetstore/result.h"

namespace offsetstore::cli {

/// How a record is printed: kcat's own `-f` language. `%s` payload, `%S` its length (-1: null),
/// `%R` the same as 4 bytes big-endian, `%k` key, `%K` its length, `%T` timestamp in milliseconds,
/// `%h` headers as `name=value,...`, `%t` topic, `%p` partition, `%o` offset, `%%`; and
/// `\n \r \t \xNN \NNN`, any other character after a backslash being itself.
class RecordFormat {
 public:
  /// What kcat prints by default: the payload and a newline.
  static constexpr std::string_view kDefault = "%s\\n";

  [[nodiscard]] static Result<RecordFormat> Parse(std::string_view text);

  void Append(std::string& out, const Record& record) const;

  /// The text that every record ends with; empty where it ends with a field.
  [[nodiscard]] std::string_view ending() const noexcept;

 private:
  struct Part {
    char field = 0;       ///< The letter after `%`; 0 = `literal`.
    std::string literal;  ///< Unescaped.
  };
  static void AppendField(std::string& out, char field, const Record& record);

  std::vector<Part> parts_;
};

}  // namespace offsetstore::cli
