// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "internal/utf8.h"

namespace offsetstore::internal {
namespace {

struct Shape {
  std::size_t bytes = 0;
  // Bounds of the second byte: they shut out overlong forms, surrogates and what is too large.
  unsigned low = 0x80;
  unsigned high = 0xBF;
};

Shape ShapeOf(unsigned lead) noexcept {
  if (lead < 0x80) return {1, 0, 0};
  if (lead >= 0xC2 && lead <= 0xDF) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

}  // namespace

std::size_t Utf8CharBytes(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const Shape shape = ShapeOf(at(0));
  if (shape.bytes == 0 || shape.bytes > text.size()) return 0;
  if (shape.bytes == 1) return 1;
  if (at(1) < shape.low || at(1) > shape.high) return 0;
  for (std::size_t i = 2; i < shape.bytes; ++i) {
    if (at(i) < 0x80 || at(i) > 0xBF) return 0;
  }
  return shape.bytes;
}

bool IsUtf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t bytes = Utf8CharBytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

}  // namespace offsetstore::internal
