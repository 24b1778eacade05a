// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "names.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "internal/characters.h"
#include "internal/percent.h"
#include "offsetstore/types.h"

namespace offsetstore::internal {
namespace {

// A name has 255 bytes at most; `.log.damaged-<n>` and `.tmp-<16 digits>` must find room.
constexpr std::size_t kLongestBase = 220;
constexpr std::size_t kKeptOfLong = 160;
constexpr std::size_t kTempDigits = 16;
constexpr std::string_view kTemp = ".tmp-";

std::uint64_t Fnv1a(std::string_view text, std::uint64_t basis) noexcept {
  for (const char c : text) {
    basis = (basis ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  }
  return basis;
}

std::string Hex(std::uint64_t number) {
  std::string digits(16, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, number >>= 4U) {
    *digit = kHexDigits[number & 15U];
  }
  return digits;
}

// The encoder never writes `~`, so a shortened name is no other name's encoding. Two long names
// with one hash would meet in one file; its header then refuses the second.
std::string Shortened(std::string encoded, std::string_view name) {
  if (encoded.size() <= kLongestBase) return encoded;
  encoded.resize(kKeptOfLong);
  return encoded + '~' + Hex(Fnv1a(name, 0xCBF29CE484222325U)) +
         Hex(Fnv1a(name, 0x9E3779B97F4A7C15U));
}

}  // namespace

std::string FileBase(std::string_view group) {
  return Shortened(PercentEncode(group), group);
}

std::string SpaceFolderName(std::string_view space) {
  return space.empty() ? "groups" : "groups@" + Shortened(PercentEncode(space), space);
}

std::optional<std::string_view> LogBase(std::string_view file) {
  constexpr std::string_view kLog = ".log";
  if (!file.ends_with(kLog) || file.size() == kLog.size()) return std::nullopt;
  file.remove_suffix(kLog.size());
  return file;
}

std::optional<std::string_view> TempBase(std::string_view file) {
  if (file.size() <= kTemp.size() + kTempDigits) return std::nullopt;
  const std::size_t end = file.size() - kTempDigits;
  const std::string_view base = file.substr(0, end - kTemp.size());
  const bool ours = file.substr(base.size(), kTemp.size()) == kTemp &&
                    file.find_first_not_of(kHexDigits, end) == std::string_view::npos;
  return ours ? std::optional(base) : std::nullopt;
}

std::string TempName(std::string_view base) {
  return std::string(base) + std::string(kTemp) + Nonce::Random().Hex().substr(0, kTempDigits);
}

std::optional<std::string> GroupOf(std::string_view base) {
  return PercentDecode(base);
}

}  // namespace offsetstore::internal
