// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/lag.h"

#include <algorithm>
#include <utility>

#include "offsetstore/migration/cached_logs.h"

namespace offsetstore::migration {
namespace {

void Compare(LagRow& row, Position position) {
  const LogRange& log = *row.log;
  // Nothing before the log's start can be read any more, so nothing there is left to do.
  const Position from = std::max(position, log.start);
  row.lag = std::max<std::int64_t>(0, log.end.value() - from.value());
  if (position < log.start) row.note = "before the log's start";
  if (position > log.end) row.note = "beyond the log's end";
}

LagRow RowOf(Read read, LogView& logs, Deadline deadline) {
  LagRow row;
  row.read = std::move(read);
  if (const auto* unreadable = std::get_if<Error>(&row.read.slot)) row.error = *unreadable;
  const Result<LogRange> log = RangeOf(logs, row.read.at, deadline);
  if (log) {
    row.log = *log;
  } else if (log.error().code == ErrorCode::kOutOfRange) {
    row.note = log.error().message;
  } else if (!row.error) {
    row.error = log.error();
  }
  const auto* entry = std::get_if<Entry>(&row.read.slot);
  if (entry != nullptr && row.log) Compare(row, entry->position);
  return row;
}

}  // namespace

std::vector<LagRow> LagOf(std::vector<Read> reads, LogView& logs, Deadline deadline) {
  CachedLogs cached(logs);
  std::vector<LagRow> rows;
  rows.reserve(reads.size());
  for (Read& read : reads) rows.push_back(RowOf(std::move(read), cached, deadline));
  return rows;
}

bool LagsMore(const LagRow& a, const LagRow& b) noexcept {
  return a.lag.value_or(-1) > b.lag.value_or(-1);
}

}  // namespace offsetstore::migration
