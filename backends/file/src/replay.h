// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "header.h"
#include "internal/rules.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// All that a group's file says, up to its last whole batch.
struct LogState {
  FileHeader header;
  RecordMap records;
  std::uint64_t last = 0;   ///< Number of the last accepted line.
  std::uint64_t mark = 0;   ///< Highest number that the file knows as durable.
  std::uint64_t end = 0;    ///< Bytes accepted, the header included.
  std::uint64_t lines = 0;  ///< Lines accepted, without the header.
  std::uint64_t cuts = 0;   ///< Torn tails cut in the life of the file and those before it.
  bool poisoned = false;    ///< A sync of it failed: nothing may be acknowledged on it.
};

/// The state of a file of which only the header was read.
[[nodiscard]] LogState StateAfter(FileHeader header, std::uint64_t header_bytes);

/// Accepts the whole batches that `bytes`, which follow `state.end`, starts with. Returns how many
/// bytes these are.
std::size_t Accept(LogState& state, std::string_view bytes);

/// What the bytes are that `Accept` left.
struct Tail {
  /// A damage at or below the durable mark, or a line that is whole but not understood. Otherwise
  /// the tail is torn: a writer died, or writes just now, or power was lost before a sync.
  bool corrupt = false;
  std::uint64_t line =
      0;  ///< Line of the file, the header being line 1, that is the first bad one.
  std::uint64_t mark = 0;  ///< The highest durable mark found anywhere.
  std::string problem;     ///< For people.
};
[[nodiscard]] Tail Judge(const LogState& state, std::string_view rest);

}  // namespace internal
}  // namespace offsetstore
