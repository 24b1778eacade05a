// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/types.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>

#include "internal/characters.h"
#include "offsetstore/process.h"

namespace offsetstore {
namespace {

std::uint64_t Mix(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

// For kernels without getrandom. A nonce must be unique, not secret: time, process and a count
// make it so.
void FillUnique(std::array<std::uint8_t, 16>& bytes) {
  static std::atomic<std::uint64_t> count{0};
  const auto ticks = std::chrono::system_clock::now().time_since_epoch().count();
  const std::uint64_t first = Mix(static_cast<std::uint64_t>(ticks));
  const std::uint64_t second =
      Mix((static_cast<std::uint64_t>(::getpid()) << 40U) + count.fetch_add(1));
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(first >> (8 * i));
    bytes[i + 8] = static_cast<std::uint8_t>(second >> (8 * i));
  }
}

std::string HostName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

std::optional<std::uint8_t> LowerHexValue(char digit) noexcept {
  const std::size_t value = internal::kHexDigits.find(digit);
  if (value == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(value);
}

}  // namespace

Time Now() noexcept {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string ToString(const TopicPartition& at) {
  return Printable(at.topic) + '[' + std::to_string(at.partition) + ']';
}

Nonce Nonce::Random() {
  Nonce nonce;
  // Up to 256 bytes are never cut short nor interrupted once the kernel's source is ready.
  if (::getentropy(nonce.bytes.data(), nonce.bytes.size()) != 0) FillUnique(nonce.bytes);
  return nonce;
}

std::optional<Nonce> Nonce::FromHex(std::string_view hex) noexcept {
  Nonce nonce;
  if (hex.size() != 2 * nonce.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < nonce.bytes.size(); ++i) {
    const auto high = LowerHexValue(hex[2 * i]);
    const auto low = LowerHexValue(hex[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    nonce.bytes[i] = static_cast<std::uint8_t>((*high << 4U) | *low);
  }
  return nonce;
}

std::string Nonce::Hex() const {
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    hex += internal::kHexDigits[byte >> 4U];
    hex += internal::kHexDigits[byte & 15U];
  }
  return hex;
}

Owner ThisProcess(Owner::Kind kind, std::string name) {
  Owner owner;
  owner.kind = kind;
  owner.name = std::move(name);
  owner.host = HostName();
  owner.pid = ::getpid();
  owner.process = ProcessIdentity();
  owner.since = Now();
  return owner;
}

std::string ToString(const Owner& owner) {
  std::string text = owner.kind == Owner::Kind::kMember ? "member" : "operator";
  if (!owner.name.empty()) text += ' ' + Printable(owner.name);
  text += " (host " + Printable(owner.host) + ", pid " + std::to_string(owner.pid);
  return text + ", since " + ToString(owner.since) + ')';
}

std::string ToString(Time time) {
  using std::chrono::days;
  using std::chrono::floor;
  // A foreign clock's nonsense is shown as the nearest date with four digits.
  constexpr Time kFirst = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
  constexpr Time kLast =
      Time(std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)) - std::chrono::milliseconds(1);
  time = std::clamp(time, kFirst, kLast);
  const auto day = floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(),
                text.size(),
                "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

}  // namespace offsetstore
