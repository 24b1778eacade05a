// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "internal/crc32.h"

#include <array>
#include <cstddef>

namespace offsetstore::internal {
namespace {

constexpr std::size_t kSlices = 8;
using Table = std::array<std::array<std::uint32_t, 256>, kSlices>;

constexpr std::uint32_t ShiftByte(std::uint32_t crc) {
  for (int bit = 0; bit < 8; ++bit) {
    crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return crc;
}

// tables[k][b] is the effect of byte b followed by k zero bytes: eight bytes go in one step.
constexpr Table MakeTables() {
  Table tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) tables[0][byte] = ShiftByte(byte);
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    for (std::size_t slice = 1; slice < kSlices; ++slice) {
      const std::uint32_t before = tables[slice - 1][byte];
      tables[slice][byte] = (before >> 8U) ^ tables[0][before & 0xFFU];
    }
  }
  return tables;
}

constexpr Table kTables = MakeTables();

std::uint32_t ByteAt(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

std::uint32_t Crc32(std::string_view bytes) noexcept {
  std::uint32_t crc = 0xFFFFFFFFU;
  std::size_t at = 0;
  for (; at + kSlices <= bytes.size(); at += kSlices) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < kSlices; ++i) {
      const std::uint32_t mixed = i < 4 ? (crc >> (8U * static_cast<unsigned>(i))) & 0xFFU : 0U;
      next ^= kTables[kSlices - 1 - i][mixed ^ ByteAt(bytes, at + i)];
    }
    crc = next;
  }
  for (; at < bytes.size(); ++at) {
    crc = (crc >> 8U) ^ kTables[0][(crc ^ ByteAt(bytes, at)) & 0xFFU];
  }
  return ~crc;
}

}  // namespace offsetstore::internal
