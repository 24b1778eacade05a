// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "offsetstore/backends/memory.h"
#include "offsetstore/migration/formats.h"

namespace offsetstore::testing {

namespace mig = offsetstore::migration;

inline Deadline Soon() {
  return Deadline::After(std::chrono::seconds(10));
}

struct ReadBack {
  Result<mig::FormatSummary> summary;
  std::vector<mig::Row> rows;  ///< Also those before an error.

  [[nodiscard]] std::string Why() const { return summary ? "" : summary.error().message; }
};

inline ReadBack ReadText(const std::string& text, const mig::FormatOptions& options = {}) {
  std::istringstream in(text);
  std::vector<mig::Row> rows;
  auto summary = mig::ReadRows(in, options, [&](mig::Row row) {
    rows.push_back(std::move(row));
    return Status();
  });
  return {std::move(summary), std::move(rows)};
}

inline mig::FormatOptions OfGroup(std::string group) {
  return {"", {}, std::move(group)};
}
inline mig::FormatOptions As(mig::Format format) {
  return {"", format, {}};
}

inline Entry At(std::int64_t position) {
  Entry entry;
  entry.position = Position(position);
  return entry;
}

inline mig::Row RowAt(std::string group, std::string topic, std::int32_t partition, Slot slot) {
  return {std::move(group), {{std::move(topic), partition}, std::move(slot), {}}, 0};
}

/// `g t[3] 7`, `g t[3] absent`.
inline std::string InShort(const mig::Row& row) {
  std::string slot = "absent";
  if (const auto* entry = std::get_if<Entry>(&row.read.slot)) {
    slot = std::to_string(entry->position.value());
  } else if (std::holds_alternative<Error>(row.read.slot)) {
    slot = "unreadable";
  }
  return row.group + " " + row.read.at.topic + "[" + std::to_string(row.read.at.partition) + "] " +
         slot;
}
inline std::vector<std::string> InShort(const std::vector<mig::Row>& rows) {
  std::vector<std::string> all;
  for (const mig::Row& row : rows) all.push_back(InShort(row));
  return all;
}

struct Written {
  std::string text;
  mig::Losses losses;
};

inline Written WriteText(mig::Format format, const std::vector<mig::Row>& rows) {
  Written written;
  StoreInfo from;
  from.scheme = "memory";
  auto writer = mig::MakeRowWriter(format, from, [&](std::string_view piece) {
    written.text += piece;
    return Status();
  });
  REQUIRE(writer);
  for (const mig::Row& row : rows) REQUIRE((*writer)->Add(row));
  REQUIRE((*writer)->Finish());
  written.losses = (*writer)->losses();
  return written;
}

inline bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Sets positions as an operator does.
inline void Put(OffsetStore& store,
                const std::string& group,
                const TopicPartition& at,
                std::int64_t position,
                const std::string& metadata = "",
                std::optional<std::int32_t> leader_epoch = {}) {
  const std::vector<Move> moves = {
      {at, Position(position), Kind::kSet, {}, Any{}, {}, leader_epoch, "", "", metadata}};
  const auto outcomes =
      store.Commit(group, moves, ThisProcess(Owner::Kind::kOperator), Atomicity::kEach, Soon());
  REQUIRE(outcomes);
  REQUIRE(outcomes->front().Ok());
}

inline std::unique_ptr<OffsetStore> NewMemory() {
  Result<std::unique_ptr<OffsetStore>> store = OpenMemoryStore({});
  REQUIRE(store);
  return *std::move(store);
}

}  // namespace offsetstore::testing
