// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What a process that works on a store writes down of it: one line before a call and one after, for
// each partition of the call.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace offsetstore::testing {

/// Names one call of one process. Every position that a call writes ends in its tag, and the owner
/// of a claim is named by it: whoever sees one knows which call made it.
using Tag = std::int64_t;

constexpr Tag kCallsOfProcess = 1'000'000;
constexpr std::int64_t kTags = 1'000 * kCallsOfProcess;
[[nodiscard]] constexpr Tag TagIn(std::int64_t position) noexcept {
  return position < 0 ? -(position % kTags) : position % kTags;
}
/// What a removal stores instead of a position. A store shows it as absent.
[[nodiscard]] constexpr std::int64_t Tombstone(Tag tag) noexcept {
  return -kTags - tag;
}

constexpr std::int64_t kAbsent = -1;
constexpr std::int64_t kUntold = -2;
/// When a call ends that never answered.
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

enum class Act : std::uint8_t {
  kClaim,        ///< Whoever holds it; with `counter`, after exactly that claim.
  kPoliteClaim,  ///< Where nobody holds it.
  kCommit,       ///< Under the claim `counter`.
  kFreeCommit,   ///< Without a claim.
  kSet,          ///< The operator's, after exactly the claim `counter`.
  kRemove,       ///< As `kSet`, to a tombstone. Refused, with `found` absent: nothing was there.
  kRelease,      ///< Of the claim `counter`.
  kRead,
};

enum class Ending : std::uint8_t {
  kApplied,
  kRefused,  ///< Fenced or in conflict.
  kFailed,   ///< Surely not applied.
  kDoubt,    ///< Also of a process that was killed.
};

/// One call as one partition saw it.
struct Operation {
  Tag tag = 0;
  int partition = 0;
  Act act = Act::kRead;
  std::uint64_t counter = 0;    ///< The claim that it is made under, or expects; 0: none.
  std::int64_t from = kUntold;  ///< A write: the position that it takes to be stored.
  std::int64_t to = kUntold;    ///< A write: the position that it stores.
  std::int64_t start = 0;       ///< Nanoseconds of the machine's monotonic clock.
  Ending end = Ending::kDoubt;
  std::uint64_t granted = 0;     ///< `kClaim`: the counter of the new claim.
  std::int64_t found = kUntold;  ///< The position that the answer shows.
  std::uint64_t seen = 0;        ///< The claim that the answer shows: the one before a claim, of a
                                 ///< read, the holder that fences. 0: none.
  Tag seen_by = 0;               ///< Who took it.
  bool seen_released = false;
  std::int64_t ended = kNever;
};

/// `commit 3000017 of partition 2 under claim 5, 1000004 to 2003000017`.
[[nodiscard]] std::string ToString(const Operation& operation);

/// The lines that say that these operations begin, and what became of them.
[[nodiscard]] std::string BeginLines(std::span<const Operation> operations);
[[nodiscard]] std::string EndLines(std::span<const Operation> operations);

/// What such lines say. A last line that was cut by a kill is left out; one that nobody wrote
/// throws.
[[nodiscard]] std::vector<Operation> ParseHistory(const std::string& lines);
[[nodiscard]] std::vector<Operation> ReadHistory(const std::filesystem::path& file);

}  // namespace offsetstore::testing
