// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "internal/rules.h"
#include "offsetstore/result.h"

namespace offsetstore::sql {

/// One row beside its key, with the types that the columns should have. Empty texts are NULL.
struct Row {
  std::optional<std::int64_t> position;  ///< NULL = no position.
  std::optional<std::int64_t> leader_epoch;
  std::string topic_id;
  std::string cluster_id;
  std::string metadata;
  std::optional<std::int64_t> commit_time;  ///< Milliseconds since the epoch.
  std::string writer;
  std::int64_t counter = 0;  ///< 0 = never claimed.
  std::string nonce;         ///< 32 hexadecimal digits; NULL = never claimed.
  std::string owner;         ///< `ToText`.
  std::int64_t since = 0;    ///< `Owner::since`, milliseconds since the epoch.
  std::int64_t released = 0;
  std::int64_t removed = 0;
};

/// The record of a row; `Corrupt` names the first column that no release could have written.
[[nodiscard]] Result<internal::Record> ToRecord(Row row);

[[nodiscard]] Row ToRow(const internal::Record& record);

}  // namespace offsetstore::sql
