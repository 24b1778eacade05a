// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A line of every file of this store: columns with a tab between them, the last one the CRC-32 of
// all bytes before its tab. docs/formats/file-store.md is the grammar.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// Appends `text` so that it holds no tab, line end, control character or byte that is not UTF-8:
/// those become `\xNN`, a backslash `\\`.
void AppendEscaped(std::string& out, std::string_view text);

/// The text that `escaped` stands for, or none where an escape is malformed.
[[nodiscard]] std::optional<std::string> Unescaped(std::string_view escaped);

void AppendNumber(std::string& out, std::int64_t number);
void AppendNumber(std::string& out, std::uint64_t number);

/// Ends the line that starts at `from`: a tab, the CRC as eight hexadecimal digits, a line end.
void AppendChecksum(std::string& out, std::size_t from);

/// The line without its CRC column where that is right; none for any other text. `line` has no line
/// end.
[[nodiscard]] std::optional<std::string_view> Checked(std::string_view line);

/// Reads a whole column as a number: digits, and `-` where T has a sign; nothing else.
template <class T>
[[nodiscard]] std::optional<T> ToNumber(std::string_view column, int base = 10) {
  T number{};
  const char* const end = column.data() + column.size();
  const auto [stopped, error] = std::from_chars(column.data(), end, number, base);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

/// Walks the columns of a checked line.
class ColumnReader {
 public:
  explicit ColumnReader(std::string_view body) : rest_(body) {}
  /// The next column; none after the last.
  [[nodiscard]] std::optional<std::string_view> Next();

 private:
  std::string_view rest_;
  bool done_ = false;
};

}  // namespace internal
}  // namespace offsetstore
