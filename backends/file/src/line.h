// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "internal/rules.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// The first columns of every line after the header.
struct LineHead {
  std::uint64_t number = 0;     ///< Running; goes on over compactions.
  std::uint64_t durable = 0;    ///< Highest number known durable when the line was written.
  std::uint64_t batch_end = 0;  ///< Number of the last line of its batch, which stands or falls
                                ///< with all of its lines.
  std::uint32_t batch_tag = 0;  ///< Random, for batches of several lines: a reader that takes no
                                ///< lock must not join lines of a batch that was cut away to
                                ///< those of the batch that took their place.
};

enum class LineOp : std::uint8_t {
  kCommit,   ///< A new entry; the claim stays.
  kClaim,    ///< A new, held claim; the entry stays.
  kRelease,  ///< That claim is given back.
  kSet,      ///< The whole record, visible.
  kRemove,   ///< The whole record, a tombstone.
  kKeep,     ///< The whole record, carried over by a compaction.
  kCut,      ///< A torn tail was cut here.
  kPoison,   ///< A sync of this file failed: it may be acknowledged on never again.
};

struct Line {
  LineHead head;
  LineOp op = LineOp::kKeep;
  TopicPartition at;
  std::optional<Entry> entry;
  std::optional<ClaimView> claim;
  bool removed = false;
  std::uint64_t cut_bytes = 0;
};

/// Appends the line that turns `before` into `after`, with its line end.
void AppendChange(std::string& out,
                  const LineHead& head,
                  const TopicPartition& at,
                  const Record& before,
                  const Record& after);

/// Appends the line of a snapshot: all of `record`.
void AppendKeep(std::string& out,
                const LineHead& head,
                const TopicPartition& at,
                const Record& record);

void AppendCut(std::string& out, const LineHead& head, std::uint64_t bytes);
void AppendPoison(std::string& out, const LineHead& head);

/// Reads a line whose checksum was checked and taken off; none where it cannot be understood.
[[nodiscard]] std::optional<Line> ParseLine(std::string_view body);

/// Does to `records` what the line says.
void Apply(Line&& line, RecordMap& records);

}  // namespace internal
}  // namespace offsetstore
