// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// ASCII, whatever the locale says.
#pragma once

#include <string>
#include <string_view>

namespace offsetstore::internal {

/// As the library writes them.
inline constexpr std::string_view kHexDigits = "0123456789abcdef";

[[nodiscard]] inline std::string Hex(std::string_view bytes) {
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kHexDigits[byte >> 4U];
    hex += kHexDigits[byte & 15U];
  }
  return hex;
}

[[nodiscard]] constexpr bool IsDigit(char c) noexcept {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr char ToLower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// -1 where it is no hexadecimal digit, of either case.
[[nodiscard]] constexpr int HexValue(char c) noexcept {
  if (IsDigit(c)) return c - '0';
  const char lower = ToLower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace offsetstore::internal
