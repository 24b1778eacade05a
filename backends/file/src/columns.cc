// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "columns.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "internal/characters.h"
#include "internal/crc32.h"
#include "internal/utf8.h"

namespace offsetstore::internal {
namespace {

constexpr std::size_t kChecksumDigits = 8;

bool IsPlain(char c) noexcept {
  return c >= ' ' && c <= '~' && c != '\\';
}

void AppendHex(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += "\\x";
  out += kHexDigits[byte >> 4U];
  out += kHexDigits[byte & 15U];
}

// U+0080 to U+009F are control characters too: some terminals obey them.
bool IsC1Control(std::string_view text) noexcept {
  return text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0;
}

template <class T>
void AppendInteger(std::string& out, T number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void AppendEscaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), IsPlain) - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const std::size_t sequence = Utf8CharBytes(text);
    if (text[0] == '\\') {
      out += "\\\\";
      text.remove_prefix(1);
    } else if (sequence > 1 && !IsC1Control(text)) {
      out += text.substr(0, sequence);
      text.remove_prefix(sequence);
    } else {
      AppendHex(out, text[0]);
      text.remove_prefix(1);
    }
  }
}

std::optional<std::string> Unescaped(std::string_view escaped) {
  std::string text;
  text.reserve(escaped.size());
  while (!escaped.empty()) {
    const std::size_t plain = std::min(escaped.find('\\'), escaped.size());
    text += escaped.substr(0, plain);
    escaped.remove_prefix(plain);
    if (escaped.empty()) break;
    if (escaped.starts_with("\\\\")) {
      text += '\\';
      escaped.remove_prefix(2);
      continue;
    }
    if (escaped.size() < 4 || escaped[1] != 'x') return std::nullopt;
    const auto byte = ToNumber<std::uint8_t>(escaped.substr(2, 2), 16);
    if (!byte) return std::nullopt;
    text += static_cast<char>(*byte);
    escaped.remove_prefix(4);
  }
  return text;
}

void AppendNumber(std::string& out, std::int64_t number) {
  AppendInteger(out, number);
}

void AppendNumber(std::string& out, std::uint64_t number) {
  AppendInteger(out, number);
}

void AppendChecksum(std::string& out, std::size_t from) {
  std::uint32_t crc = Crc32(std::string_view(out).substr(from));
  std::array<char, kChecksumDigits> digits{};
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, crc >>= 4U) {
    *digit = kHexDigits[crc & 15U];
  }
  out += '\t';
  out.append(digits.data(), digits.size());
  out += '\n';
}

std::optional<std::string_view> Checked(std::string_view line) {
  if (line.size() <= kChecksumDigits) return std::nullopt;
  const std::size_t tab = line.size() - kChecksumDigits - 1;
  const std::string_view digits = line.substr(tab + 1);
  // from_chars takes capitals too: a flipped bit there would go unseen.
  const bool lower = digits.find_first_not_of(kHexDigits) == std::string_view::npos;
  const auto crc = ToNumber<std::uint32_t>(digits, 16);
  const std::string_view body = line.substr(0, tab);
  if (line[tab] != '\t' || !lower || !crc || *crc != Crc32(body)) return std::nullopt;
  return body;
}

std::optional<std::string_view> ColumnReader::Next() {
  if (done_) return std::nullopt;
  const std::size_t tab = rest_.find('\t');
  const std::string_view column = rest_.substr(0, tab);
  done_ = tab == std::string_view::npos;
  if (!done_) rest_.remove_prefix(tab + 1);
  return column;
}

}  // namespace offsetstore::internal
