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

}  // namespace

std::string PercentEncode(std::string_view name) {
  if (name.empty()) return "%";
  std::string encoded;
  encoded.reserve(name.size());
  for (const char c : name) {
    // A leading dot would make `.`, `..` and hidden files of ordinary names.
    if (IsPlain(c) || (c == '.' && !encoded.empty())) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kUpperDigits[byte >> 4U];
    encoded += kUpperDigits[byte & 15U];
  }
  return encoded;
}

std::optional<std::string> PercentDecode(std::string_view encoded) {
  std::string name;
  name.reserve(encoded.size());
  if (encoded != "%") {
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      if (encoded[i] != '%') {
        name += encoded[i];
        continue;
      }
      if (i + 2 >= encoded.size()) return std::nullopt;
      const std::size_t high = kUpperDigits.find(encoded[i + 1]);
      const std::size_t low = kUpperDigits.find(encoded[i + 2]);
      if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
      name += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  // Whatever the encoder would not have written (`%41`, a raw blank) has no name.
  if (PercentEncode(name) != encoded) return std::nullopt;
  return name;
}

}  // namespace offsetstore::internal
