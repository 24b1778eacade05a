// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "internal/percent.h"

namespace offsetstore::internal {
namespace {

constexpr std::string_view kUpperDigits = "0123456789ABCDEF";

// Not std::isalnum, which asks the locale.
bool IsPlain(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// Whether the encoder writes `c` as it is. A leading dot would make `.`, `..` and hidden files of
/// ordinary names.
bool IsKept(char c, bool leads) noexcept {
  return IsPlain(c) || (c == '.' && !leads);
}

/// The length of the start of `text` that the encoder keeps as it is.
std::size_t KeptLength(std::string_view text, bool leads) noexcept {
  std::size_t length = 0;
  while (length < text.size() && IsKept(text[length], leads && length == 0)) ++length;
  return length;
}

int DigitValue(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

std::string PercentEncode(std::string_view name) {
  if (name.empty()) return "%";
  std::string encoded;
  encoded.reserve(name.size());
  while (!name.empty()) {
    const std::size_t kept = KeptLength(name, encoded.empty());
    encoded.append(name.substr(0, kept));
    name.remove_prefix(kept);
    if (name.empty()) break;
    const auto byte = static_cast<unsigned char>(name.front());
    encoded += '%';
    encoded += kUpperDigits[byte >> 4U];
    encoded += kUpperDigits[byte & 15U];
    name.remove_prefix(1);
  }
  return encoded;
}

// Whatever the encoder would not have written (`%41`, a raw blank) has no name.
std::optional<std::string> PercentDecode(std::string_view encoded) {
  if (encoded.empty()) return std::nullopt;
  std::string name;
  if (encoded == "%") return name;
  name.reserve(encoded.size());
  while (!encoded.empty()) {
    const std::size_t kept = KeptLength(encoded, name.empty());
    name.append(encoded.substr(0, kept));
    encoded.remove_prefix(kept);
    if (encoded.empty()) break;
    if (encoded.size() < 3 || encoded.front() != '%') return std::nullopt;
    const int high = DigitValue(encoded[1]);
    const int low = DigitValue(encoded[2]);
    if (high < 0 || low < 0) return std::nullopt;
    const auto byte = static_cast<char>(high * 16 + low);
    if (IsKept(byte, name.empty())) return std::nullopt;
    name += byte;
    encoded.remove_prefix(3);
  }
  return name;
}

}  // namespace offsetstore::internal
